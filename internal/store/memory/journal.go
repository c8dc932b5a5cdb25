// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// Sequence implements engine.Store: the commit itself gives positions.
func (s *Store) Sequence(context.Context, string, time.Time, int) (int, error) { return 0, nil }

// Heads implements engine.Store.
func (s *Store) Heads(context.Context) ([]engine.Head, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []engine.Head
	for _, name := range slices.Sorted(maps.Keys(s.parts)) {
		pt := s.parts[name]
		end := int64(len(pt.journal))
		if end == 0 || end == pt.lastHead().Position {
			continue
		}
		list = append(list, engine.Head{Context: name, Position: end, Hash: pt.journal[end-1].Hash})
	}
	return list, nil
}

func (pt *part) lastHead() engine.Head {
	if len(pt.heads) == 0 {
		return engine.Head{}
	}
	return pt.heads[len(pt.heads)-1]
}

// PutHead implements engine.Store.
func (s *Store) PutHead(_ context.Context, h engine.Head) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	pt := s.part(h.Context)
	if h.Position < 1 || h.Position > int64(len(pt.journal)) || pt.journal[h.Position-1].Hash != h.Hash {
		return fmt.Errorf("%w: no journal row %d with this hash", rule.ErrInvalid, h.Position)
	}
	if h.Position > pt.lastHead().Position {
		pt.heads = append(pt.heads, cloneHead(h))
	}
	return nil
}

// LastHead implements engine.Processes.
func (ps *processes) LastHead(context.Context) (h engine.Head, err error) {
	err = ps.read(func(pt *part) error {
		if len(pt.heads) == 0 {
			return engine.ErrNotFound
		}
		h = cloneHead(pt.lastHead())
		return nil
	})
	return h, err
}
