// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"sync"
	"time"
)

// life is a context that ends with Close, and what goes on in it.
type life struct {
	ended chan struct{}

	mu     sync.Mutex
	closed bool
	work   sync.WaitGroup
}

func newLife() life { return life{ended: make(chan struct{})} }

// beside runs f until it is done; its context ends with the life. false: that
// is over.
func (l *life) beside(f func(ctx context.Context)) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.work.Go(func() { f(ending{l.ended}) })
	return true
}

// close ends it, and waits for what goes on.
func (l *life) close() {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.ended)
	}
	l.mu.Unlock()
	l.work.Wait()
}

// ending is the context of a life.
type ending struct{ ended chan struct{} }

func (ending) Deadline() (time.Time, bool) { return time.Time{}, false }
func (e ending) Done() <-chan struct{}     { return e.ended }
func (ending) Value(any) any               { return nil }
func (e ending) Err() error {
	select {
	case <-e.ended:
		return context.Canceled
	default:
		return nil
	}
}
