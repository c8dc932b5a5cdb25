// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// Doer sends a request; *safehttp.Client.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// ClientConfig describes a data plane that is called over HTTP.
type ClientConfig struct {
	// Endpoint is the base URL of its signaling interface; /dataflows/... is
	// added where it does not end in it.
	Endpoint string
	HTTP     Doer // safehttp.Clients.Operator; of what registered itself Foreign
	// Credential returns the value of the header Authorization. Nil: none is
	// sent.
	Credential Credential
	// Dataspace, if set, is asked for that of a participant where a flow names
	// none.
	Dataspace func(ctx context.Context, contextID string) string
	// UseUntil, if set, is asked when the permission to use an agreement's data
	// ends (MetadataUseUntil); zero: never by the clock.
	UseUntil func(ctx context.Context, contextID, agreement string) (time.Time, error)
	// MetersBytes: it counts what it sends (PathBytes).
	MetersBytes bool
	// Verdicts: we give them (PathVerdict), and say so.
	Verdicts bool
	// Timeout bounds one request; default 10 s.
	Timeout time.Duration
	Now     func() time.Time
}

// Client drives a data plane of any vendor: it is a transfer.DataPlane.
type Client struct {
	cfg    ClientConfig
	health health
}

var _ transfer.DataPlane = (*Client)(nil)

// NewClient returns a Client.
func NewClient(c ClientConfig) *Client {
	c.Endpoint = strings.TrimSuffix(strings.TrimRight(c.Endpoint, "/"), "/dataflows")
	if c.Timeout <= 0 {
		c.Timeout = 10 * time.Second
	}
	return &Client{cfg: c}
}

// MetersBytes implements transfer.Metering.
func (c *Client) MetersBytes() bool { return c.cfg.MetersBytes }

// Prepare implements transfer.DataPlane.
func (c *Client) Prepare(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	return c.begin(ctx, f, PathPrepare, transfer.FlowPreparing, transfer.FlowPrepared)
}

// Start implements transfer.DataPlane: start for the provider, the
// notification started for the consumer.
func (c *Client) Start(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	if f.Role == "provider" {
		return c.begin(ctx, f, PathStart, transfer.FlowStarting, transfer.FlowStarted)
	}
	return c.run(ctx, f, "started")
}

// Resume implements transfer.DataPlane.
func (c *Client) Resume(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	return c.run(ctx, f, "resume")
}

// Suspend implements transfer.DataPlane.
func (c *Client) Suspend(ctx context.Context, f transfer.Flow) error {
	return c.stop(ctx, f, "suspend", transfer.FlowSuspended)
}

// Terminate implements transfer.DataPlane.
func (c *Client) Terminate(ctx context.Context, f transfer.Flow) error {
	return c.stop(ctx, f, "terminate", transfer.FlowTerminated)
}

// Complete implements transfer.DataPlane. Nothing flows any more that a plane
// could go on with: a refusal is final.
func (c *Client) Complete(ctx context.Context, f transfer.Flow) error {
	err := c.stop(ctx, f, "completed", transfer.FlowCompleted)
	var no *answerError
	if errors.As(err, &no) && no.final() {
		return refuse("complete", no)
	}
	return err
}

// Status implements transfer.DataPlane.
func (c *Client) Status(ctx context.Context, f transfer.Flow) (transfer.FlowStatus, error) {
	var s Status
	if _, err := c.call(ctx, http.MethodGet, flowPath(f, "status"), nil, &s); err != nil {
		return transfer.FlowStatus{}, err
	}
	return s.Plain(), nil
}

// run has a flow go on that the plane knows.
func (c *Client) run(ctx context.Context, f transfer.Flow, verb string) (transfer.FlowStatus, error) {
	m := &Notice{MessageID: f.MessageID}
	if transfer.Push(f.Format) == (f.Role == "provider") { // the side that was given it
		m.DataAddress = AddressOf(f.DataAddress)
	}
	s := Status{State: transfer.FlowStarted}
	_, err := c.call(ctx, http.MethodPost, flowPath(f, verb), m, &s)
	var no *answerError
	if errors.As(err, &no) && no.final() {
		if known, err := c.Status(ctx, f); err == nil && known.State == transfer.FlowStarted {
			return known, nil // an earlier attempt's answer got lost
		}
		return transfer.FlowStatus{}, refuse(verb, no)
	}
	if err != nil {
		return transfer.FlowStatus{}, err
	}
	return expect(f, s.Plain(), transfer.FlowStarting, transfer.FlowStarted)
}

// stop has a flow rest or end. A plane that does not know it sends nothing. One
// that refuses is asked again, unless the flow rests already: as long as it may
// send, it is not left alone.
func (c *Client) stop(ctx context.Context, f transfer.Flow, verb string, target transfer.FlowState) error {
	m := &Notice{MessageID: f.MessageID, Reason: f.Reason}
	_, err := c.call(ctx, http.MethodPost, flowPath(f, verb), m, nil)
	var no *answerError
	switch {
	case !errors.As(err, &no):
		return err
	case no.status == http.StatusNotFound || no.status == http.StatusGone:
		return nil
	case !no.final():
		return err
	}
	known, failed := c.Status(ctx, f)
	if failed == nil && (known.State == target || known.State == transfer.FlowTerminated || known.State == transfer.FlowCompleted) {
		return nil
	}
	return err
}

func flowPath(f transfer.Flow, verb string) string {
	return fmt.Sprintf(PathFlow, url.PathEscape(or(f.ID, f.Process))) + verb
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
