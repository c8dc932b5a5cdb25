// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package cache

import (
	"container/list"
	"context"
	"sync"
)

// Cache keeps the answers used last. It is safe for concurrent use.
type Cache[K comparable, V any] struct {
	mu      sync.Mutex
	room    int // what is left of the bound
	size    func(K, V) int
	order   *list.List // of slot[K, V], the one used last in front
	slots   map[K]*list.Element
	flights map[K]*flight[V]
}

type slot[K comparable, V any] struct {
	key   K
	value V
	size  int
}

// flight is an answer that is being asked for. Its result is set before done
// is closed.
type flight[V any] struct {
	done  chan struct{}
	value V
	keep  bool
	left  bool // the one who asked gave up: another has to ask
}

// New makes a cache. The sizes of all that it keeps are together at most
// bound; an answer that is larger is not kept.
func New[K comparable, V any](bound int, size func(K, V) int) *Cache[K, V] {
	return &Cache[K, V]{
		room: bound, size: size, order: list.New(),
		slots: make(map[K]*list.Element), flights: make(map[K]*flight[V]),
	}
}

// Get returns a kept answer that is fresh, or what ask returns. Of callers at
// the same time one asks and all others wait. ask is given the answer that it
// replaces, if there is one, and says whether its own is kept; one that is not
// is only for those who wait, and not even for them where the context of the
// one who asked has ended. The error is that of the caller's own context,
// which ended while it waited.
func (c *Cache[K, V]) Get(ctx context.Context, k K, fresh func(V) bool, ask func(before V) (answer V, keep bool)) (V, error) {
	for {
		v, f, lead := c.enter(k, fresh)
		switch {
		case lead:
			return c.lead(ctx, k, f, func() (V, bool) { return ask(v) }), nil
		case f == nil:
			return v, nil
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			var none V
			return none, ctx.Err()
		}
		if f.keep && fresh(f.value) || !f.keep && !f.left {
			return f.value, nil
		}
	}
}

// enter returns a fresh answer; or the flight to wait for; or, where lead is
// true, the flight that the caller has to make and the answer it replaces.
func (c *Cache[K, V]) enter(k K, fresh func(V) bool) (v V, f *flight[V], lead bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.slots[k]; ok {
		v = e.Value.(slot[K, V]).value
		if fresh(v) {
			c.order.MoveToFront(e)
			return v, nil, false
		}
	}
	if f, ok := c.flights[k]; ok {
		return v, f, false
	}
	f = &flight[V]{done: make(chan struct{}), left: true} // not even a panic may leave others waiting
	c.flights[k] = f
	return v, f, true
}

// lead asks on behalf of all who wait.
func (c *Cache[K, V]) lead(ctx context.Context, k K, f *flight[V], ask func() (V, bool)) V {
	defer c.leave(k, f)
	f.value, f.keep = ask()
	f.left = ctx.Err() != nil
	return f.value
}

// leave ends a flight and keeps what it brought.
func (c *Cache[K, V]) leave(k K, f *flight[V]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.flights, k)
	close(f.done)
	if f.keep {
		c.keep(k, f.value)
	}
}

// Put keeps an answer that nobody asked for, in the place of the one before.
func (c *Cache[K, V]) Put(k K, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep(k, v)
}

// Peek returns a kept answer, however fresh.
func (c *Cache[K, V]) Peek(k K) (v V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.slots[k]
	if !ok {
		return v, false
	}
	c.order.MoveToFront(e)
	return e.Value.(slot[K, V]).value, true
}

func (c *Cache[K, V]) keep(k K, v V) {
	if e, ok := c.slots[k]; ok {
		c.drop(e)
	}
	s := slot[K, V]{k, v, c.size(k, v)}
	c.slots[k] = c.order.PushFront(s)
	for c.room -= s.size; c.room < 0; {
		c.drop(c.order.Back())
	}
}

func (c *Cache[K, V]) drop(e *list.Element) {
	s := c.order.Remove(e).(slot[K, V])
	delete(c.slots, s.key)
	c.room += s.size
}

// Len returns how many answers are kept, and how many are being asked for.
func (c *Cache[K, V]) Len() (kept, asking int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.order.Len(), len(c.flights)
}
