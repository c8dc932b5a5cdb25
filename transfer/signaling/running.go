// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/transfer"
)

// Running tells a data plane whether a provider's flow may send data now, which
// only a nil error means: the control plane's signals say so, and its verdict,
// where it gives any. The errors are those of transfer.Service.Running.
func (s *Server) Running(ctx context.Context, contextID, process string) (transfer.Running, error) {
	f, err := s.cfg.Flows.FlowOf(ctx, contextID, process)
	if errors.Is(err, ErrNoFlow) || err == nil && f.Asked.Role != roleProvider {
		return transfer.Running{}, transfer.ErrNoTransfer
	}
	if err != nil {
		return transfer.Running{}, err
	}
	run := transfer.Running{
		Context: contextID, Process: process, Participant: f.Asked.Participant, Peer: f.Asked.Counterparty,
		Agreement: f.Asked.Agreement, Dataset: f.Asked.Dataset, Grant: f.Grant,
	}
	if err := f.mayFlow(); err != nil {
		return run, err
	}
	v, err := s.verdicts.of(ctx, &f)
	switch {
	case errors.Is(err, errNotOffered):
		return run, nil // its signals alone rule
	case err != nil:
		return transfer.Running{}, fmt.Errorf("the control plane's verdict: %w", err)
	}
	told, err := v.Running(contextID, process)
	if err != nil {
		return run, err
	}
	if told.Participant != run.Participant || told.Peer != run.Peer || told.Agreement != run.Agreement {
		return run, transfer.ErrEnded // it speaks of another transfer
	}
	if told.Grant != run.Grant { // the control plane has not taken the start yet, or takes it no more
		run.Grant = ""
	}
	run.Metered, run.ByteLimit = told.Metered, told.ByteLimit
	return run, nil
}

// Judges notes that a control plane gives verdicts: it said so. From then on
// nothing is sent without one in any of its flows, also after a restart, unless
// it is ruled that its signals alone count.
func (s *Server) Judges(ctx context.Context, controlPlane string) error {
	if s.verdicts.given(controlPlane) {
		return nil
	}
	if err := s.cfg.Flows.PutJudge(ctx, controlPlane); err != nil {
		return fmt.Errorf("keeping that there are verdicts: %w", err)
	}
	s.verdicts.learn(controlPlane)
	return nil
}

// judged keeps that the control plane has given a verdict on a flow, so that
// after a restart too no 404 passes for that it never gave any.
func (s *Server) judged(ctx context.Context, was *Flow) error {
	if err := s.Judges(ctx, was.ControlPlane); err != nil || was.Judged {
		return err
	}
	unlock, err := s.locks.LockUntil(ctx, was.ControlPlane, was.ID) // as in Signal
	if err != nil {
		return err
	}
	defer unlock()
	f, err := s.cfg.Flows.Flow(ctx, was.ControlPlane, was.ID)
	if err == nil && !f.Judged {
		f.Judged = true
		f.Version++
		err = s.cfg.Flows.PutFlow(ctx, f)
	}
	if err != nil {
		return fmt.Errorf("keeping that there is a verdict: %w", err)
	}
	was.Judged = true
	return nil
}

// Receiving tells a data plane whether data may come in a consumer's flow, as
// transfer.Service.Receiving does.
func (s *Server) Receiving(ctx context.Context, contextID, process string) error {
	f, err := s.cfg.Flows.FlowOf(ctx, contextID, process)
	if errors.Is(err, ErrNoFlow) || err == nil && f.Asked.Role != roleConsumer {
		return transfer.ErrNoTransfer
	}
	if err != nil {
		return err
	}
	return f.mayFlow()
}

func (f *Flow) mayFlow() error {
	switch f.State {
	case transfer.FlowStarted:
		return nil
	case transfer.FlowSuspended:
		return transfer.ErrSuspended
	case transfer.FlowCompleted, transfer.FlowTerminated:
		return transfer.ErrEnded
	default:
		return transfer.ErrNotStarted
	}
}

// Exhausted tells the control plane that want bytes could not be sent, since
// its policy grants no more.
func (s *Server) Exhausted(contextID, process string, want int64) {
	s.life.beside(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, tryTime)
		defer cancel()
		f, err := s.cfg.Flows.FlowOf(ctx, contextID, process)
		if err == nil {
			_, err = s.cfg.Call.bytes(ctx, &f, Bytes{Exhausted: want})
		}
		if err != nil {
			s.cfg.Log.Warn("a control plane could not be told that its agreement is used up", "transfer", process, "error", err)
		}
	})
}

// Meters counts bytes at the control plane of the flow: of two under one
// agreement, one may be at its end, and neither gives back what the other took.
func (s *Server) Meters() transfer.Meters { return meters{s} }

type meters struct{ s *Server }

// ask asks the control plane of the flow.
func (m meters) ask(ctx context.Context, contextID, process string, b Bytes) (int64, error) {
	f, err := m.s.cfg.Flows.FlowOf(ctx, contextID, process)
	if err != nil {
		return 0, err
	}
	return m.s.cfg.Call.bytes(ctx, &f, b)
}

// TakeBytes implements transfer.Meters.
func (m meters) TakeBytes(ctx context.Context, contextID, _, process string, want, limit int64) (int64, error) {
	return m.ask(ctx, contextID, process, Bytes{Take: want, Limit: limit})
}

// ReturnBytes implements transfer.Meters.
func (m meters) ReturnBytes(ctx context.Context, contextID, _, process string, n int64) error {
	_, err := m.ask(ctx, contextID, process, Bytes{Return: n})
	return err
}

// errElsewhere: it is the control plane's to do.
var errElsewhere = errors.New("the control plane does this")

// ClaimStart implements transfer.Meters.
func (meters) ClaimStart(context.Context, string, string, string, int64) (int64, error) {
	return 0, errElsewhere
}

// ReleaseStart implements transfer.Meters.
func (meters) ReleaseStart(context.Context, string, string, string) error { return errElsewhere }

// Usage implements transfer.Meters.
func (meters) Usage(context.Context, string, string) (transfer.Usage, error) {
	return transfer.Usage{}, errElsewhere
}
