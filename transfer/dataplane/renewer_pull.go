// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// pull is what is in memory of one address of a transfer.
type pull struct {
	base  []byte
	start int64 // as held.Start; under the Renewer's mu

	mu     sync.Mutex
	loaded bool
	now    held
	flight *flight
	failed error     // of the last renewal
	again  time.Time // when another may be tried
}

// maxPulls bounds what is in memory; the rest is in the store.
const maxPulls = 10_000

// pull finds what is in memory. A newer address takes the place of the one
// before, whose renewal may go on meanwhile and is nobody's then.
func (r *Renewer) pull(c Pulling) (*pull, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key, base := [2]string{c.Context, c.Process}, c.base()
	p := r.pulls[key]
	switch {
	case p != nil && string(p.base) == string(base):
		p.start = max(p.start, c.Version)
		return p, nil
	case p != nil && p.start >= c.Version:
		return nil, ErrSuperseded
	case p == nil && len(r.pulls) >= maxPulls:
		clear(r.pulls) // who is in one keeps it; the store knows the rest
	}
	p = &pull{base: base, start: c.Version}
	r.pulls[key] = p
	return p, nil
}

// look returns the tokens, or the renewal to wait for.
func (r *Renewer) look(ctx context.Context, p *pull, c Pulling, renewal transfer.Renewal, refused string) (held, *flight, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.loaded {
		h, err := r.load(ctx, c, renewal)
		if err != nil {
			return held{}, nil, err
		}
		p.now, p.loaded = h, true
	}
	now := r.cfg.Now()
	good := p.now.good(now) && p.now.Access != refused
	if good && now.Before(p.now.due()) {
		return p.now, nil, nil
	}
	if p.flight == nil && now.Before(p.again) { // many callers must not ask more often than one
		if good {
			return p.now, nil, nil
		}
		return held{}, nil, p.failed
	}
	if p.flight == nil {
		p.flight = &flight{done: make(chan struct{})}
		f := p.flight
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flightTime)
		r.flights.Go(func() { r.fly(ctx, cancel, p, f, c, renewal, refused) })
	}
	if good {
		return p.now, nil, nil
	}
	return held{}, p.flight, nil
}
