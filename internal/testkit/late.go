// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"sync"
	"testing"
	"time"
)

// Lateness notes when the machine let the program wait. What promises to be
// done within a time is judged without it, so that the promise is the same on a
// machine with much else to do.
type Lateness struct {
	mu   sync.Mutex
	late []span
}

type span struct{ from, to time.Time }

// beat is how often is looked, and slack how late a look may be for nothing.
const (
	beat  = 10 * time.Millisecond
	slack = 5 * time.Millisecond
)

// NewLateness notes until the test ends.
func NewLateness(t testing.TB) *Lateness {
	t.Helper()
	l := &Lateness{}
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		timer := time.NewTimer(beat)
		defer timer.Stop()
		for due := time.Now().Add(beat); ; due = time.Now().Add(beat) {
			timer.Reset(beat)
			select {
			case <-timer.C:
				l.beats(due, time.Now())
			case <-over:
				return
			}
		}
	}()
	t.Cleanup(func() { close(over); <-ended })
	return l
}

// beats notes a look that was due at a time and came at another.
func (l *Lateness) beats(due, at time.Time) {
	if at.Sub(due) <= slack {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.late = append(l.late, span{due, at})
}

// Between is how long the program waited for the machine between two moments.
func (l *Lateness) Between(from, to time.Time) (sum time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.late {
		begin, end := s.from, s.to
		if begin.Before(from) {
			begin = from
		}
		if end.After(to) {
			end = to
		}
		sum += max(end.Sub(begin), 0)
	}
	return sum
}
