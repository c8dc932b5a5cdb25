// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"
)

var _ Untold = (*Memory)(nil)

// partKey names a part.
type partKey struct {
	batch string
	part  int
}

// KeepMoved implements Untold.
func (m *Memory) KeepMoved(_ context.Context, parts []MovedPart) error {
	for i := range parts {
		if err := parts[i].Check(); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.moved == nil {
		m.moved = map[partKey][]byte{}
	}
	for _, p := range parts {
		k := partKey{p.Batch, p.Part}
		if m.moved[k] != nil {
			continue
		}
		p.Noted = p.Noted.UTC().Truncate(time.Microsecond)
		text, err := json.Marshal(p)
		if err != nil {
			return err
		}
		m.moved[k] = text
	}
	return nil
}

// DropMoved implements Untold.
func (m *Memory) DropMoved(_ context.Context, batches []string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for k := range m.moved {
		if slices.Contains(batches, k.batch) {
			delete(m.moved, k)
		}
	}
	return nil
}

// KeptMoved implements Untold.
func (m *Memory) KeptMoved(_ context.Context, limit int) ([]MovedPart, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []MovedPart
	for _, text := range m.moved {
		var p MovedPart
		if err := json.Unmarshal(text, &p); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b MovedPart) int {
		return cmp.Or(a.Noted.Compare(b.Noted), cmp.Compare(a.Batch, b.Batch), cmp.Compare(a.Part, b.Part))
	})
	return list[:min(len(list), max(limit, 0))], nil
}
