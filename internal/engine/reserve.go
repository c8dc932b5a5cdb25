// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import "time"

var _ Workers = (*Runner)(nil)

// Reserve implements Workers. What was left behind before goes first.
func (r *Runner) Reserve(lane string) (owner string, lease time.Duration, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case !r.open:
		return "", 0, false
	case r.short || r.held >= r.cfg.Workers:
		r.short = true
		return "", 0, false
	case r.behind[lane] || r.busy[lane] >= r.cfg.PerLane:
		r.behind[lane] = true
		return "", 0, false
	}
	r.done.Add(1)
	r.busy[lane]++
	r.held++
	return r.cfg.Owner, r.cfg.Lease, true
}

// Begin implements Workers. After Stop the work ends at once, and its lease by
// itself.
func (r *Runner) Begin(w Work) { r.begin(w) }

// Cancel implements Workers.
func (r *Runner) Cancel(lane string) {
	r.finished(lane, false)
	r.done.Done()
}

// Wake implements Workers.
func (r *Runner) Wake() { poke(r.wake) }
