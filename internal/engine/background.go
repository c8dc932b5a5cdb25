// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"time"
)

// noticePause coalesces what other processes are told; it is outside the path
// of a message on this one.
const noticePause = 5 * time.Millisecond

// notices tells the other processes on the store what changed here.
func (r *Runner) notices(ctx context.Context) {
	for {
		select {
		case <-r.told:
		case <-ctx.Done():
			return
		}
		if !r.pause(ctx, noticePause) {
			return
		}
		r.mu.Lock()
		list := make([]Change, 0, len(r.changed))
		for c := range r.changed {
			list = append(list, c)
		}
		clear(r.changed)
		r.mu.Unlock()
		if err := r.Store.Notify(ctx, list); err != nil && ctx.Err() == nil {
			r.Log.Warn("notifying other processes failed; their sweep will find the work", "error", err)
		}
	}
}

// listen wakes this process for what others committed.
func (r *Runner) listen(ctx context.Context) {
	for ctx.Err() == nil {
		err := r.Store.Listen(ctx, func(c Change) {
			r.Changed(c)
			r.hub.committed(c)
			poke(r.wake)
			poke(r.rows)
		})
		if ctx.Err() != nil {
			return
		}
		r.Log.Warn("listening to other processes ended; trying again", "error", err)
		r.pause(ctx, time.Second)
	}
}

// sequence gives journal rows their positions and signs the heads.
func (r *Runner) sequence(ctx context.Context) {
	const batch = 500
	for ctx.Err() == nil {
		n, err := r.Store.Sequence(ctx, r.cfg.Owner, r.Now(), batch)
		switch {
		case err != nil && ctx.Err() == nil:
			r.Log.Warn("sequencing the journal failed", "error", err)
		case n == batch:
			continue
		}
		r.sign(ctx)
		fired, stop := r.cfg.Timer(r.cfg.Sweep)
		select {
		case <-r.rows:
			r.pause(ctx, 20*time.Millisecond) // rows come in bursts
		case <-fired:
		case <-ctx.Done():
		}
		stop()
	}
}

// sign signs the journal's new heads, at most once a round.
func (r *Runner) sign(ctx context.Context) {
	if r.cfg.Sign == nil {
		return
	}
	heads, err := r.Store.Heads(ctx)
	for _, h := range heads {
		if h.KeyID, h.Signature, err = r.cfg.Sign(ctx, h.Context, h.Hash, h.Position); err != nil {
			break
		}
		h.At = r.Now()
		if err = r.Store.PutHead(ctx, h); err != nil {
			break
		}
	}
	if err != nil && ctx.Err() == nil {
		r.Log.Warn("signing the journal failed", "error", err)
	}
}

// pause waits for d; false when ctx ended.
func (r *Runner) pause(ctx context.Context, d time.Duration) bool {
	fired, stop := r.cfg.Timer(d)
	defer stop()
	select {
	case <-fired:
		return true
	case <-ctx.Done():
		return false
	}
}
