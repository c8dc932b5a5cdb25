// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"

	"github.com/musubi-ods/musubi/transfer"
)

func statusOf(j transfer.Job, err error) (transfer.FlowStatus, error) {
	status := transfer.FlowStatus{State: transfer.FlowStarted}
	switch {
	case errors.Is(err, transfer.ErrNoJob):
		return transfer.FlowStatus{State: transfer.FlowTerminated}, nil
	case err != nil:
		return status, err
	case j.State == transfer.JobDone:
		status.State = transfer.FlowCompleted
	case j.State == transfer.JobFailed && j.Fault != nil && j.Fault.Code == faultEnded:
		status.State = transfer.FlowTerminated
	case j.State == transfer.JobHeld && (j.NextTry.IsZero() || j.Kind == transfer.JobInbox):
		status.State = transfer.FlowSuspended
	}
	return status, nil
}

// changeJob writes a change of a flow's job, which may be its first. change
// reports whether there is anything to write.
func changeJob(ctx context.Context, jobs transfer.JobStore, f transfer.Flow, kind transfer.JobKind, change func(*transfer.Job) bool) error {
	for {
		j, err := jobs.Job(ctx, f.Context, f.Process, kind)
		if errors.Is(err, transfer.ErrNoJob) {
			j = transfer.Job{Context: f.Context, Process: f.Process, Kind: kind, Peer: f.Counterparty}
		} else if err != nil {
			return err
		}
		if !change(&j) {
			return nil
		}
		if kind == transfer.JobInbox {
			j.Rest()
		}
		_, err = jobs.PutJob(ctx, j)
		if !errors.Is(err, transfer.ErrJobChanged) || ctx.Err() != nil {
			return err
		}
	}
}

// May implements Mover.
func (p *Push) May(ctx context.Context, j transfer.Job) error {
	if j.SHA256 != "" {
		return nil // it has arrived, and only has to be told
	}
	_, err := p.running(ctx, j)
	return err
}

// running is the transfer of a job that may send now.
func (p *Push) running(ctx context.Context, j transfer.Job) (transfer.Running, error) {
	run, err := p.cfg.Transfers.Running(ctx, j.Context, j.Process)
	switch {
	case err == nil && j.Grant == "":
		err = ErrHeld
	case err == nil:
	case errors.Is(err, transfer.ErrEnded), errors.Is(err, transfer.ErrNoTransfer), errors.Is(err, transfer.ErrAgreementEnded):
		err = &transfer.JobFault{Code: faultEnded, Reason: err.Error()}
	case errors.Is(err, transfer.ErrNotStarted), errors.Is(err, transfer.ErrSuspended), errors.Is(err, transfer.ErrDenied):
		err = ErrHeld
	}
	return run, err
}

// Over implements Mover: it tells that the data will not arrive.
func (p *Push) Over(ctx context.Context, j transfer.Job, fault *transfer.JobFault) error {
	if fault.Code == faultEnded {
		return nil // nobody waits for it
	}
	err := p.cfg.Signals.Signal(ctx, transfer.Signal{Context: j.Context, Process: j.Process, Error: "the data cannot be pushed: " + fault.Reason})
	if errors.Is(err, transfer.ErrNoTransfer) {
		return nil
	}
	return err
}

// told says that all has arrived.
func (p *Push) told(ctx context.Context, j transfer.Job) error {
	err := p.cfg.Signals.Signal(ctx, transfer.Signal{Context: j.Context, Process: j.Process, State: transfer.FlowCompleted})
	if errors.Is(err, transfer.ErrNoTransfer) {
		return nil
	}
	return err
}
