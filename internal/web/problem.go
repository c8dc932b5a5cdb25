// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/musubi-ods/musubi/internal/engine"
)

// Problem is an error whose texts may be shown to the caller. What a handler
// returns that is none, and that no table knows, is our own failure.
type Problem struct {
	Status  int
	Code    string // stable, for programs
	Message string // what is wrong, for people
	Hint    string // what to do about it; may be empty
	Err     error  // the cause, for our own log; may be nil
}

func (p *Problem) Error() string {
	if p.Err != nil {
		return p.Code + ": " + p.Message + ": " + p.Err.Error()
	}
	return p.Code + ": " + p.Message
}

func (p *Problem) Unwrap() error { return p.Err }

// BadInput makes a Problem of an error whose text was written for the user.
func BadInput(code string, err error, hint string) error {
	return &Problem{Status: http.StatusBadRequest, Code: code, Message: err.Error(), Hint: hint}
}

func problemf(status int, code, format string, args ...any) *Problem {
	return &Problem{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

func (p *Problem) hint(format string, args ...any) *Problem {
	p.Hint = fmt.Sprintf(format, args...)
	return p
}

// routing makes a Problem of what the router says: there is no such path, or
// not by this method.
func routing(err error, ec echo.Context) (*Problem, bool) {
	var he *echo.HTTPError
	if !errors.As(err, &he) {
		return nil, false
	}
	switch he.Code {
	case http.StatusNotFound:
		return problemf(he.Code, "no-such-path", "there is nothing at this path"), true
	case http.StatusMethodNotAllowed:
		allowed := ec.Response().Header().Get("Allow")
		return problemf(he.Code, "wrong-method", "this path has no %.20q", ec.Request().Method).hint("it has: %s", allowed), true
	}
	return nil, false
}

// internal logs our own failure and tells the caller no more than where to
// find it.
func (c *Common) internal(ec echo.Context, err error) *Problem {
	ctx := ec.Request().Context()
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		c.Log.Debug("the caller went away", "id", requestID(ctx), "route", ec.Path())
		return problemf(http.StatusServiceUnavailable, "gone", "the caller went away")
	}
	if errors.Is(err, engine.ErrUnavailable) {
		// Why stands in the log once, by the store; not again for each request.
		c.Log.Debug("request refused", "id", requestID(ctx), "route", ec.Path(), "participant", known(ctx), "error", err)
		ec.Response().Header().Set("Retry-After", "1")
		return problemf(http.StatusServiceUnavailable, "store-unavailable", "this connector's store cannot be used now").
			hint("try again; where something was to be done, look first whether it was. The connector's log says what is wrong with the store")
	}
	c.Log.Error("request failed", "id", requestID(ctx), "route", ec.Path(), "participant", known(ctx), "error", err)
	return problemf(http.StatusInternalServerError, "internal", "this connector failed; its log says why under %s", requestID(ctx))
}
