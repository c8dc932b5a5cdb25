// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// verdictAge is how long a verdict on a schema is believed.
const verdictAge = 5 * time.Second

// slot is what is known of an address: a schema, or why there is none.
type slot struct {
	url    string
	schema *compiled
	err    error // a verdict
	at     time.Time
}

func (s *slot) fresh(now time.Time, ttl time.Duration) bool {
	if s.err != nil {
		ttl = verdictAge
	}
	age := now.Sub(s.at)
	return age < ttl && age > -ttl
}

// flight is a schema that is being fetched. The result is set before done is
// closed.
type flight struct {
	done chan struct{}
	slot *slot
	err  error
	left bool // the one who asked gave up: another has to ask
}

// cache keeps the schemas used last.
type cache struct {
	mu      sync.Mutex
	max     int
	order   *list.List // of *slot, the one used last in front
	slots   map[string]*list.Element
	flights map[string]*flight
}

func newCache(limit int) cache {
	return cache{max: limit, order: list.New(), slots: make(map[string]*list.Element), flights: make(map[string]*flight)}
}

// enter returns a fresh slot; or the flight to wait for; or, where lead is
// true, the flight that the caller has to make.
func (c *cache) enter(url string, now time.Time, ttl time.Duration) (s *slot, f *flight, lead bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.slots[url]; ok {
		if s := e.Value.(*slot); s.fresh(now, ttl) {
			c.order.MoveToFront(e)
			return s, nil, false
		}
	}
	if f, ok := c.flights[url]; ok {
		return nil, f, false
	}
	f = &flight{done: make(chan struct{})}
	c.flights[url] = f
	return nil, f, true
}

// leave ends a flight and keeps what it brought.
func (c *cache) leave(url string, f *flight) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.flights, url)
	close(f.done)
	if f.slot == nil {
		return
	}
	if e, ok := c.slots[url]; ok {
		c.order.Remove(e)
	}
	c.slots[url] = c.order.PushFront(f.slot)
	for c.order.Len() > c.max {
		oldest := c.order.Remove(c.order.Back()).(*slot)
		delete(c.slots, oldest.url)
	}
}

// cached returns a schema from the cache. One caller fetches what is not there
// and the others wait for it.
func (f *Fetcher) cached(ctx context.Context, url string) (*compiled, error) {
	for {
		s, flight, lead := f.cache.enter(url, f.cfg.Now(), f.cfg.TTL)
		switch {
		case lead:
			return f.lead(ctx, url, flight)
		case flight == nil:
			return s.schema, s.err
		}
		select {
		case <-flight.done:
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
		}
		switch {
		case flight.slot != nil:
			return flight.slot.schema, flight.slot.err
		case !flight.left:
			return nil, flight.err
		}
	}
}

func (f *Fetcher) lead(ctx context.Context, url string, flight *flight) (*compiled, error) {
	flight.left = true // until it is known better
	defer func() { f.cache.leave(url, flight) }()
	at := f.cfg.Now()
	raw, err := f.fetch(ctx, url)
	var s *compiled
	if err == nil {
		s, err = compile(url, raw)
	}
	flight.left = ctx.Err() != nil
	if errors.Is(err, ErrUnavailable) {
		flight.err = err
		return nil, err
	}
	flight.slot = &slot{url: url, schema: s, err: err, at: at}
	return s, err
}
