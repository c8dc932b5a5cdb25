// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import "sync"

// batches are the last batches of movements that came from each data plane, so
// that one whose answer was lost counts once. They are of this process alone:
// what is repeated to another one, or after a restart, counts again.
type batches struct {
	mu sync.Mutex
	by map[[2]string]*lately // by context and plane
}

// lately are the last batches of a plane, by transfer and id.
type lately struct {
	seen map[[2]string]bool
	ring [][2]string
	next int
}

// lastBatches bounds what is remembered of a plane. It repeats no more than the
// batch whose answer it lost before it sends others.
const lastBatches = 256

// first reports whether the batch did not come before. One without an id never
// did.
func (b *batches) first(contextID, plane, process, id string) bool {
	if id == "" {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.by == nil {
		b.by = map[[2]string]*lately{}
	}
	l := b.by[[2]string{contextID, plane}]
	if l == nil {
		l = &lately{seen: map[[2]string]bool{}, ring: make([][2]string, lastBatches)}
		b.by[[2]string{contextID, plane}] = l
	}
	key := [2]string{process, id}
	if l.seen[key] {
		return false
	}
	delete(l.seen, l.ring[l.next])
	l.seen[key], l.ring[l.next] = true, key
	l.next = (l.next + 1) % lastBatches
	return true
}
