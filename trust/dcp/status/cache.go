// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"container/list"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

const (
	// maxCached bounds the lists that are kept, in bytes of memory.
	maxCached = 64 << 20
	// slotBytes is what a slot takes besides the bits, roughly.
	slotBytes = 1 << 10
	// refusalAge is how long a verdict on a list is believed: long enough that
	// a crowd of messages asks once, short enough that a mended list is seen.
	refusalAge = 2 * time.Second
)

// key names a list: whose it must be, and where it is. With the issuer in it
// nobody can have a list judged by another's key.
type key struct{ issuer, url string }

// slot is what is known of a list: either it or why it is refused.
type slot struct {
	key     key
	list    *statusList
	refusal *trust.Refusal
	at      time.Time // when it was asked for
}

func (s *slot) size() int {
	n := slotBytes + len(s.key.url)
	if s.list != nil {
		n += len(s.list.bits)
	}
	return n
}

// fresh reports whether the slot answers a question asked at a time.
func (s *slot) fresh(asked time.Time, maxAge time.Duration) bool {
	age := asked.Sub(s.at)
	if s.refusal != nil {
		return age < refusalAge && age > -refusalAge
	}
	return age < maxAge && age > -maxAge && !s.list.ended(asked)
}

// flight is a question that is being asked. Its result is set before done is
// closed.
type flight struct {
	done  chan struct{}
	slot  *slot
	err   error
	ended bool // the one who asked gave up: another has to ask
}

// cache keeps the lists used last, up to a number of bytes, and the questions
// in flight.
type cache struct {
	mu      sync.Mutex
	max     int
	bytes   int
	order   *list.List // of *slot, the one used last in front
	slots   map[key]*list.Element
	flights map[key]*flight
}

func newCache(maxBytes int) cache {
	return cache{max: maxBytes, order: list.New(), slots: make(map[key]*list.Element), flights: make(map[key]*flight)}
}

// enter returns a fresh slot; or else the flight to wait for; or else, where
// lead is true, the flight that the caller has to make, and the slot that it
// replaces if there is one.
func (c *cache) enter(k key, asked time.Time, maxAge time.Duration) (s *slot, f *flight, lead bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.slots[k]; ok {
		s = e.Value.(*slot)
		if s.fresh(asked, maxAge) {
			c.order.MoveToFront(e)
			return s, nil, false
		}
	}
	if f, ok := c.flights[k]; ok {
		return nil, f, false
	}
	f = &flight{done: make(chan struct{})}
	c.flights[k] = f
	return s, f, true
}

// leave ends a flight. A slot that it brought replaces the one before.
func (c *cache) leave(k key, f *flight) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.flights, k)
	close(f.done)
	if f.slot == nil {
		return
	}
	if e, ok := c.slots[k]; ok {
		c.remove(e)
	}
	c.slots[k] = c.order.PushFront(f.slot)
	c.bytes += f.slot.size()
	for c.bytes > c.max && c.order.Len() > 1 {
		c.remove(c.order.Back())
	}
}

func (c *cache) remove(e *list.Element) {
	s := c.order.Remove(e).(*slot)
	delete(c.slots, s.key)
	c.bytes -= s.size()
}
