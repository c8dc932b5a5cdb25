// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// MovedPart is what was moved of a flow and its control plane was not told yet:
// a part of the batch that it will be told.
type MovedPart struct {
	Batch            string
	Part             int // the first is 0
	Context, Process string
	Noted            time.Time
	List             []Moved
}

// Untold keeps those over restarts. Times are kept to the microsecond.
type Untold interface {
	// KeepMoved keeps parts, all or none; one that is there already stays as it
	// is. ErrFlow.
	KeepMoved(ctx context.Context, parts []MovedPart) error
	// DropMoved forgets whole batches. Those that are not there are no error.
	DropMoved(ctx context.Context, batches []string) error
	// KeptMoved returns the parts that are there, oldest first, at most limit.
	KeptMoved(ctx context.Context, limit int) ([]MovedPart, error)
}

// Check says why p cannot be kept.
func (p *MovedPart) Check() error {
	switch {
	case p.Batch == "" || p.Context == "" || p.Process == "":
		return fmt.Errorf("%w: a part without a name", ErrFlow)
	case p.Part < 0 || len(p.List) == 0 || p.Noted.UnixMicro() <= 0:
		return fmt.Errorf("%w: part %d of %d movements", ErrFlow, p.Part, len(p.List))
	}
	return nil
}

// WakeKeep is ready when KeepMoved has something to keep.
func (s *Server) WakeKeep() <-chan struct{} { return s.moved.wake }

// KeepMoved brings what was moved into the store, so that no end of this process
// loses it. It does not wait for those who tell control planes of it.
func (s *Server) KeepMoved(ctx context.Context) (time.Time, error) {
	some, err := s.keepMoved(ctx)
	if some {
		wake(s.moved.kept)
	}
	return zero, err
}

func (s *Server) keepMoved(ctx context.Context) (some bool, err error) {
	m := &s.moved
	m.keeping.Lock()
	defer m.keeping.Unlock()
	if err := s.readMoved(ctx); err != nil {
		return false, fmt.Errorf("reading what was moved: %w", err)
	}
	for {
		if len(m.unkept) == 0 {
			m.unkept = s.gather()
		}
		if len(m.unkept) == 0 {
			return some, nil
		}
		if s.cfg.Untold != nil {
			if err := s.cfg.Untold.KeepMoved(ctx, m.unkept); err != nil {
				return some, fmt.Errorf("keeping what was moved: %w", err)
			}
		}
		m.settle()
		some = true
	}
}

// readMoved takes up what an earlier process left, before anything is added to
// it. It may have been told, and stays as it is.
func (s *Server) readMoved(ctx context.Context) error {
	m := &s.moved
	if m.read || s.cfg.Untold == nil {
		return nil
	}
	parts, err := s.cfg.Untold.KeptMoved(ctx, mostMoved)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range parts {
		b := m.find(p.Batch)
		if b == nil {
			b = &batch{id: p.Batch, flow: [2]string{p.Context, p.Process}, tried: true}
			m.batches = append(m.batches, b)
		}
		b.list, b.parts = append(b.list, p.List...), b.parts+1
		m.held += len(p.List)
	}
	m.read = true
	return nil
}

func (m *movements) find(id string) *batch {
	for _, b := range slices.Backward(m.batches) { // a late one, mostly
		if b.id == id {
			return b
		}
	}
	return nil
}

// gather puts what waits into parts of batches: the last one of its flow, while
// that may grow, else a new one.
func (s *Server) gather() (parts []MovedPart) {
	m := &s.moved
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.lost > 0 {
		s.cfg.Log.Error("evidence of bodies was lost: too many waited for a control plane", "bodies", m.lost)
	}
	last, sizes, at := map[[2]string]*batch{}, map[*batch]int{}, map[*batch]int{}
	for _, b := range m.batches {
		last[b.flow], sizes[b] = b, len(b.list)
		if b.tried {
			delete(last, b.flow)
		}
	}
	now := s.cfg.Now()
	for _, one := range m.waiting {
		flow := [2]string{one.Context, one.Process}
		b := last[flow]
		if b == nil || sizes[b] == batchMoved {
			b = &batch{id: s.cfg.NewID(), flow: flow}
			last[flow], m.batches = b, append(m.batches, b)
		}
		i, begun := at[b]
		if !begun {
			i = len(parts)
			parts = append(parts, MovedPart{Batch: b.id, Part: b.parts, Context: flow[0], Process: flow[1], Noted: now})
			at[b], b.growing = i, b.growing+1
		}
		sizes[b]++
		parts[i].List = append(parts[i].List, MovedOf(one))
	}
	m.waiting, m.lost = nil, 0
	return parts
}

// settle puts the parts that are kept into their batches.
func (m *movements) settle() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.unkept {
		b := m.find(p.Batch)
		b.list, b.parts, b.growing = append(b.list, p.List...), b.parts+1, b.growing-1
	}
	m.unkept = nil
}
