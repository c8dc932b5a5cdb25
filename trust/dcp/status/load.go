// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

// reprove is how long a signature that was checked is believed of a list that
// its server calls unchanged: a key that the issuer withdrew is noticed then.
const reprove = 5 * time.Minute

// list returns a list that is no older than it may be. One caller asks and the
// others wait for it.
func (c *Checker) list(ctx context.Context, e Entry, url string) (*statusList, error) {
	k, asked, age := key{e.Issuer, url}, c.cfg.Now(), c.cfg.MaxAge
	if e.MaxAge != 0 {
		age = max(min(age, e.MaxAge), 0)
	}
	s, err := c.cache.Get(ctx, k, func(s *slot) bool { return s.fresh(asked, age) }, func(before *slot) (*slot, bool) {
		s := c.ask(ctx, k, before)
		_, refused := errors.AsType[*trust.Refusal](s.err)
		return s, s.err == nil || refused
	})
	if err != nil {
		return nil, fmt.Errorf("%w: a status list: %w", trust.ErrUnavailable, err)
	}
	return s.list, s.err
}

// ask gets the list, or why there is none.
func (c *Checker) ask(ctx context.Context, k key, before *slot) *slot {
	var previous *statusList
	if before != nil {
		previous = before.list
	}
	s := &slot{at: c.cfg.Now()}
	s.list, s.err = c.load(ctx, k, s.at, previous)
	return s
}

func (c *Checker) load(ctx context.Context, k key, at time.Time, previous *statusList) (*statusList, error) {
	if previous != nil && (previous.ended(at) || at.Sub(previous.proved) >= reprove) {
		previous = nil
	}
	a, err := c.fetch(ctx, k.url, previous)
	if err != nil {
		return nil, err
	}
	if a.unchanged {
		return previous, nil
	}
	l, err := c.read(ctx, a.body, k.issuer)
	if err != nil {
		return nil, err
	}
	if l.ended(at) { // a verdict on what is served, for all who ask
		return nil, l.tooLate()
	}
	l.proved, l.etag, l.modified = at, a.etag, a.modified
	return l, nil
}
