// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// MovedBatch is what was moved of a flow and its control plane was not told yet:
// what it will be told in one message, as it is here.
type MovedBatch struct {
	ID               string
	Context, Process string
	Noted            time.Time
	List             []Moved
}

// MovedHold is by whom batches are told, and until when by nobody else.
type MovedHold struct {
	Owner string
	Until time.Time
}

// Untold keeps those over restarts. Times are kept to the microsecond.
type Untold interface {
	// KeepMoved keeps batches for their owner, all or none; one that is there
	// already stays as it is. ErrFlow.
	KeepMoved(ctx context.Context, h MovedHold, list []MovedBatch) error
	// DropMoved forgets batches. Those that are not there are no error.
	DropMoved(ctx context.Context, ids []string) error
	// TakeMoved has all that the owner has be its own for longer, and gives it
	// what others had until a time at most. It returns that, oldest first, at
	// most limit.
	TakeMoved(ctx context.Context, h MovedHold, until time.Time, limit int) ([]MovedBatch, error)
}

// Check says why b cannot be kept.
func (b *MovedBatch) Check(h MovedHold) error {
	switch {
	case b.ID == "" || b.Context == "" || b.Process == "" || h.Owner == "":
		return fmt.Errorf("%w: a batch without a name", ErrFlow)
	case len(b.List) == 0 || b.Noted.UnixMicro() <= 0 || h.Until.UnixMicro() <= 0:
		return fmt.Errorf("%w: a batch of %d movements", ErrFlow, len(b.List))
	}
	return nil
}

// A process that lives takes its batches for movedLease, and again each
// movedLook. It takes up what another one has left by then.
const (
	movedLease = 2 * time.Minute
	movedLook  = 30 * time.Second
)

// WakeKeep is ready when KeepMoved has something to keep.
func (s *Server) WakeKeep() <-chan struct{} { return s.moved.wake }

// KeepMoved brings what was moved into the store, so that no end of this process
// loses it. It does not wait for those who tell control planes of it. It returns
// when it is to be called at the latest, zero for never.
func (s *Server) KeepMoved(ctx context.Context) (time.Time, error) {
	some, next, err := s.keepMoved(ctx)
	if some {
		wake(s.moved.kept)
	}
	return next, err
}

func (s *Server) keepMoved(ctx context.Context) (some bool, next time.Time, err error) {
	m := &s.moved
	m.keeping.Lock()
	defer m.keeping.Unlock()
	if some, err = s.takeMoved(ctx); err != nil {
		return false, zero, fmt.Errorf("reading what was moved: %w", err)
	}
	if s.cfg.Untold != nil && !s.cfg.Alone {
		next = m.taken.Add(movedLook)
	}
	for {
		if len(m.unkept) == 0 {
			m.unkept = s.gather()
		}
		if len(m.unkept) == 0 {
			return some, next, nil
		}
		if s.cfg.Untold != nil {
			if err := s.cfg.Untold.KeepMoved(ctx, m.hold(s.cfg.Now()), m.unkept); err != nil {
				return some, zero, fmt.Errorf("keeping what was moved: %w", err)
			}
		}
		m.settle(m.unkept)
		m.unkept, some = nil, true
	}
}

// hold is what this process has of a batch.
func (m *movements) hold(now time.Time) MovedHold { return MovedHold{m.owner, now.Add(movedLease)} }

// takeMoved takes up what another process left, an earlier one before anything
// is added. It may have been told, under the same ids.
func (s *Server) takeMoved(ctx context.Context) (some bool, err error) {
	m, now := &s.moved, s.cfg.Now()
	switch {
	case s.cfg.Untold == nil || now.Before(m.taken.Add(movedLook)):
		return false, nil
	case m.owner == "":
		m.owner = s.cfg.NewID()
	case s.cfg.Alone && !m.taken.IsZero():
		return false, nil
	}
	until := now
	if s.cfg.Alone {
		until = now.AddDate(100, 0, 0) // whoever had them is gone
	}
	m.mu.Lock()
	room := max(mostMoved-m.held, 0)
	m.mu.Unlock()
	list, err := s.cfg.Untold.TakeMoved(ctx, m.hold(now), until, room)
	if err != nil {
		return false, err
	}
	m.taken = now
	list = m.others(list)
	m.settle(list)
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range list {
		m.held += len(b.List)
	}
	return len(list) > 0, nil
}

// others are those that are not here: one of ours was another's for a while.
func (m *movements) others(list []MovedBatch) []MovedBatch {
	here := map[string]bool{}
	for _, b := range m.unkept {
		here[b.ID] = true
	}
	for _, b := range m.ready() {
		here[b.ID] = true
	}
	return slices.DeleteFunc(list, func(b MovedBatch) bool { return here[b.ID] })
}

// gather puts what waits into batches, each of one flow.
func (s *Server) gather() (list []MovedBatch) {
	m := &s.moved
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.lost > 0 {
		s.cfg.Log.Error("evidence of bodies was lost: too many waited for a control plane", "bodies", m.lost)
	}
	last, now := map[[2]string]*filling{}, s.cfg.Now()
	for _, one := range m.waiting {
		flow, moved := [2]string{one.Context, one.Process}, MovedOf(one)
		at := last[flow]
		if at == nil || !at.fits(moved) {
			at = &filling{batch: len(list)}
			last[flow] = at
			list = append(list, MovedBatch{ID: s.cfg.NewID(), Context: flow[0], Process: flow[1], Noted: now})
		}
		at.n, at.size = at.n+1, at.size+moved.room()
		list[at.batch].List = append(list[at.batch].List, moved)
	}
	m.waiting, m.lost = nil, 0
	return list
}

// filling is a batch that is not full: how many movements it has, and how many
// bytes their message at most.
type filling struct{ batch, n, size int }

func (f *filling) fits(m Moved) bool { return f.n < batchMoved && f.size+m.room() < MaxBody }

// settle has batches that are kept told.
func (m *movements) settle(list []MovedBatch) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range list {
		m.batches = append(m.batches, &b)
	}
}
