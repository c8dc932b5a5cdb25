// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import "sync"

// taken is what data planes took of each transfer and did not give back. It is
// of this process alone: what another one granted cannot be given back here, and
// then more is counted than was sent, never less.
type taken struct {
	mu sync.Mutex
	by map[[2]string]int64 // by context and process
}

// mostTaken bounds the transfers that are remembered, about 150 bytes each.
const mostTaken = 50_000

// add counts what was granted. What is forgotten to make room cannot be given
// back.
func (t *taken) add(contextID, process string, n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := [2]string{contextID, process}
	if t.by == nil {
		t.by = map[[2]string]int64{}
	}
	if _, known := t.by[key]; !known && len(t.by) >= mostTaken {
		for other := range t.by {
			delete(t.by, other)
			break
		}
	}
	t.by[key] += n
}

// back reports whether n was taken and not given back, and counts it as given
// back if so.
func (t *taken) back(contextID, process string, n int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := [2]string{contextID, process}
	if t.by[key] < n {
		return false
	}
	if t.by[key] -= n; t.by[key] == 0 {
		delete(t.by, key)
	}
	return true
}
