// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/musubi-ods/musubi/transfer"
)

// begin makes a flow. It is never made twice: a plane that answered that it
// will report is asked how the flow is, and so is one that refuses, since the
// answer to an earlier attempt may have got lost.
func (c *Client) begin(ctx context.Context, f transfer.Flow, where string, soon, done transfer.FlowState) (transfer.FlowStatus, error) {
	if f.Asked {
		return c.look(ctx, f, soon, done)
	}
	if f.Dataspace == "" && c.cfg.Dataspace != nil {
		f.Dataspace = c.cfg.Dataspace(ctx, f.Context)
	}
	if where == PathPrepare && c.cfg.UseUntil != nil {
		until, err := c.cfg.UseUntil(ctx, f.Context, f.Agreement)
		if err != nil {
			return transfer.FlowStatus{}, err
		}
		f = lent(f, until)
	}
	m, err := RequestOf(f, where == PathStart && transfer.Push(f.Format))
	if err != nil {
		return transfer.FlowStatus{}, err
	}
	var s Status
	accepted, err := c.call(ctx, http.MethodPost, where, m, &s)
	var no *answerError
	if errors.As(err, &no) && no.final() {
		if known, err := c.Status(ctx, f); err == nil && (known.State == soon || known.State == done) {
			return c.usable(f, known, soon, done)
		}
		return transfer.FlowStatus{}, refuse(path.Base(where), no)
	}
	if err != nil {
		return transfer.FlowStatus{}, err
	}
	if s.State == "" && accepted.later {
		s.State = soon
	}
	s.State = transfer.FlowState(or(string(s.State), string(done)))
	s.DataFlowID = or(s.DataFlowID, located(accepted.location))
	return expect(f, s.Plain(), soon, done)
}

// look asks how a flow is whose plane will report. That the plane does not say
// is no answer: the report is what counts.
func (c *Client) look(ctx context.Context, f transfer.Flow, soon, done transfer.FlowState) (transfer.FlowStatus, error) {
	s, err := c.Status(ctx, f)
	var no *answerError
	switch {
	case errors.As(err, &no) && no.final():
		return transfer.FlowStatus{State: soon}, nil
	case err != nil:
		return s, err
	}
	return c.usable(f, s, soon, done)
}

// usable is a status that was asked for. One that lacks the address which the
// flow needs comes before the report that has it.
func (c *Client) usable(f transfer.Flow, s transfer.FlowStatus, soon, done transfer.FlowState) (transfer.FlowStatus, error) {
	owns := f.Role == "provider" && done == transfer.FlowStarted && !transfer.Push(f.Format) ||
		f.Role == "consumer" && done == transfer.FlowPrepared && transfer.Push(f.Format)
	if s.State == done && owns && s.DataAddress == nil {
		s.State = soon
	}
	return expect(f, s, soon, done)
}

// expect refuses a flow that came to its end instead of beginning. One that is
// completed did begin: what it had to push is there before we asked again.
func expect(f transfer.Flow, s transfer.FlowStatus, soon, done transfer.FlowState) (transfer.FlowStatus, error) {
	if s.ID == f.Process {
		s.ID = ""
	}
	if s.State == transfer.FlowInitialized {
		s.State = soon
	}
	if s.State == transfer.FlowCompleted && done == transfer.FlowStarted {
		s.State = done
	}
	if s.State == soon || s.State == done {
		return s, nil
	}
	return transfer.FlowStatus{}, transfer.Refuse("data-plane-refused", fmt.Sprintf("the data plane has the flow in state %.20s", s.State))
}

// located is the flow's id in /dataflows/{id}/status.
func located(location string) string {
	u, err := url.Parse(location)
	if err != nil {
		return ""
	}
	parts := strings.Split(strings.Trim(u.EscapedPath(), "/"), "/")
	n := len(parts)
	if n < 3 || parts[n-1] != "status" || parts[n-3] != "dataflows" || len(parts[n-2]) > maxText {
		return ""
	}
	id, err := url.PathUnescape(parts[n-2])
	if err != nil {
		return ""
	}
	return id
}
