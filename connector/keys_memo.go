// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"sync"
	"time"
)

// memo remembers, per participant, what was read of the store. Nothing is
// remembered of an error.
type memo[T any] struct {
	mu    sync.Mutex
	known map[string]map[string]dated[T] // by context, by name
	era   uint64                         // how often something was forgotten
}

type dated[T any] struct {
	value T
	until time.Time
}

// get returns what is remembered, or loads it. The load says until when it is
// good.
func (m *memo[T]) get(contextID, name string, now time.Time, load func() (T, time.Time, error)) (T, error) {
	m.mu.Lock()
	found, ok := m.known[contextID][name]
	era := m.era
	m.mu.Unlock()
	if ok && now.Before(found.until) {
		return found.value, nil
	}
	value, until, err := load()
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case err != nil:
		delete(m.known[contextID], name)
	case m.era == era: // otherwise it may be older than the change
		m.put(contextID, name, dated[T]{value, until})
	}
	return value, err
}

func (m *memo[T]) put(contextID, name string, d dated[T]) {
	if m.known == nil {
		m.known = map[string]map[string]dated[T]{}
	}
	if m.known[contextID] == nil {
		m.known[contextID] = map[string]dated[T]{}
	}
	m.known[contextID][name] = d
}

// forget drops what is remembered of a participant.
func (m *memo[T]) forget(contextID string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.known, contextID)
	m.era++
}
