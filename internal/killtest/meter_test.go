// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package killtest

import (
	"context"
	"sync"
	"time"
)

// meter counts the steps that the run has made, and wakes who waits for one.
type meter struct {
	mu      sync.Mutex
	steps   int
	changed chan struct{} // closed at the next step
}

func newMeter() *meter { return &meter{changed: make(chan struct{})} }

func (m *meter) step() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.steps++
	close(m.changed)
	m.changed = make(chan struct{})
}

func (m *meter) now() (steps int, changed <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.steps, m.changed
}

// reach waits until the run has made that many steps; false when ctx ended.
func (m *meter) reach(ctx context.Context, steps int) bool {
	for {
		now, changed := m.now()
		if now >= steps {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// pause lets time pass for the processes under test, whose inside nothing here
// can wait for; false when ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
