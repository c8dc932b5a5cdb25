// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import "sync"

// metered knows, of agreements whose bytes are counted, a process that is sent
// under each: the control plane is asked about that.
type metered struct {
	mu sync.Mutex
	by map[[2]string]string // by participant's context and agreement
}

// mostMetered bounds the agreements that are remembered, about 300 bytes each.
const mostMetered = 50_000

// put remembers a process that may send. What is forgotten to make room is put
// again at the next look at it.
func (m *metered) put(contextID, agreement, process string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := [2]string{contextID, agreement}
	if m.by == nil {
		m.by = map[[2]string]string{}
	}
	if _, known := m.by[key]; !known && len(m.by) >= mostMetered {
		for other := range m.by {
			delete(m.by, other)
			break
		}
	}
	m.by[key] = process
}

func (m *metered) get(contextID, agreement string) (process string, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	process, ok = m.by[[2]string{contextID, agreement}]
	return process, ok
}
