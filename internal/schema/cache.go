// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// verdictAge is how long a verdict on a schema is believed.
const verdictAge = 5 * time.Second

// slot is what is known of an address: a schema, or why there is none.
type slot struct {
	schema *compiled
	err    error // a verdict, where it is kept
	at     time.Time
}

func (s *slot) fresh(now time.Time, ttl time.Duration) bool {
	if s.err != nil {
		ttl = verdictAge
	}
	age := now.Sub(s.at)
	return age < ttl && age > -ttl
}

// cached returns a schema from the cache. One caller fetches what is not there
// and the others wait for it.
func (f *Fetcher) cached(ctx context.Context, url string) (*compiled, error) {
	now := f.cfg.Now()
	s, err := f.cache.Get(ctx, url, func(s *slot) bool { return s.fresh(now, f.cfg.TTL) }, func(*slot) (*slot, bool) {
		s := f.load(ctx, url)
		return s, !errors.Is(s.err, ErrUnavailable)
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return s.schema, s.err
}

func (f *Fetcher) load(ctx context.Context, url string) *slot {
	s := &slot{at: f.cfg.Now()}
	raw, err := f.fetch(ctx, url)
	if err == nil {
		s.schema, err = compile(url, raw)
	}
	s.err = err
	return s
}
