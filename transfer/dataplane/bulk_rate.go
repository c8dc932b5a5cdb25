// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"sync"
	"time"
)

// pace bounds the bytes that pass in a second, of all who share it.
type pace struct {
	rate  int64 // bytes a second
	now   func() time.Time
	timer func(time.Duration) (<-chan time.Time, func())

	mu   sync.Mutex
	free time.Time // when the bytes that have passed are paid for
}

// burst is how far what passes may run ahead.
const burst = 100 * time.Millisecond

// newPace returns nil for a rate of 0, which bounds nothing.
func newPace(rate int64, now func() time.Time, timer func(time.Duration) (<-chan time.Time, func())) *pace {
	if rate <= 0 {
		return nil
	}
	return &pace{rate: rate, now: now, timer: timer}
}

// piece is how many bytes to move together, up to most.
func (p *pace) piece(most int) int {
	if p == nil {
		return most
	}
	return int(min(int64(most), max(p.rate/16, 1<<10)))
}

// wait takes n bytes, and returns when they may pass.
func (p *pace) wait(ctx context.Context, n int) error {
	if p == nil || n <= 0 {
		return nil
	}
	p.mu.Lock()
	now := p.now()
	if p.free.Before(now) {
		p.free = now
	}
	p.free = p.free.Add(time.Duration(float64(n) / float64(p.rate) * float64(time.Second)))
	pause := p.free.Sub(now) - burst
	p.mu.Unlock()
	if pause <= 0 {
		return nil
	}
	fired, stop := p.timer(pause)
	defer stop()
	select {
	case <-fired:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
