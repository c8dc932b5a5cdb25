// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// managementPath is where the API lies.
const managementPath = "/api/v1"

// NewManagement returns the handler that the participants' own users call.
// Its routes are those of the table in routes.go, /healthz and /readyz.
func NewManagement(c ManagementConfig) http.Handler {
	c.defaults()
	if c.Refusals == nil {
		c.Refusals = new(Refusals)
	}
	m := &management{ManagementConfig: c, keys: digests(c.APIKeys)}
	e := c.newEcho(m.fail)
	e.Use(unstored, m.keyed)
	e.GET(healthPath, m.healthy)
	e.GET(readyPath, m.ready)
	here := participantExists(c.Participants)
	for _, r := range routes {
		steps := []echo.MiddlewareFunc{c.bounded, jsonOnly}
		switch {
		case r.do.lines:
			steps = []echo.MiddlewareFunc{linesOnly}
		case r.do.passes:
			steps = nil
		}
		if r.ofParticipant() {
			steps = append([]echo.MiddlewareFunc{here}, steps...)
		}
		m.add(e, r, steps)
	}
	return asSent(e)
}

type management struct {
	ManagementConfig
	keys [][32]byte
}

// unstored keeps answers out of every cache.
func unstored(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set("Cache-Control", "no-store")
		return next(c)
	}
}

// serve runs a row of the table.
func (m *management) serve(r route) echo.HandlerFunc {
	return func(ec echo.Context) error {
		c := &call{Context: ec, m: m, ctx: ec.Request().Context(), route: r}
		if r.ofParticipant() {
			c.contextID = participantOf(c.ctx).Context
		}
		if !r.do.passes {
			if err := c.checkQuery(); err != nil {
				return err
			}
		}
		a, err := r.do.run(c)
		if err != nil {
			return err
		}
		return a.write(ec)
	}
}

// answer is what a row of the table answers.
type answer struct {
	status   int // 0: 200
	body     any // nil: none
	location string
	stream   func(echo.Context) error // writes the answer instead; nil: body is it
}

func (a answer) write(c echo.Context) error {
	if a.location != "" {
		c.Response().Header().Set("Location", a.location)
	}
	switch {
	case a.stream != nil:
		return a.stream(c)
	case a.body == nil:
		return c.NoContent(http.StatusNoContent)
	case a.status == 0:
		a.status = http.StatusOK
	}
	text, err := marshal(a.body)
	if err != nil {
		return err
	}
	return c.JSONBlob(a.status, text)
}
