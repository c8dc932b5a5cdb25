// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"maps"
	"time"
)

// claims takes due work until ctx ends.
func (r *Runner) claims(ctx context.Context) {
	var unparked time.Time
	for ctx.Err() == nil {
		if now := r.Now(); now.Sub(unparked).Abs() >= unparkPause { // also when our own clock was wrong
			unparked = now
			r.unpark(ctx)
		}
		next, full := r.claim(ctx)
		pause := r.cfg.Sweep
		if !next.IsZero() && !full {
			pause = min(pause, max(next.Sub(r.Now()), 0))
		}
		fired, stop := r.cfg.Timer(pause)
		select {
		case <-r.wake:
		case <-fired:
		case <-ctx.Done():
		}
		stop()
	}
}

// A replica whose clock is ahead leases work for too long. By how much it may
// be ahead, and how often is looked for one that was further.
const (
	maxAhead    = time.Hour
	unparkPause = time.Minute
)

func (r *Runner) unpark(ctx context.Context) {
	latest := r.Now().Add(max(10*r.cfg.Lease, maxAhead))
	if err := r.Store.Unpark(ctx, latest); err != nil && ctx.Err() == nil {
		r.Log.Warn("ending leases of a clock that was wrong failed", "error", err)
	}
}

// claim takes what is due and free to be done, and starts it.
func (r *Runner) claim(ctx context.Context) (next time.Time, full bool) {
	for ctx.Err() == nil {
		req := r.request()
		if req.Limit <= 0 {
			return time.Time{}, true // the end of some work wakes us
		}
		work, next, err := r.Claim(ctx, req)
		if err != nil {
			if ctx.Err() == nil {
				r.Log.Warn("claiming work failed", "error", err)
			}
			return r.Now().Add(time.Second), false
		}
		r.claimed(req, work)
		for _, w := range work {
			r.start(ctx, w)
		}
		if len(work) < req.Limit {
			return next, false
		}
	}
	return time.Time{}, false
}

func (r *Runner) request() ClaimRequest {
	r.mu.Lock()
	defer r.mu.Unlock()
	busy := make(map[string]int, len(r.busy))
	maps.Copy(busy, r.busy)
	clear(r.behind)
	r.short = r.held >= r.cfg.Workers
	return ClaimRequest{
		Owner: r.cfg.Owner, Now: r.Now(), Lease: r.cfg.Lease,
		Limit: r.cfg.Workers - r.held, PerLane: r.cfg.PerLane, Busy: busy,
	}
}

// claimed counts what was claimed. A lane that was full when it was looked for may
// have left more behind, which goes before what comes later. Where a worker of it
// has ended since, nobody's end would have that looked for.
func (r *Runner) claimed(req ClaimRequest, work []Work) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range work {
		r.done.Add(1)
		r.busy[w.Lane]++
		r.held++
		req.Busy[w.Lane]++
	}
	for lane, n := range req.Busy {
		if n < r.cfg.PerLane {
			continue
		}
		r.behind[lane] = true
		if r.busy[lane] < r.cfg.PerLane {
			poke(r.wake)
		}
	}
}
