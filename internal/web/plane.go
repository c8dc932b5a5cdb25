// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"
)

// PlaneConfig is what the handlers of a data plane need that runs alone.
type PlaneConfig struct {
	Common
	Participants Participants
	// Data serves /{ctx}/data/ as in ProtocolConfig, Signaling /dataflows and
	// /controlplanes: both prove their callers by themselves.
	Data, Signaling http.Handler
	// Ready reports whether the store can be written to; nil: always.
	Ready func(ctx context.Context) error
}

// NewPlaneData returns the handler that counterparties call.
func NewPlaneData(c PlaneConfig) http.Handler {
	c.defaults()
	e := c.newEcho(planeFail(c.Common))
	e.Any("/:ctx/data/*", handOver(c.Data), participantExists(c.Participants))
	c.health(e)
	return asSent(e)
}

// NewPlaneSignaling returns the handler that control planes call.
func NewPlaneSignaling(c PlaneConfig) http.Handler {
	c.defaults()
	e := c.newEcho(planeFail(c.Common))
	signal := func(ec echo.Context) error {
		c.Signaling.ServeHTTP(ec.Response(), ec.Request())
		return nil
	}
	for _, path := range []string{"/dataflows/*", "/controlplanes", "/controlplanes/*"} {
		e.Any(path, signal, c.bounded, jsonOnly)
	}
	c.health(e)
	return asSent(e)
}

// health adds /healthz and /readyz.
func (c *PlaneConfig) health(e *echo.Echo) {
	m := &management{ManagementConfig: ManagementConfig{Common: c.Common, Ready: c.Ready}}
	e.GET(healthPath, m.healthy)
	e.GET(readyPath, m.ready)
}

// planeFail answers errors of this package.
func planeFail(c Common) echo.HTTPErrorHandler {
	m := &management{ManagementConfig: ManagementConfig{Common: c}}
	return func(err error, ec echo.Context) {
		if http := new(echo.HTTPError); errors.As(err, &http) {
			err = &Problem{Status: http.Code, Code: "no-route", Message: "there is nothing at this path for this method", Hint: "see docs/data-planes.md"}
		}
		m.fail(err, ec)
	}
}
