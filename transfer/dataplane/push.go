// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/transfer"
)

// The formats in which the provider sends the data over HTTP: by the name that
// DSP connectors use, and as a profile of Data Plane Signaling.
const (
	PushFormat  = "HttpData-PUSH"
	PushProfile = "https://w3id.org/dspace-sig/profile/http-push"
)

// PushConfig is what a Push needs.
type PushConfig struct {
	// Config says where sources are and who may have them, as for a pull.
	Config
	Jobs    transfer.JobStore
	Carrier *Carrier
	Foreign *safehttp.Client // for addresses that consumers gave
	// Signals is told when all is sent, or will never be.
	Signals transfer.Signals
}

// Push implements transfer.DataPlane for the provider of a push, and is the
// Mover of its jobs: it sends a source to the consumer's address until all of
// it has arrived.
type Push struct {
	cfg      PushConfig
	watching *watching
}

var (
	_ transfer.DataPlane = (*Push)(nil)
	_ transfer.Metering  = (*Push)(nil)
	_ Mover              = (*Push)(nil)
)

// NewPush returns a Push. Its Carrier may be set later, before the first call.
func NewPush(c PushConfig) *Push {
	c.remember()
	c.Transfers = anyStart{c.Transfers}
	return &Push{cfg: c, watching: newWatching(c.Config)}
}

// Close ends what watches transfers, once nothing is pushed any more.
func (p *Push) Close() { p.watching.Close() }

// anyStart gives transfers one grant, whichever start it is of: a push has no
// token that a later one would make void, and where the consumer resumes it
// there is no start of ours.
type anyStart struct{ Transfers }

// Running implements Transfers.
func (a anyStart) Running(ctx context.Context, contextID, id string) (transfer.Running, error) {
	run, err := a.Transfers.Running(ctx, contextID, id)
	run.Grant = "push"
	return run, err
}

// Carried sets the carrier of its jobs.
func (p *Push) Carried(by *Carrier) { p.cfg.Carrier = by }

// MetersBytes implements transfer.Metering.
func (p *Push) MetersBytes() bool { return p.cfg.Meters != nil }

// Prepare implements transfer.DataPlane: the provider has nothing to prepare.
func (*Push) Prepare(context.Context, transfer.Flow) (transfer.FlowStatus, error) {
	return transfer.FlowStatus{State: transfer.FlowPrepared}, nil
}

// Start implements transfer.DataPlane. Nothing is sent before the transfer
// runs.
func (p *Push) Start(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	started := transfer.FlowStatus{State: transfer.FlowStarted}
	if f.DataAddress == nil || f.DataAddress.Endpoint == "" {
		return started, transfer.Refuse("data-address-missing", "a push needs the address to push to")
	}
	if _, err := p.cfg.Foreign.CheckURL(f.DataAddress.Endpoint); err != nil {
		return started, transfer.Refuse("data-address-refused", "the address to push to cannot be used here")
	}
	err := changeJob(ctx, p.cfg.Jobs, f, transfer.JobPush, func(j *transfer.Job) bool {
		if j.Grant == f.MessageID {
			return false
		}
		now := p.cfg.Now()
		if j.Version == 0 {
			j.ID, j.Total, j.Began = p.cfg.NewID(), -1, now
		}
		j.Grant, j.Address = f.MessageID, f.DataAddress
		if j.State != transfer.JobDone {
			j.State, j.NextTry, j.Tries, j.Mismatches, j.Fault = transfer.JobOpen, now, 0, 0, nil
		}
		return true
	})
	if err == nil {
		p.cfg.Carrier.Look()
	}
	return started, err
}

// Resume implements transfer.DataPlane. It goes on with what the consumer has
// not got yet.
func (p *Push) Resume(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	return p.Start(ctx, f)
}

// Suspend implements transfer.DataPlane. When it returns, no byte more goes
// out of this process.
func (p *Push) Suspend(ctx context.Context, f transfer.Flow) error {
	return p.halt(ctx, f, func(j *transfer.Job) bool {
		if !j.Over() {
			j.State, j.NextTry, j.Grant = transfer.JobHeld, time.Time{}, ""
		}
		return j.Version > 0
	})
}

// Complete implements transfer.DataPlane.
func (p *Push) Complete(ctx context.Context, f transfer.Flow) error {
	return p.finish(ctx, f, func(j *transfer.Job) { j.State, j.NextTry, j.Address = transfer.JobDone, time.Time{}, nil })
}

// Terminate implements transfer.DataPlane.
func (p *Push) Terminate(ctx context.Context, f transfer.Flow) error {
	return p.finish(ctx, f, func(j *transfer.Job) {
		j.NextTry, j.Address = time.Time{}, nil
		if !j.Over() {
			j.State, j.Fault = transfer.JobFailed, &transfer.JobFault{Code: faultEnded, Reason: "the transfer was terminated"}
		}
	})
}

// faultEnded is the fault of a job whose transfer came to its end before it.
const faultEnded = "transfer-ended"

// halt ends what is being sent, then changes the job. An unknown one is no
// error.
func (p *Push) halt(ctx context.Context, f transfer.Flow, change func(*transfer.Job) bool) error {
	p.cfg.Carrier.Stop(ctx, f.Context, f.Process, transfer.JobPush, transfer.ErrJobChanged)
	return changeJob(ctx, p.cfg.Jobs, f, transfer.JobPush, change)
}

// finish is halt for good: what has arrived and is not counted is, first, as
// nobody will look at the job again.
func (p *Push) finish(ctx context.Context, f transfer.Flow, change func(*transfer.Job)) error {
	var failed error
	err := p.halt(ctx, f, func(j *transfer.Job) bool {
		if j.SHA256 != "" && !j.Counted && !j.Over() {
			if failed = p.record(ctx, *j, http.StatusCreated); failed != nil {
				return false
			}
			j.Counted = true
		}
		change(j)
		return j.Version > 0
	})
	return errors.Join(failed, err)
}

// Status implements transfer.DataPlane.
func (p *Push) Status(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	return statusOf(p.cfg.Jobs.Job(ctx, f.Context, f.Process, transfer.JobPush))
}
