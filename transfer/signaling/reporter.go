// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

var zero time.Time

// How reports are sent.
const (
	// settling is how long a flow has run at least when it is completed: the
	// control plane may be busy with its start still.
	settling = time.Second
	// fast and slow are the pauses between tries, before and after patient.
	fast    = 250 * time.Millisecond
	patient = 15 * time.Second
	slow    = time.Second
	slowest = 5 * time.Minute
	// giveUp is when a report is not worth another try.
	giveUp = 7 * 24 * time.Hour
	// askAgain is when a plane that is not ready is asked again.
	askAgain = 250 * time.Millisecond
	// lease bounds one try: it is taken up again after that, whatever became
	// of it.
	lease   = 10 * time.Second
	tryTime = 5 * time.Second
	// atOnce bounds the flows that are worked on together.
	atOnce = 64
)

// Wake is ready when there is work sooner than Work said.
func (s *Server) Wake() <-chan struct{} { return s.wake }

// Work takes up what flows owe by now, and returns when something is due
// again, zero if nothing is. What it began goes on beside it until Close.
func (s *Server) Work(ctx context.Context) (time.Time, error) {
	due, err := s.cfg.Flows.DueFlows(ctx, s.cfg.Now(), atOnce)
	if err != nil {
		return zero, err
	}
	var errs []error
	for _, f := range due {
		if err := s.attend(ctx, f); !errors.Is(err, ErrFlowChanged) { // else another process was faster
			errs = append(errs, err)
		}
	}
	next, err := s.cfg.Flows.NextFlow(ctx)
	return next, errors.Join(append(errs, err)...)
}

// attend does what a flow is due for.
func (s *Server) attend(ctx context.Context, f Flow) error {
	defer s.locks.Lock(f.ControlPlane, f.ID)()
	f, err := s.cfg.Flows.Flow(ctx, f.ControlPlane, f.ID)
	now := s.cfg.Now()
	switch {
	case errors.Is(err, ErrNoFlow) || err == nil && (f.Due.IsZero() || f.Due.After(now)):
		return nil // somebody else did it
	case err != nil:
		return err
	case pending(f.State):
		return s.ready(ctx, &f)
	case len(f.Owes) == 0:
		f.Due = zero
		return s.put(ctx, &f)
	}
	f.Owes = slices.Clone(f.Owes)
	f.Owes[0].Tries++
	f.Due = now.Add(lease)
	if err := s.put(ctx, &f); err != nil {
		return err
	}
	s.life.beside(func(ctx context.Context) { s.try(ctx, f) })
	return nil
}

// ready begins what was promised, and owes the word that it is.
func (s *Server) ready(ctx context.Context, f *Flow) error {
	verb, kind := verbPrepare, reportPrepared
	if f.State == transfer.FlowStarting {
		verb, kind = verbStart, reportStarted
	}
	plane, ok := s.cfg.Planes.Plane(f.Asked.Context, f.Asked.Format, f.Asked.Role)
	err := transfer.Refuse("profile-unsupported", "this data plane does not serve the profile any more")
	var status transfer.FlowStatus
	if ok {
		ctx, cancel := context.WithTimeout(ctx, actTime)
		defer cancel()
		status, err = begin(ctx, plane, f.Asked, verb)
	}
	switch _, reason, refused := transfer.Refused(err); {
	case refused:
		f.State, f.Changed, f.Due = transfer.FlowTerminated, s.cfg.Now(), zero
		s.owe(f, reportErrored, reason)
	case err != nil:
		f.Due = s.cfg.Now().Add(slow)
		s.cfg.Log.Warn("a data flow cannot be begun and is tried again", "flow", f.ID, "error", err)
	default:
		s.begun(f, status, verb)
		if !pending(f.State) {
			s.owe(f, kind, "")
		}
	}
	return s.put(ctx, f)
}

// owe has the control plane told.
func (s *Server) owe(f *Flow, kind, problem string) {
	now := s.cfg.Now()
	first := now
	if kind == reportCompleted {
		first = f.Changed.Add(settling)
	}
	r := Report{Kind: kind, MessageID: s.cfg.NewID(), Error: problem, First: first}
	if kind == reportCompleted {
		f.owe(r, first)
		return
	}
	if slices.ContainsFunc(f.Owes, func(o Report) bool { return o.Kind == kind }) {
		return
	}
	// Before any other: that a flow is started comes before that it is done.
	f.Owes = append([]Report{r}, f.Owes...)
	f.Due = now
}

// try sends the first report of a flow, and keeps what came of it.
func (s *Server) try(ctx context.Context, f Flow) {
	r := f.Owes[0]
	limit, cancel := context.WithTimeout(ctx, tryTime)
	err := s.cfg.Call.notify(limit, &f, r.Kind, f.report(r))
	cancel()
	if ctx.Err() != nil && err != nil {
		return // it is owed still
	}
	if err := s.tried(ctx, f, r, err); err != nil && ctx.Err() == nil {
		s.cfg.Log.Warn("what became of a report could not be kept: it is sent again", "flow", f.ID, "error", err)
	}
}

// report is the message.
func (f *Flow) report(r Report) *Status {
	m := &Status{MessageID: r.MessageID, DataFlowID: f.ID, State: f.State, Error: r.Error}
	switch r.Kind {
	case reportPrepared:
		m.State, m.DataAddress = transfer.FlowPrepared, AddressOf(f.Given)
	case reportStarted:
		m.State, m.DataAddress = transfer.FlowStarted, AddressOf(f.Given)
	case reportCompleted:
		m.State = transfer.FlowCompleted
	}
	return m
}

// tried takes note of a try, unless the report is not owed any more.
func (s *Server) tried(ctx context.Context, was Flow, r Report, failed error) error {
	defer s.locks.Lock(was.ControlPlane, was.ID)()
	f, err := s.cfg.Flows.Flow(ctx, was.ControlPlane, was.ID)
	if err != nil || len(f.Owes) == 0 || f.Owes[0].MessageID != r.MessageID {
		return err
	}
	now := s.cfg.Now()
	switch {
	case failed != nil && now.Sub(r.First) < giveUp:
		f.Due = now.Add(pause(r, now))
		s.cfg.Log.Info("a control plane could not be told and is told again", "flow", f.ID, "what", r.Kind, "tries", r.Tries, "error", failed)
		return s.put(ctx, &f)
	case failed != nil:
		s.cfg.Log.Warn("a control plane is not told any more", "flow", f.ID, "what", r.Kind, "tries", r.Tries, "error", failed)
	case r.Kind == reportCompleted && f.State == transfer.FlowStarted:
		f.State, f.Changed = transfer.FlowCompleted, now
	}
	f.Owes, f.Due = f.Owes[1:], zero
	if len(f.Owes) > 0 {
		f.Due = f.Owes[0].First
	}
	return s.put(ctx, &f)
}

// pause is the time to the next try.
func pause(r Report, now time.Time) time.Duration {
	age := now.Sub(r.First)
	if age < patient {
		return fast
	}
	return min(max(slow, (age-patient)/4), slowest)
}

// Signal implements transfer.Signals for planes that say by themselves how a
// flow is: that it is done, or that something went wrong.
func (s *Server) Signal(ctx context.Context, sig transfer.Signal) error {
	f, err := s.cfg.Flows.FlowOf(ctx, sig.Context, sig.Process)
	if errors.Is(err, ErrNoFlow) {
		return transfer.ErrNoTransfer
	}
	if err != nil {
		return err
	}
	// Whoever stops a plane waits for what it is moving, which may be about to say
	// that it is done.
	unlock, err := s.locks.LockUntil(ctx, f.ControlPlane, f.ID)
	if err != nil {
		return err
	}
	defer unlock()
	if f, err = s.cfg.Flows.Flow(ctx, f.ControlPlane, f.ID); err != nil {
		return err
	}
	switch {
	case sig.State == transfer.FlowCompleted && f.State == transfer.FlowStarted:
		f.Done = true
		s.owe(&f, reportCompleted, "")
	case sig.Error != "" && !f.ended():
		s.owe(&f, reportErrored, sig.Error)
	case sig.State == transfer.FlowPrepared && f.State == transfer.FlowPreparing,
		sig.State == transfer.FlowStarted && f.State == transfer.FlowStarting:
		f.Due = s.cfg.Now() // it is asked, and tells its address
	default:
		return nil
	}
	return s.put(ctx, &f)
}
