// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"sync"
)

// turns has the steps of one process follow each other on this core. The store
// alone says which of two steps counts; but the answer to our message and the
// peer's next one come at the same moment, and the one that loses is judged,
// written and read again in vain.
type turns struct {
	mu   sync.Mutex
	held map[Change]*turn
}

type turn struct {
	free  chan struct{} // holds a token while nobody has the turn
	users int           // who have it or wait for it
}

// take waits for the turn of a process, and returns how to end it. Whoever gave
// up waiting goes on without: the store refuses what is overtaken. A nil turns
// has nobody wait.
func (t *turns) take(ctx context.Context, id Change) (end func()) {
	if t == nil {
		return func() {}
	}
	one := t.enter(id)
	select {
	case <-one.free:
		return func() { one.free <- struct{}{}; t.leave(id, one) }
	case <-ctx.Done():
		return func() { t.leave(id, one) }
	}
}

func (t *turns) enter(id Change) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	one := t.held[id]
	if one == nil {
		one = &turn{free: make(chan struct{}, 1)}
		one.free <- struct{}{}
		if t.held == nil {
			t.held = map[Change]*turn{}
		}
		t.held[id] = one
	}
	one.users++
	return one
}

func (t *turns) leave(id Change, one *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if one.users--; one.users == 0 {
		delete(t.held, id)
	}
}
