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

// heldBatch is a batch, and whose it is.
type heldBatch struct {
	MovedHold
	text []byte
}

// KeepMoved implements Untold.
func (m *Memory) KeepMoved(_ context.Context, h MovedHold, list []MovedBatch) error {
	for i := range list {
		if err := list[i].Check(h); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.moved == nil {
		m.moved = map[string]heldBatch{}
	}
	for _, b := range list {
		if _, kept := m.moved[b.ID]; kept {
			continue
		}
		b.Noted = b.Noted.UTC().Truncate(time.Microsecond)
		text, err := json.Marshal(b)
		if err != nil {
			return err
		}
		m.moved[b.ID] = heldBatch{h, text}
	}
	return nil
}

// DropMoved implements Untold.
func (m *Memory) DropMoved(_ context.Context, ids []string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		delete(m.moved, id)
	}
	return nil
}

// TakeMoved implements Untold.
func (m *Memory) TakeMoved(_ context.Context, h MovedHold, until time.Time, limit int) ([]MovedBatch, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []MovedBatch
	for id, held := range m.moved {
		if held.Owner == h.Owner {
			m.moved[id] = heldBatch{h, held.text}
			continue
		}
		if held.Until.UnixMicro() > until.UnixMicro() {
			continue
		}
		var b MovedBatch
		if err := json.Unmarshal(held.text, &b); err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	slices.SortFunc(list, func(a, b MovedBatch) int { return cmp.Or(a.Noted.Compare(b.Noted), cmp.Compare(a.ID, b.ID)) })
	list = list[:min(len(list), max(limit, 0))]
	for _, b := range list {
		m.moved[b.ID] = heldBatch{h, m.moved[b.ID].text}
	}
	return list, nil
}
