// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
)

// Format is the format of distributions that this plane serves, by the name
// that DSP connectors use.
const Format = "HttpData-PULL"

// Transfers says whether a transfer may send data now: transfer.Service does.
type Transfers interface {
	Running(ctx context.Context, contextID, id string) (transfer.Running, error)
	// Exhausted is told that want bytes could not be sent, since the policy
	// grants no more.
	Exhausted(contextID, id string, want int64)
}

// Source is where the data of a dataset is, as its owner configured it.
type Source struct {
	Type string // SourceHTTP or SourceFile
	// URL is asked, with Headers, of which some are secrets (SourceHTTP).
	URL     string
	Headers map[string]string
	// Path is a file, or with SubPaths a folder (SourceFile).
	Path string
	// ContentType overrides what the source says or the file's name tells.
	ContentType string
	// SubPaths lets the consumer append a path below URL or Path, and Query
	// lets it add a query to URL. Neither leads out of them.
	SubPaths, Query bool
	// Rate bounds the bytes a second of all who read it through this process
	// together; 0: nothing does.
	Rate int64
}

// Kinds of source.
const (
	SourceHTTP = "http"
	SourceFile = "file"
)

// ErrNoSource: the dataset has no source any more.
var ErrNoSource = errors.New("no source for the dataset")

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
	// Watch returns a channel that is closed at the next commit of a transfer.
	Watch func(contextID, id string) (changed <-chan struct{}, stop func())
	// Timer fires once after d; stop releases it.
	Timer func(d time.Duration) (fired <-chan time.Time, stop func())
	Now   func() time.Time
	// Lifetime of a token; default one hour. A resumption brings a new one.
	Lifetime time.Duration

	digests *digests
	paces   *paces
}

// Plane implements transfer.DataPlane for the provider of a pull, and serves
// the data as http.Handler below /{ctx}/data/.
type Plane struct{ cfg Config }

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
	c.remember()
	return &Plane{cfg: c}
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
	base, err := p.cfg.PublicURL(ctx, f.Context)
	if err != nil {
		return transfer.FlowStatus{}, fmt.Errorf("public URL: %w", err)
	}
	token, err := p.mint(ctx, f)
	if err != nil {
		return transfer.FlowStatus{}, err
	}
	return transfer.FlowStatus{State: transfer.FlowStarted, DataAddress: &transfer.DataAddress{
		EndpointType: transfer.EndpointTypeHTTP,
		Endpoint:     strings.TrimRight(base, "/") + "/data/" + url.PathEscape(f.Process),
		Properties: []transfer.Property{
			{Name: transfer.PropertyAuthorization, Value: token},
			{Name: transfer.PropertyAuthType, Value: "bearer"},
		},
	}}, nil
}

// Resume implements transfer.DataPlane: a new token, and the old one is void.
func (p *Plane) Resume(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	return p.Start(ctx, f)
}

// Suspend implements transfer.DataPlane. What stops the data is the transfer's
// own record, written before this is called.
func (*Plane) Suspend(context.Context, transfer.Flow) error { return nil }

// Complete implements transfer.DataPlane, like Suspend.
func (*Plane) Complete(context.Context, transfer.Flow) error { return nil }

// Terminate implements transfer.DataPlane, like Suspend.
func (*Plane) Terminate(context.Context, transfer.Flow) error { return nil }

// MetersBytes implements transfer.Metering.
func (p *Plane) MetersBytes() bool { return p.cfg.Meters != nil }

// Status implements transfer.DataPlane.
func (p *Plane) Status(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
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
