// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"
)

// PlaneApplicationsConfig is what the handler of a data plane needs that
// applications call.
type PlaneApplicationsConfig struct {
	Common
	Participants Participants
	// Admits reports whether a key opens what is pulled for a participant.
	Admits func(contextID, key string) bool
	// Pull is as in ManagementConfig.
	Pull func(w http.ResponseWriter, r *http.Request, contextID, id, path string) error
	// Ready reports whether the store can be written to; nil: always.
	Ready func(ctx context.Context) error
}

// NewPlaneApplications returns the handler that applications call:
// /{ctx}/pull/{process}/ and what is below, by any method.
func NewPlaneApplications(c PlaneApplicationsConfig) http.Handler {
	c.defaults()
	e := c.newEcho(planeFail(c.Common))
	pull := func(ec echo.Context) error {
		id, ok := param(ec, "id")
		if !ok {
			return problemf(http.StatusNotFound, "id-invalid", "the id in the path is no id").hint("escape it for a URL")
		}
		return c.Pull(ec.Response(), ec.Request(), ec.Param("ctx"), id, ec.Param("*"))
	}
	for _, path := range []string{"/:ctx/pull/:id", "/:ctx/pull/:id/*"} {
		for _, method := range streamed {
			e.Add(method, path, pull, unstored, c.admitted, participantExists(c.Participants))
		}
	}
	(&PlaneConfig{Common: c.Common, Ready: c.Ready}).health(e)
	return asSent(e)
}

// admitted proves that the caller holds a key. It comes first: without one there
// is no telling which participants or ids exist.
func (c *PlaneApplicationsConfig) admitted(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		if c.Admits(ec.Param("ctx"), givenKey(ec.Request())) {
			return next(ec)
		}
		c.Log.Warn("refused an application without a valid key", "id", requestID(ec.Request().Context()), "from", ec.RealIP())
		ec.Response().Header().Set("WWW-Authenticate", "Bearer")
		return problemf(http.StatusUnauthorized, "key-missing", "the request has no key that opens this").
			hint("send one of applications.keys as X-Api-Key, or as Authorization: Bearer")
	}
}
