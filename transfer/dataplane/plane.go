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
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
)

// Format is the first of the Formats, by the name that DSP connectors use.
const Format = "HttpData-PULL"

// Transfers says whether a transfer may send data now: transfer.Service does.
type Transfers interface {
	Running(ctx context.Context, contextID, id string) (transfer.Running, error)
	// Exhausted is told that want bytes could not be sent, since the policy
	// grants no more.
	Exhausted(contextID, id string, want int64)
}

// ErrNoSource: the dataset has no source any more.
var ErrNoSource = errors.New("no source for the dataset")

// ErrCredentials: the provider has not what it takes to read its own source.
var ErrCredentials = errors.New("the credentials of the source are missing")

// Config is what a Plane needs.
type Config struct {
	Transfers Transfers
	// SourceOf finds the source of a dataset. ErrNoSource.
	SourceOf func(ctx context.Context, contextID, dataset string) (Source, error)
	// PublicURL is where a participant's routes are reached, with its context.
	PublicURL func(ctx context.Context, contextID string) (string, error)
	Keys      trust.KeyStore
	Operator  *safehttp.Client // for HTTP sources
	// Meters counts the bytes of transfers whose policy limits them. Nil:
	// nothing is sent under such a policy.
	Meters transfer.Meters
	// Evidence is told of each body that was moved; nil: nobody is. NewID names
	// requests that the consumer did not name.
	Evidence transfer.Evidence
	NewID    func() string
	// Log is told why data cannot be served, where that is for us to mend. Nil
	// discards.
	Log *slog.Logger
	// Watch returns a channel that is closed at the next commit of a transfer.
	Watch func(contextID, id string) (changed <-chan struct{}, stop func())
	// Edits returns a channel that is closed when something that verdicts rest
	// on, beside transfers, is edited next. Nil: they are looked at each second.
	Edits func(contextID string) <-chan struct{}
	// Timer fires once after d; stop releases it.
	Timer func(d time.Duration) (fired <-chan time.Time, stop func())
	Now   func() time.Time
	// Lifetime of a token that is not renewed; default one hour. A resumption
	// brings a new one. ShortLifetime is that of one that is renewed; default
	// five minutes.
	Lifetime, ShortLifetime time.Duration

	// Access keeps what is known of refresh tokens. Nil: no token is renewed.
	Access transfer.AccessStore
	// DIDs and Replays prove who renews one.
	DIDs    did.Resolver
	Replays Replays
	Rand    io.Reader // of refresh tokens; crypto/rand but in tests

	// CheckURL judges the addresses that providers give us as consumer
	// (safehttp.Client.CheckURL). Nil: they are judged when they are used.
	CheckURL func(raw string) (*url.URL, error)
	// Renewer keeps the tokens of our pulls as consumer. Nil: they are used as
	// they came.
	Renewer *Renewer

	digests *digests
	paces   *paces
}

// Plane implements transfer.DataPlane for both sides of a pull. It serves the
// provider's data, as http.Handler, below /{ctx}/data/.
type Plane struct {
	*watching
	tokens tokens
	said   sayings
}

var (
	_ transfer.DataPlane = (*Plane)(nil)
	_ transfer.Metering  = (*Plane)(nil)
	_ http.Handler       = (*Plane)(nil)
)

// New returns a Plane.
func New(c Config) *Plane {
	if c.Lifetime <= 0 {
		c.Lifetime = time.Hour
	}
	if c.ShortLifetime <= 0 {
		c.ShortLifetime = 5 * time.Minute
	}
	c.remember()
	return &Plane{watching: newWatching(c)}
}

// Prepare implements transfer.DataPlane: a pull needs nothing.
func (*Plane) Prepare(context.Context, transfer.Flow) (transfer.FlowStatus, error) {
	return transfer.FlowStatus{State: transfer.FlowPrepared}, nil
}

// Start implements transfer.DataPlane. The token it makes works once the
// transfer names f.MessageID as its grant.
func (p *Plane) Start(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	if transfer.Push(f.Format) {
		return transfer.FlowStatus{}, transfer.Refuse("format-unsupported", "this data plane serves pulls only")
	}
	if f.Role == roleConsumer {
		return p.begin(ctx, f)
	}
	a, err := p.address(ctx, f)
	if err != nil {
		return transfer.FlowStatus{}, err
	}
	return transfer.FlowStatus{State: transfer.FlowStarted, DataAddress: a}, nil
}

// Resume implements transfer.DataPlane: a new token, and the old one is void.
func (p *Plane) Resume(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	return p.Start(ctx, f)
}

// Suspend implements transfer.DataPlane. What stops the data is the transfer's
// own record, written before this is called.
func (*Plane) Suspend(context.Context, transfer.Flow) error { return nil }

// Complete implements transfer.DataPlane, like Suspend; what is known of the
// tokens is forgotten.
func (p *Plane) Complete(ctx context.Context, f transfer.Flow) error { return p.forget(ctx, f) }

// Terminate implements transfer.DataPlane, like Complete.
func (p *Plane) Terminate(ctx context.Context, f transfer.Flow) error { return p.forget(ctx, f) }

func (p *Plane) forget(ctx context.Context, f transfer.Flow) error {
	switch {
	case f.Role == roleConsumer && p.cfg.Renewer != nil:
		return p.cfg.Renewer.Forget(ctx, f.Context, f.Process)
	case p.cfg.Access == nil:
		return nil
	}
	return p.cfg.Access.DropAccess(ctx, f.Context, f.Process)
}

// MetersBytes implements transfer.Metering.
func (p *Plane) MetersBytes() bool { return p.cfg.Meters != nil }

// Status implements transfer.DataPlane.
func (p *Plane) Status(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	if f.Role == roleConsumer { // nothing runs here by itself
		return transfer.FlowStatus{State: transfer.FlowStarted}, nil
	}
	_, err := p.cfg.Transfers.Running(ctx, f.Context, f.Process)
	switch {
	case err == nil:
		return transfer.FlowStatus{State: transfer.FlowStarted}, nil
	case errors.Is(err, transfer.ErrNotStarted):
		return transfer.FlowStatus{State: transfer.FlowPrepared}, nil
	case errors.Is(err, transfer.ErrSuspended), errors.Is(err, transfer.ErrDenied):
		return transfer.FlowStatus{State: transfer.FlowSuspended}, nil
	case errors.Is(err, transfer.ErrEnded), errors.Is(err, transfer.ErrNoTransfer), errors.Is(err, transfer.ErrAgreementEnded):
		return transfer.FlowStatus{State: transfer.FlowTerminated}, nil
	}
	return transfer.FlowStatus{}, err
}
