// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/musubi-ods/musubi/trust"
)

// authenticated proves who calls, by the participant's identity profile. A
// verdict is 401. Where there is none now the answer is 503: peers take any
// 4xx for the end, and repeat the same token after a 5xx.
func (h *protocol) authenticated(purpose trust.Purpose) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			ctx := c.Request().Context()
			claims, err := h.Verifier.Verify(ctx, trust.Request{
				Context: participantOf(ctx).Context, Authorization: c.Request().Header.Values("Authorization"), Purpose: purpose,
			})
			switch {
			case err == nil && claims.Participant != "":
				keep(c, keyClaims, claims)
				return next(c)
			case err == nil, errors.Is(err, trust.ErrUnauthenticated):
				h.Log.Info("refused a caller", "id", requestID(ctx), "participant", known(ctx), "from", c.RealIP(), "error", err)
				c.Response().Header().Set("WWW-Authenticate", "Bearer")
				return problemf(http.StatusUnauthorized, "not-authenticated", "the request does not prove who sent it")
			case errors.Is(err, trust.ErrUnavailable):
				h.Log.Warn("cannot tell who calls", "id", requestID(ctx), "participant", known(ctx), "error", err)
				c.Response().Header().Set("Retry-After", "1")
				return problemf(http.StatusServiceUnavailable, "unavailable", "who sent the request cannot be checked now; try again")
			}
			return err
		}
	}
}
