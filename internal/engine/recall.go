// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"slices"
	"sync"
	"time"
)

// recall remembers the processes that this core committed last, so that the
// next step of one need not read it. What it remembers may have been
// overtaken by another process on the store: only a commit, which compares
// the version and the rows of the outbox, proves that it was not. Every other
// end of a step that began with a recalled record is judged again from the
// store.
type recall struct {
	mu sync.Mutex
	// Two generations: what is used moves to the young one, and the old one is
	// dropped when the young one is full.
	young, old map[Change]Record
	size       int // of young, in bytes
}

const (
	// recallBytes bounds a generation.
	recallBytes = 2 << 20
	// recallEach is about what a record takes beside its variable parts.
	recallEach = 1 << 10
)

// get returns what is remembered of a process. Nobody changes what the
// record refers to.
func (c *recall) get(id Change) (Record, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok := c.known(id)
	if _, aged := c.old[id]; aged {
		delete(c.old, id)
		c.keep(id, r)
	}
	return r, ok
}

// known finds a process in either generation, of which it is in one.
func (c *recall) known(id Change) (Record, bool) {
	if r, ok := c.young[id]; ok {
		return r, true
	}
	r, ok := c.old[id]
	return r, ok
}

// owing is get where the process owes exactly this claimed work.
func (c *recall) owing(w Work) (Record, bool) {
	r, ok := c.get(Change{w.Context, w.Process})
	if !ok {
		return r, false
	}
	row, ok := find(r.Work, w.Op)
	return r, ok && row.Key == w.Key && row.Fence == w.Fence && row.Owner == w.Owner
}

// put remembers a record as it was committed.
func (c *recall) put(r Record) {
	id := Change{r.Context, r.ID}
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.known(id); ok && known.Version > r.Version {
		return
	}
	c.remove(id)
	r.After, r.Refused, r.Work = slices.Clip(r.After), slices.Clip(r.Refused), slices.Clip(r.Work)
	c.keep(id, r)
}

func (c *recall) keep(id Change, r Record) {
	if c.size > recallBytes || c.young == nil {
		c.old, c.young, c.size = c.young, map[Change]Record{}, 0
	}
	c.young[id] = r
	c.size += weight(r)
}

// forget drops what is remembered of a process.
func (c *recall) forget(id Change) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remove(id)
}

func (c *recall) remove(id Change) {
	if r, ok := c.young[id]; ok {
		delete(c.young, id)
		c.size -= weight(r)
	}
	delete(c.old, id)
}

// claimed notes that a row was claimed after the commit.
func (c *recall) claimed(w Work) {
	id := Change{w.Context, w.Process}
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok := c.known(id)
	if !ok {
		return
	}
	c.remove(id)
	w.Body = nil
	work := slices.Clone(r.Work)
	for i := range work {
		if work[i].Op == w.Op && work[i].Key == w.Key && work[i].Fence < w.Fence {
			work[i] = w
			r.Work = work
			c.keep(id, r)
			return
		}
	}
}

func weight(r Record) int {
	n := recallEach + len(r.Data)
	for _, a := range []*Act{r.Queued, r.Planned} {
		if a != nil {
			n += len(a.Payload)
		}
	}
	return n
}

// outboxAfter is the outbox of a process once cm is committed.
func outboxAfter(cm Commit, loaded []Work) []Work {
	work := slices.Clone(loaded)
	if h := cm.Held; h != nil {
		for i := range work {
			if work[i].Op == h.Op && work[i].Owner == h.Owner && work[i].Fence == h.Fence {
				work[i].Owner, work[i].LeaseUntil = "", time.Time{}
			}
		}
	}
	for _, gone := range cm.Remove {
		work = slices.DeleteFunc(work, func(w Work) bool { return w.Op == gone.Op })
	}
	for _, put := range cm.Put {
		i := slices.IndexFunc(work, func(w Work) bool { return w.Op == put.Now.Op })
		if i < 0 {
			work = append(work, put.Now)
			continue
		}
		now := put.Now
		now.Fence, now.Owner, now.LeaseUntil = work[i].Fence, work[i].Owner, work[i].LeaseUntil
		if now.Key == work[i].Key {
			now.Claims = work[i].Claims
		}
		work[i] = now
	}
	return work
}
