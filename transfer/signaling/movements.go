// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// How movements are told.
const (
	// batchMoved bounds one message, and mostMoved what is in memory: what waits,
	// and what is being told.
	batchMoved = 500
	mostMoved  = 20_000
)

// movements wait until the control plane was told of them.
type movements struct {
	wake    chan struct{}
	telling sync.Mutex // by one at a time
	batches []batch    // while it is told: in order of time

	mu      sync.Mutex
	waiting []transfer.Movement
	held    int // of waiting and batches
	lost    int
}

// batch is what is told in one message: of one flow. By its id the control plane
// knows it again.
type batch struct {
	id    string
	list  []transfer.Movement
	tried bool // it may have come, so that it stays as it is
}

var _ transfer.Evidence = (*Server)(nil)

// Moved implements transfer.Evidence: the control plane of the flow keeps it. It
// is told at once, or again until it was; what is too much for the memory
// meanwhile is logged as lost.
func (s *Server) Moved(_ context.Context, m transfer.Movement) {
	s.moved.mu.Lock()
	if s.moved.held < mostMoved {
		s.moved.waiting = append(s.moved.waiting, m)
		s.moved.held++
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
// to be told: zero if there is none. One that does not take it is told no more
// until then, so that the others need not wait for it.
func (s *Server) TellMoved(ctx context.Context) (time.Time, error) {
	s.moved.telling.Lock()
	defer s.moved.telling.Unlock()
	s.gather()
	down := map[string]bool{}
	var rest []batch
	told := 0
	for _, b := range s.moved.batches {
		if s.tell(ctx, &b, down) {
			told += len(b.list)
		} else {
			rest = append(rest, b)
		}
	}
	s.moved.batches = rest
	s.moved.mu.Lock()
	defer s.moved.mu.Unlock()
	s.moved.held -= told
	if s.moved.held == 0 {
		return zero, nil
	}
	return s.cfg.Now().Add(slow), nil
}

// gather puts what waits into batches.
func (s *Server) gather() {
	m := &s.moved
	m.mu.Lock()
	waiting, lost := m.waiting, m.lost
	m.waiting, m.lost = nil, 0
	m.mu.Unlock()
	if lost > 0 {
		s.cfg.Log.Error("evidence of bodies was lost: too many waited for a control plane", "bodies", lost)
	}
	at := map[[2]string]int{} // the last batch of each flow, if it may grow
	for i, b := range m.batches {
		if !b.tried {
			at[b.flow()] = i
		}
	}
	for _, one := range waiting {
		key := [2]string{one.Context, one.Process}
		i, ok := at[key]
		if !ok || len(m.batches[i].list) == batchMoved {
			i = len(m.batches)
			at[key], m.batches = i, append(m.batches, batch{id: s.cfg.NewID()})
		}
		m.batches[i].list = append(m.batches[i].list, one)
	}
}

func (b *batch) flow() [2]string { return [2]string{b.list[0].Context, b.list[0].Process} }

// tell reports whether nothing is left to be told of a batch. Of a control plane
// that is down nothing is.
func (s *Server) tell(ctx context.Context, b *batch, down map[string]bool) bool {
	f, err := s.cfg.Flows.FlowOf(ctx, b.list[0].Context, b.list[0].Process)
	switch {
	case errors.Is(err, ErrNoFlow):
		return true // nobody is left to be told
	case down[f.ControlPlane]: // or the store, whose flows have none
		return false
	case err == nil:
		err = s.post(ctx, &f, b)
	}
	no, answered := errors.AsType[*StatusError](err)
	switch {
	case err == nil:
		return true
	case answered && (no.Status == http.StatusNotFound || no.Status == http.StatusMethodNotAllowed):
		return true // another vendor's, which does not want to know
	case answered && (&answerError{status: no.Status}).final():
		s.cfg.Log.Error("evidence of bodies was lost: the control plane refused it", "transfer", f.Asked.Process, "bodies", len(b.list), "error", err)
		return true
	}
	down[f.ControlPlane] = true
	s.cfg.Log.Warn("a control plane could not be told what was moved, and is told again", "controlPlane", f.ControlPlane, "transfer", b.list[0].Process, "error", err)
	return false
}

// post tells of a batch.
func (s *Server) post(ctx context.Context, f *Flow, b *batch) error {
	list := make([]Moved, len(b.list))
	for i, m := range b.list {
		list[i] = MovedOf(m)
	}
	body, err := json.Marshal(list)
	if err != nil {
		return err
	}
	b.tried = true
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	_, err = s.cfg.Call.post(ctx, f, PathMovements, "?batch="+url.QueryEscape(b.id), body)
	return err
}
