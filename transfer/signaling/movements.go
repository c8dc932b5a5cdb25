// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// How movements are told.
const (
	// batchMoved bounds one message, and mostMoved what waits, in memory and in
	// the store.
	batchMoved = 500
	mostMoved  = 20_000
)

// movements wait until the control plane was told of them: at first as they
// come, then kept in batches. By its id the control plane knows one again that
// may have come, from another process too, so that none changes once it is kept.
type movements struct {
	wake    chan struct{} // there is something to keep
	kept    chan struct{} // there is something to tell
	keeping sync.Mutex    // by one at a time
	telling sync.Mutex    // by one at a time
	owner   string        // who this process is to the store
	taken   time.Time     // when what others left was looked for last
	unkept  []MovedBatch  // while it is kept
	told    []string      // batches that the store still has

	mu      sync.Mutex
	waiting []transfer.Movement
	batches []*MovedBatch // that are kept, in order of time
	held    int           // of all these
	lost    int
}

var _ transfer.Evidence = (*Server)(nil)

// Moved implements transfer.Evidence: the control plane of the flow keeps it. It
// is told at once, or again until it was, also by a later process; what is too
// much meanwhile is logged as lost.
func (s *Server) Moved(_ context.Context, m transfer.Movement) {
	m.Path = cutPath(m.Path)
	s.moved.mu.Lock()
	if s.moved.held < mostMoved {
		s.moved.waiting = append(s.moved.waiting, m)
		s.moved.held++
	} else {
		s.moved.lost++
	}
	s.moved.mu.Unlock()
	wake(s.moved.wake)
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it will look anyway
	}
}

// WakeMoved is ready when TellMoved has something to tell.
func (s *Server) WakeMoved() <-chan struct{} { return s.moved.kept }

// TellMoved tells control planes what was moved, and returns when the rest is
// to be told: zero if there is none. One that does not take it is told no more
// until then, so that the others need not wait for it.
func (s *Server) TellMoved(ctx context.Context) (time.Time, error) {
	s.moved.telling.Lock()
	defer s.moved.telling.Unlock()
	_, _, kept := s.keepMoved(ctx)
	down := map[string]bool{}
	for _, b := range s.moved.ready() {
		if s.tell(ctx, b, down) {
			s.moved.drop(b)
		}
	}
	err := errors.Join(kept, s.forget(ctx))
	s.moved.mu.Lock()
	defer s.moved.mu.Unlock()
	if s.moved.held == 0 {
		return zero, err
	}
	return s.cfg.Now().Add(slow), err
}

// ready are the batches at this moment.
func (m *movements) ready() []*MovedBatch {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.batches)
}

// drop takes out a batch of which nothing is left to be told.
func (m *movements) drop(b *MovedBatch) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.batches = slices.DeleteFunc(m.batches, func(o *MovedBatch) bool { return o == b })
	m.held -= len(b.List)
	m.told = append(m.told, b.ID)
}

// forget has the store drop what was told. What it cannot drop is told once
// more by a later process, and known by its id.
func (s *Server) forget(ctx context.Context) error {
	if len(s.moved.told) == 0 || s.cfg.Untold == nil {
		s.moved.told = nil
		return nil
	}
	err := s.cfg.Untold.DropMoved(ctx, s.moved.told)
	if err == nil {
		s.moved.told = nil
	}
	return err
}

// tell reports whether nothing is left to be told of a batch. Of a control plane
// that is down nothing is.
func (s *Server) tell(ctx context.Context, b *MovedBatch, down map[string]bool) bool {
	f, err := s.cfg.Flows.FlowOf(ctx, b.Context, b.Process)
	switch {
	case errors.Is(err, ErrNoFlow): // nobody is left to be told
		s.cfg.Log.Error("evidence of bodies was lost: its data flow is forgotten", "participant", b.Context, "transfer", b.Process, "bodies", len(b.List))
		return true
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
		s.cfg.Log.Error("evidence of bodies was lost: the control plane refused it", "transfer", f.Asked.Process, "bodies", len(b.List), "error", err)
		return true
	}
	down[f.ControlPlane] = true
	s.cfg.Log.Warn("a control plane could not be told what was moved, and is told again", "controlPlane", f.ControlPlane, "transfer", b.Process, "error", err)
	return false
}

// post tells of a batch.
func (s *Server) post(ctx context.Context, f *Flow, b *MovedBatch) error {
	body, err := json.Marshal(b.List)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	_, err = s.cfg.Call.post(ctx, f, PathMovements, "?batch="+url.QueryEscape(b.ID), body)
	return err
}
