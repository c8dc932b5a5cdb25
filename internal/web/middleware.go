// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/musubi-ods/musubi/trust"
)

// keep puts a proved fact into the request's context.
func keep(c echo.Context, k key, fact any) {
	r := c.Request()
	c.SetRequest(r.WithContext(context.WithValue(r.Context(), k, fact)))
}

// identified gives every request an id of ours. One that the caller sends is
// not taken: it would let strangers write into our logs.
func (c *Common) identified(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		id := c.NewID()
		keep(ec, keyRequestID, id)
		ec.Response().Header().Set("X-Request-ID", strings.TrimPrefix(id, "urn:uuid:"))
		return next(ec)
	}
}

// logged answers errors and writes one line for each request: the route and
// never the path, the query or a header, since any of these may hold a secret.
func (c *Common) logged(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		begin := c.Now()
		err := next(ec)
		if err != nil {
			ec.Error(err)
		}
		took, status := c.Now().Sub(begin), ec.Response().Status
		level := slog.LevelDebug
		if status >= http.StatusInternalServerError && ec.Path() != readyPath || took >= c.Slow && !patient(ec) {
			level = slog.LevelWarn
		}
		r := ec.Request()
		if !c.Log.Enabled(r.Context(), level) {
			return nil
		}
		c.Log.LogAttrs(r.Context(), level, "request",
			slog.String("id", requestID(r.Context())), slog.String("method", r.Method), slog.String("route", ec.Path()),
			slog.String("participant", known(r.Context())), slog.Int("status", status), slog.Duration("took", took),
			slog.String("from", ec.RealIP()))
		return nil
	}
}

// patient reports whether a request takes long because it should.
func patient(ec echo.Context) bool {
	return ec.QueryParam("wait") != "" || strings.HasSuffix(ec.Path(), "/data/*") || strings.Contains(ec.Path(), "/pull/:id") ||
		ec.QueryParam("seen") != "" && ec.Path() == signalingPath
}

func known(ctx context.Context) string {
	p, _ := ctx.Value(keyParticipant).(trust.Participant)
	return p.Context
}

// recovered turns a panic into our own failure. Where an answer has begun, and
// where the handler itself aborts, the connection is cut: a body that just
// ended there would look complete.
func (c *Common) recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) (err error) {
		defer func() {
			switch p := recover(); {
			case p == nil:
			case p == http.ErrAbortHandler: //nolint:errorlint // net/http compares it so
				panic(p)
			case ec.Response().Committed:
				c.Log.Error("panic after the answer began", "id", requestID(ec.Request().Context()), "panic", p, "stack", string(debug.Stack()))
				panic(http.ErrAbortHandler)
			default:
				err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		return next(ec)
	}
}

// participantExists proves that the context of the path is one of ours.
func participantExists(participants Participants) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ec echo.Context) error {
			id := ec.Param("ctx")
			if !trust.ValidSlug(id) { // nothing else is asked of the store
				return unknownParticipant
			}
			p, err := participants.Participant(ec.Request().Context(), id)
			switch {
			case errors.Is(err, trust.ErrUnknownParticipant):
				return unknownParticipant
			case err != nil:
				return err
			}
			keep(ec, keyParticipant, p)
			return next(ec)
		}
	}
}

var unknownParticipant = &Problem{Status: http.StatusNotFound, Code: "participant-unknown", Message: "there is no such participant here", Hint: "look at GET /api/v1/participants"}
