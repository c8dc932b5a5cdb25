// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// document serves a participant's DID document, to anybody.
func (h *protocol) document(c echo.Context) error {
	doc, err := h.DID(c.Request().Context(), participantOf(c.Request().Context()))
	switch {
	case err != nil:
		return err
	case doc == nil:
		return problemf(http.StatusNotFound, "no-such-path", "there is nothing at this path")
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=60")
	return c.JSONBlob(http.StatusOK, doc)
}

// claims serves an endpoint of the Decentralized Claims Protocol.
func (h *protocol) claims(r dcp.Route) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		in := dcp.Call{
			Own: participantOf(ctx), Authorization: c.Request().Header.Values("Authorization"),
			ContentType: c.Request().Header.Get("Content-Type"), Accept: c.Request().Header.Get("Accept"),
		}
		var err error
		if r.Method == http.MethodPost {
			if in.Body, err = h.readBody(c); err != nil {
				return err
			}
		}
		if c.Param("id") != "" {
			if in.Param, _ = param(c, "id"); in.Param == "" {
				return problemf(http.StatusNotFound, "not-found", "there is nothing under this id")
			}
		}
		a, err := h.guarded(c, r, in)
		if err != nil {
			return h.claimsFault(c, err)
		}
		return writeClaims(c, a)
	}
}

// guarded serves a call, unless too many before it were wrong about a secret:
// an endpoint that asks for one answers 401 itself.
func (h *protocol) guarded(c echo.Context, r dcp.Route, in dcp.Call) (dcp.Answer, error) {
	at := guessersAt(in.Own.Context, r.Path, c.RealIP())
	if wait := h.guesses.pause(at); wait > 0 {
		c.Response().Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		return dcp.Answer{}, dcp.Faultf(http.StatusTooManyRequests, "too-many-failures", "too many calls were wrong about the secret; wait a minute")
	}
	a, err := r.Serve(c.Request().Context(), in)
	if err == nil && a.Status == http.StatusUnauthorized {
		h.guesses.failed(at)
	}
	return a, err
}

func writeClaims(c echo.Context, a dcp.Answer) error {
	header := c.Response().Header()
	if a.Location != "" {
		header.Set("Location", a.Location)
	}
	if c.Request().Method == http.MethodPost {
		header.Set("Cache-Control", "no-store") // tokens and presentations
	}
	if len(a.Body) == 0 {
		return c.NoContent(a.Status)
	}
	return c.Blob(a.Status, cmp.Or(a.ContentType, echo.MIMEApplicationJSON), a.Body)
}

// claimsFault answers an error of a DCP endpoint. The protocol defines no
// error body: a code, a reason that is safe, and the support id.
func (h *protocol) claimsFault(c echo.Context, err error) error {
	var fault *dcp.Fault
	var p *Problem
	switch {
	case errors.As(err, &fault):
		p = problemf(fault.Status, fault.Code, "%s", fault.Reason)
		level := slog.LevelInfo
		if fault.Status >= http.StatusInternalServerError {
			level = slog.LevelWarn
		}
		ctx := c.Request().Context()
		h.Log.Log(ctx, level, "refused a call", "id", requestID(ctx), "participant", known(ctx), "route", c.Path(), "error", err)
	case errors.Is(err, trust.ErrUnauthenticated), errors.Is(err, trust.ErrUnavailable):
		if !errors.As(h.unproved(c, err), &p) {
			return err
		}
	default:
		return err
	}
	body, failed := json.Marshal(map[string]string{"code": p.Code, "reason": p.Message, "supportId": supportID(c.Request().Context())})
	if failed != nil {
		return failed
	}
	return c.JSONBlob(p.Status, body)
}
