// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"sync"
	"time"
)

// Timer starts a timer; stop releases it.
type Timer func(time.Duration) (fired <-chan time.Time, stop func())

// hub wakes those who wait for a commit of one process.
type hub struct {
	timer Timer
	now   func() time.Time
	// load returns the version; remembered: as this process committed it last,
	// if it remembers that.
	load func(ctx context.Context, c Change, remembered bool) (int64, error)

	mu      sync.Mutex
	waiting map[Change][]chan struct{}
}

// pollWaiting is how often a waiting handler looks by itself, in case the
// commit was another process's and its notice got lost.
const pollWaiting = 250 * time.Millisecond

// committed wakes everyone who waits for c.
func (h *hub) committed(c Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, ch := range h.waiting[c] {
		close(ch)
	}
	delete(h.waiting, c)
}

func (h *hub) subscribe(c Change) (ch chan struct{}, cancel func()) {
	ch = make(chan struct{})
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting[c] = append(h.waiting[c], ch)
	return ch, func() { h.remove(c, ch) }
}

func (h *hub) remove(c Change, ch chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := h.waiting[c]
	for i := range list {
		if list[i] == ch {
			h.waiting[c] = append(list[:i:i], list[i+1:]...)
			break
		}
	}
	if len(h.waiting[c]) == 0 {
		delete(h.waiting, c)
	}
}

// Wait implements Waiter.
func (h *hub) Wait(ctx context.Context, c Change, version int64, until time.Time) bool {
	for told := true; ; { // told: what this process remembers is news enough
		ch, cancel := h.subscribe(c)
		changed, err := h.changed(ctx, c, version, told) // after subscribing, so that no commit is missed
		if err != nil || changed {
			cancel()
			return err == nil
		}
		left := until.Sub(h.now())
		if left <= 0 {
			cancel()
			return false
		}
		fired, stop := h.timer(min(left, pollWaiting))
		select {
		case <-ch:
			told = true
		case <-fired:
			told = false
		case <-ctx.Done():
		}
		stop()
		cancel()
		if ctx.Err() != nil {
			return false
		}
	}
}

// changed reports whether the process is committed at another version. What is
// remembered may be older than what the caller has seen: then it says nothing.
func (h *hub) changed(ctx context.Context, c Change, version int64, remembered bool) (bool, error) {
	v, err := h.load(ctx, c, remembered)
	if err == nil && remembered && v < version {
		v, err = h.load(ctx, c, false)
	}
	return v != version, err
}
