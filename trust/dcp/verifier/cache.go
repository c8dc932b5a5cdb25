// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier

import (
	"container/list"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// How many counterparties' presentations are kept, and how many bytes they may
// have together: one presentation may be large.
const (
	maxCached      = 10_000
	maxCachedBytes = 64 << 20
)

// key says whose presentation it is, to whom of ours, of which scopes, judged
// how, and for how long it is kept: settings that were changed count at once.
type key struct {
	context, audience, holder, scopes string

	conformance trust.Conformance
	life        dcp.Duration
}

// cache keeps what counterparties presented, and sees to it that a wallet is
// asked once where many messages of its holder come at a time.
type cache struct {
	mu      sync.Mutex
	limit   int // of entries
	room    int // bytes that are left
	entries map[key]*list.Element
	oldest  *list.List // of *entry, in the order in which they came
	flights map[key]*flight
}

type entry struct {
	key   key
	list  []trust.Credential
	until time.Time
}

// entryBytes is what an entry takes besides what its credentials say, roughly.
const entryBytes = 1 << 10

func (e *entry) size() int {
	size := entryBytes + len(e.key.scopes)
	for _, c := range e.list {
		size += entryBytes + len(c.Subject) + len(c.ID)
		for _, s := range c.Status {
			size += len(s.ID) + len(s.List)
		}
	}
	return size
}

// flight is a wallet that is being asked.
type flight struct {
	done chan struct{}
	list []trust.Credential
	err  error
	// alone says that the outcome is about the one call that asked.
	alone bool
}

func newCache(limit, bytes int) *cache {
	return &cache{limit: limit, room: bytes, entries: map[key]*list.Element{}, oldest: list.New(), flights: map[key]*flight{}}
}

// do returns what is kept for a key, or what ask returns, which is kept until
// the time it says. Of callers at the same time one asks, and all others wait.
func (c *cache) do(ctx context.Context, k key, now time.Time, ask func() ([]trust.Credential, time.Time, error)) ([]trust.Credential, error) {
	for {
		c.mu.Lock()
		if kept, ok := c.get(k, now); ok {
			c.mu.Unlock()
			return kept, nil
		}
		f, asked := c.flights[k]
		if !asked {
			f = &flight{done: make(chan struct{}), alone: true}
			c.flights[k] = f
		}
		c.mu.Unlock()
		if !asked {
			c.lead(ctx, k, f, ask)
			return f.list, f.err
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return nil, unavailable("waiting for the wallet", ctx.Err())
		}
		if !f.alone {
			return f.list, f.err
		}
	}
}

// lead asks, for all who wait.
func (c *cache) lead(ctx context.Context, k key, f *flight, ask func() ([]trust.Credential, time.Time, error)) {
	var until time.Time
	defer func() { // even if ask panics, nobody waits for ever
		c.mu.Lock()
		defer c.mu.Unlock()
		if f.err == nil && !f.alone {
			c.put(&entry{k, f.list, until})
		}
		delete(c.flights, k)
		close(f.done)
	}()
	f.list, until, f.err = ask()
	f.alone = ctx.Err() != nil && f.err != nil || aboutOneToken(f.err)
}

// aboutOneToken reports whether a verdict may be about the access token of one
// call, which the wallet refused or gave less for: another one may fare better.
func aboutOneToken(err error) bool {
	refusal, ok := errors.AsType[*trust.Refusal](err)
	return ok && slices.Contains([]string{"V45", "V47", "V49"}, refusal.Check)
}

// forget has the wallet asked anew for what turned out to be no longer good.
func (c *cache) forget(k key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if element, ok := c.entries[k]; ok {
		c.drop(element)
	}
}

func (c *cache) get(k key, now time.Time) ([]trust.Credential, bool) {
	element, ok := c.entries[k]
	if !ok {
		return nil, false
	}
	if e := element.Value.(*entry); now.Before(e.until) {
		return e.list, true
	}
	c.drop(element)
	return nil, false
}

func (c *cache) put(e *entry) {
	if old, ok := c.entries[e.key]; ok {
		c.drop(old)
	}
	c.entries[e.key] = c.oldest.PushBack(e)
	for c.room -= e.size(); c.oldest.Len() > c.limit || c.room < 0; {
		c.drop(c.oldest.Front())
	}
}

func (c *cache) drop(element *list.Element) {
	e := c.oldest.Remove(element).(*entry)
	delete(c.entries, e.key)
	c.room += e.size()
}
