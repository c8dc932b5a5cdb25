// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// How movements are told.
const (
	// batchMoved bounds one message, and mostMoved what waits in memory.
	batchMoved = 500
	mostMoved  = 20_000
)

// movements wait until the control plane was told of them.
type movements struct {
	wake    chan struct{}
	telling sync.Mutex // by one at a time

	mu      sync.Mutex
	waiting []transfer.Movement
	lost    int
}

var _ transfer.Evidence = (*Server)(nil)

// Moved implements transfer.Evidence: the control plane of the flow keeps it. It
// is told at once, or again until it was; what is too much for the memory
// meanwhile is logged as lost.
func (s *Server) Moved(_ context.Context, m transfer.Movement) {
	s.moved.mu.Lock()
	if len(s.moved.waiting) < mostMoved {
		s.moved.waiting = append(s.moved.waiting, m)
	} else {
		s.moved.lost++
	}
	s.moved.mu.Unlock()
	select {
	case s.moved.wake <- struct{}{}:
	default:
	}
}

// WakeMoved is ready when TellMoved has something to tell.
func (s *Server) WakeMoved() <-chan struct{} { return s.moved.wake }

// TellMoved tells control planes what was moved, and returns when the rest is
// to be told: zero if there is none.
func (s *Server) TellMoved(ctx context.Context) (time.Time, error) {
	s.moved.telling.Lock()
	defer s.moved.telling.Unlock()
	for _, part := range s.moved.take(s) {
		if err := s.tell(ctx, part); err != nil {
			s.cfg.Log.Warn("a control plane could not be told what was moved, and is told again", "transfer", part[0].Process, "bodies", len(part), "error", err)
			s.moved.mu.Lock()
			s.moved.waiting = append(part, s.moved.waiting...)
			s.moved.mu.Unlock()
		}
	}
	s.moved.mu.Lock()
	defer s.moved.mu.Unlock()
	if len(s.moved.waiting) == 0 {
		return zero, nil
	}
	return s.cfg.Now().Add(slow), nil
}

// take takes all out, in parts of one flow each.
func (m *movements) take(s *Server) (parts [][]transfer.Movement) {
	m.mu.Lock()
	waiting, lost := m.waiting, m.lost
	m.waiting, m.lost = nil, 0
	m.mu.Unlock()
	if lost > 0 {
		s.cfg.Log.Error("evidence of bodies was lost: too many waited for a control plane", "bodies", lost)
	}
	at := map[[2]string]int{}
	for _, one := range waiting {
		key := [2]string{one.Context, one.Process}
		i, ok := at[key]
		if !ok || len(parts[i]) == batchMoved {
			i = len(parts)
			at[key], parts = i, append(parts, nil)
		}
		parts[i] = append(parts[i], one)
	}
	return parts
}

// tell tells of bodies of one flow.
func (s *Server) tell(ctx context.Context, part []transfer.Movement) error {
	f, err := s.cfg.Flows.FlowOf(ctx, part[0].Context, part[0].Process)
	if errors.Is(err, ErrNoFlow) {
		return nil // nobody is left to be told
	}
	if err != nil {
		return err
	}
	list := make([]Moved, len(part))
	for i, m := range part {
		list[i] = MovedOf(m)
	}
	body, err := json.Marshal(list)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	_, err = s.cfg.Call.post(ctx, &f, PathMovements, "", body)
	if no, ok := errors.AsType[*StatusError](err); ok && (no.Status == http.StatusNotFound || no.Status == http.StatusMethodNotAllowed) {
		return nil // another vendor's, which does not want to know
	}
	return err
}
