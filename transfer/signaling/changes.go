// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import "sync"

// changes wakes those who watch a flow.
type changes struct {
	mu      sync.Mutex
	watched map[[2]string]*watch
}

type watch struct {
	changed chan struct{}
	by      int
}

// watch returns a channel that is closed at the next change of a flow. stop
// must be called once.
func (c *changes) watch(contextID, process string) (changed <-chan struct{}, stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := [2]string{contextID, process}
	w := c.watched[key]
	if w == nil {
		w = &watch{changed: make(chan struct{})}
		if c.watched == nil {
			c.watched = map[[2]string]*watch{}
		}
		c.watched[key] = w
	}
	w.by++
	return w.changed, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if w.by--; w.by == 0 && c.watched[key] == w {
			delete(c.watched, key)
		}
	}
}

// tell wakes all who watch a flow.
func (c *changes) tell(contextID, process string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := [2]string{contextID, process}
	if w := c.watched[key]; w != nil {
		close(w.changed)
		delete(c.watched, key)
	}
}
