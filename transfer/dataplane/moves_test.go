// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/musubi-ods/musubi/transfer"
)

// moves is an Evidence that remembers.
type moves struct {
	mu   sync.Mutex
	list []transfer.Movement
}

func (m *moves) Moved(_ context.Context, one transfer.Movement) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.list = append(m.list, one)
}

func (m *moves) now() []transfer.Movement {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.list)
}

// all waits until there are n.
func (m *moves) all(t testing.TB, n int) []transfer.Movement {
	t.Helper()
	polls(t, func() bool { return len(m.now()) >= n })
	list := m.now()
	if len(list) < n {
		t.Fatalf("%d movements, want %d", len(list), n)
	}
	return list
}

// whole are those that came to their end.
func (m *moves) whole() []transfer.Movement {
	return slices.DeleteFunc(m.now(), func(one transfer.Movement) bool { return !one.Whole })
}
