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
	for {
		s, f, lead := c.cache.enter(k, asked, age)
		switch {
		case lead:
			return c.lead(ctx, k, f, s)
		case f == nil:
			return s.result()
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: a status list: %w", trust.ErrUnavailable, ctx.Err())
		}
		if f.err != nil && !f.ended {
			return nil, f.err
		}
		if f.slot != nil && f.slot.fresh(asked, age) {
			return f.slot.result()
		}
	}
}

func (s *slot) result() (*statusList, error) {
	if s.refusal != nil {
		return nil, s.refusal
	}
	return s.list, nil
}

// lead asks for the list on behalf of all who wait.
func (c *Checker) lead(ctx context.Context, k key, f *flight, before *slot) (*statusList, error) {
	f.ended = true // until it is known better: not even a panic may leave others waiting
	defer func() { c.cache.leave(k, f) }()
	var previous *statusList
	if before != nil {
		previous = before.list
	}
	at := c.cfg.Now()
	l, err := c.load(ctx, k, at, previous)
	f.ended = ctx.Err() != nil
	if refusal, ok := errors.AsType[*trust.Refusal](err); ok {
		f.slot = &slot{key: k, refusal: refusal, at: at}
		return nil, refusal
	}
	if err != nil {
		f.err = err
		return nil, err
	}
	f.slot = &slot{key: k, list: l, at: at}
	return l, nil
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
