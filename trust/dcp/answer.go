// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp

import (
	"context"
	"fmt"

	"github.com/musubi-ods/musubi/trust"
)

// Call is an inbound call of any DCP endpoint, freed from HTTP.
type Call struct {
	Own           trust.Participant // whose endpoint it is
	Authorization []string          // the header's values, as they came
	Body          []byte
	ContentType   string
	Accept        string
	Param         string // of the path: a request's id, a list's name
}

// Answer is what is answered. A Body without ContentType is JSON.
type Answer struct {
	Status      int
	ContentType string
	Location    string
	Body        []byte
}

// Handler serves one endpoint. Errors: a *trust.Refusal is answered 401, a
// *Fault as it says, trust.ErrUnavailable 503, anything else 500.
type Handler func(ctx context.Context, c Call) (Answer, error)

// Route is an endpoint below a participant's root. A path may end in /:id.
type Route struct {
	Method, Path string
	Serve        Handler
}

// Fault is an error at the edge, for whoever called.
type Fault struct {
	Status int
	Code   string // stable, for programs
	Reason string // safe to show
	Err    error  // the cause, for our log; may be nil
}

// Faultf makes a Fault.
func Faultf(status int, code, format string, args ...any) *Fault {
	return &Fault{Status: status, Code: code, Reason: fmt.Sprintf(format, args...)}
}

func (f *Fault) Error() string {
	if f.Err != nil {
		return f.Code + ": " + f.Reason + ": " + f.Err.Error()
	}
	return f.Code + ": " + f.Reason
}

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Err }
