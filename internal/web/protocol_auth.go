// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/musubi-ods/musubi/trust"
)

// releaseTime bounds the release of a proof after the answer.
const releaseTime = 5 * time.Second

// authenticated proves who calls, by the participant's identity profile. A
// verdict is 401. Where there is none now the answer is 503: peers take any
// 4xx for the end, and repeat the same token after a 5xx, which is why a proof
// is released when we fail. Where the handler settles the use of the proof, that
// may be recorded in the transaction of what the call does.
func (h *protocol) authenticated(purpose trust.Purpose, settled bool) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			ctx := c.Request().Context()
			own := participantOf(ctx)
			var use *trust.Use
			if settled {
				use = new(trust.Use)
			}
			claims, err := h.Verifier.Verify(ctx, trust.Request{
				Context: own.Context, Authorization: c.Request().Header.Values("Authorization"), Purpose: purpose, Use: use,
			})
			if err == nil && claims.Participant == "" {
				err = trust.ErrUnauthenticated
			}
			if err != nil {
				return h.unproved(c, err)
			}
			keep(c, keyClaims, claims)
			keep(c, keyUse, use)
			defer func() {
				failed := c.Response().Status >= http.StatusInternalServerError || !c.Response().Committed
				if failed && !use.Open() { // else the record is another call's, if there is one
					h.release(ctx, own.Context, claims)
				}
			}()
			if err := next(c); err != nil {
				c.Error(err) // now, so that the status is known
			}
			return nil
		}
	}
}

// release lets the caller's proof be used again.
func (h *protocol) release(ctx context.Context, contextID string, claims trust.Claims) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer cancel()
	if err := h.Verifier.Release(ctx, contextID, claims); err != nil {
		h.Log.Warn("a proof was not released: its sender will be refused once", "id", requestID(ctx), "participant", contextID, "error", err)
	}
}

// unproved answers a caller that is not, or not now, proved.
func (h *protocol) unproved(c echo.Context, err error) error {
	ctx := c.Request().Context()
	switch {
	case errors.Is(err, trust.ErrUnauthenticated):
		h.refuse(c, err)
		c.Response().Header().Set("WWW-Authenticate", "Bearer")
		return problemf(http.StatusUnauthorized, "not-authenticated", "the request does not prove who sent it; support id %s", supportID(ctx))
	case errors.Is(err, trust.ErrUnavailable):
		h.Log.Warn("cannot tell who calls", "id", requestID(ctx), "participant", known(ctx), "error", err)
		c.Response().Header().Set("Retry-After", "1")
		return problemf(http.StatusServiceUnavailable, "unavailable", "who sent the request cannot be checked now; try again")
	}
	return err
}

// refuse writes a refusal where our own users find it.
func (h *protocol) refuse(c echo.Context, err error) {
	ctx := c.Request().Context()
	one := h.refusal(ctx, c.Path(), c.RealIP(), err)
	h.Log.Info("refused a caller", "id", requestID(ctx), "participant", known(ctx), "from", one.From, "claimed", one.Claimed,
		"check", one.Check, "credential", one.Credential, "reason", one.Reason)
	h.Refusals.add(one)
}
