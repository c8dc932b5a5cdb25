// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// inboxSegment ends the path of an inbox.
const inboxSegment = "inbox"

// InboxConfig is what an Inbox needs.
type InboxConfig struct {
	Jobs    transfer.JobStore
	Drafts  Drafts
	Carrier *Carrier
	// Receiving says whether data may come now: transfer.Service.Receiving does.
	Receiving func(ctx context.Context, contextID, process string) error
	// Until is when the permission to use a flow's data ends; zero: never by the
	// clock. What has come of it by then and is not whole is removed. Nil: nobody
	// knows.
	Until func(ctx context.Context, f transfer.Flow) (time.Time, error)
	// PublicURL is where a participant's routes are reached, with its context.
	PublicURL func(ctx context.Context, contextID string) (string, error)
	Watch     func(contextID, id string) (changed <-chan struct{}, stop func())
	Timer     func(d time.Duration) (fired <-chan time.Time, stop func())
	Now       func() time.Time
	NewID     func() string
	Rand      io.Reader         // of tokens
	Evidence  transfer.Evidence // nil: nobody wants it
	// MaxBodies and MaxTotal bound what is kept in one transfer: how many bodies,
	// and how many bytes all of them have. Default: 1000 bodies, 10 GiB. The draft
	// bounds a single one.
	MaxBodies, MaxTotal int64
	Log                 *slog.Logger // of what cannot be kept; nil discards
}

const (
	defaultBodies = 1000
	defaultTotal  = 10 << 30
)

// Inbox implements transfer.DataPlane for the consumer of a push. It serves, as
// http.Handler, the address that it gives to the provider, and keeps what comes
// there.
type Inbox struct {
	cfg  InboxConfig
	said sayings

	mu   sync.Mutex
	busy map[jobKey]*intake // at most one body a transfer
}

var (
	_ transfer.DataPlane = (*Inbox)(nil)
	_ http.Handler       = (*Inbox)(nil)
)

// NewInbox returns an Inbox.
func NewInbox(c InboxConfig) *Inbox {
	if c.MaxBodies <= 0 {
		c.MaxBodies = defaultBodies
	}
	if c.MaxTotal <= 0 {
		c.MaxTotal = defaultTotal
	}
	c.Log = orSilent(c.Log)
	b := &Inbox{cfg: c, busy: map[jobKey]*intake{}}
	c.Carrier.Moves(transfer.JobInbox, b)
	return b
}

// Serves reports whether a path is that of an inbox.
func (*Inbox) Serves(u *url.URL) bool {
	if !strings.HasSuffix(u.Path, "/"+inboxSegment) { // most are none
		return false
	}
	_, _, sub, ok := parsePath(u)
	return ok && len(sub) == 1 && sub[0] == inboxSegment
}

// Prepare implements transfer.DataPlane: it returns the address to push to,
// with a token. Asked again it returns another one, and the first is void.
func (b *Inbox) Prepare(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	address, sum, err := b.address(ctx, f)
	if err != nil {
		return transfer.FlowStatus{}, err
	}
	until, err := b.until(ctx, f)
	if err != nil {
		return transfer.FlowStatus{}, err
	}
	err = changeJob(ctx, b.cfg.Jobs, f, transfer.JobInbox, func(j *transfer.Job) bool {
		if j.Version == 0 {
			j.ID, j.Total, j.Began, j.State = b.cfg.NewID(), -1, b.cfg.Now(), transfer.JobHeld
		}
		j.Grant, j.Given, j.Until = sum, nil, until
		return true
	})
	return transfer.FlowStatus{State: transfer.FlowPrepared, DataAddress: address}, err
}

// Start implements transfer.DataPlane.
func (b *Inbox) Start(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	err := b.change(ctx, f, func(j *transfer.Job) {
		if !j.Over() {
			j.State = transfer.JobOpen
		}
	})
	return transfer.FlowStatus{State: transfer.FlowStarted}, err
}

// Resume implements transfer.DataPlane: it returns the address with another
// token. The one before is void once that is used. Where no message takes the
// address to the provider, it goes on with the one that it has.
func (b *Inbox) Resume(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	started := transfer.FlowStatus{State: transfer.FlowStarted}
	address, sum, err := b.address(ctx, f)
	if err != nil {
		return started, err
	}
	return started, b.change(ctx, f, func(j *transfer.Job) {
		if !j.Over() {
			j.State = transfer.JobOpen
		}
		if started.DataAddress = nil; give(j, sum) {
			started.DataAddress = address
		}
	})
}

// Suspend implements transfer.DataPlane. When it returns, nothing more comes.
func (b *Inbox) Suspend(ctx context.Context, f transfer.Flow) error {
	return b.halt(ctx, f, func(j *transfer.Job) {
		if !j.Over() {
			j.State = transfer.JobHeld
		}
	})
}

// Complete implements transfer.DataPlane.
func (b *Inbox) Complete(ctx context.Context, f transfer.Flow) error { return b.finish(ctx, f) }

// Terminate implements transfer.DataPlane. What came and is not whole is
// removed.
func (b *Inbox) Terminate(ctx context.Context, f transfer.Flow) error { return b.finish(ctx, f) }

// finish drops what came before it says that the job is over: who looks at one
// that is does not look for a draft.
func (b *Inbox) finish(ctx context.Context, f transfer.Flow) error {
	b.stop(ctx, f)
	j, err := b.cfg.Jobs.Job(ctx, f.Context, f.Process, transfer.JobInbox)
	switch {
	case errors.Is(err, transfer.ErrNoJob):
		return nil
	case err != nil:
		return err
	case !j.Over():
		if err := b.drop(ctx, j); err != nil {
			return err
		}
	}
	return b.halt(ctx, f, func(j *transfer.Job) {
		if end(j); !j.Over() {
			j.State, j.Fault = transfer.JobFailed, &transfer.JobFault{Code: faultEnded, Reason: "the transfer ended before its data was whole"}
		}
	})
}

// change writes a job that is there.
func (b *Inbox) change(ctx context.Context, f transfer.Flow, change func(*transfer.Job)) error {
	return changeJob(ctx, b.cfg.Jobs, f, transfer.JobInbox, func(j *transfer.Job) bool {
		change(j)
		return j.Version > 0
	})
}

// halt ends what is coming, then changes the job.
func (b *Inbox) halt(ctx context.Context, f transfer.Flow, change func(*transfer.Job)) error {
	b.stop(ctx, f)
	return b.change(ctx, f, change)
}

// stop ends what is coming.
func (b *Inbox) stop(ctx context.Context, f transfer.Flow) {
	b.mu.Lock()
	in := b.busy[jobKey{f.Context, f.Process, transfer.JobInbox}]
	b.mu.Unlock()
	if in != nil {
		in.end(ctx, transfer.ErrSuspended)
	}
}

// Status implements transfer.DataPlane.
func (b *Inbox) Status(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	j, err := b.cfg.Jobs.Job(ctx, f.Context, f.Process, transfer.JobInbox)
	status, err := statusOf(j, err)
	if status.State == transfer.FlowSuspended && j.Moved.IsZero() && errors.Is(b.cfg.Receiving(ctx, f.Context, f.Process), transfer.ErrNotStarted) {
		status.State = transfer.FlowPrepared
	}
	return status, err
}
