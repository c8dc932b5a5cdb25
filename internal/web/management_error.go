// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// errorBody is every error of the management API.
type errorBody struct {
	Code      string `json:"code"`
	Message   string `json:"message"`
	Hint      string `json:"hint,omitempty"`
	SupportID string `json:"supportId"`
}

// fail answers an error that no handler turned into an answer.
func (m *management) fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	p := m.problem(err, c)
	if c.Request().Method == http.MethodHead {
		_ = c.NoContent(p.Status)
		return
	}
	body, err := marshal(errorBody{Code: p.Code, Message: p.Message, Hint: p.Hint, SupportID: requestID(c.Request().Context())})
	if err != nil {
		m.Log.Error("an error cannot be written", "error", err)
	}
	_ = c.JSONBlob(p.Status, body) // the client is gone
}

// problem finds what may be said of an error. What no table knows is our own
// failure.
func (m *management) problem(err error, c echo.Context) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	if p, ok := routing(err, c); ok {
		return p
	}
	if p, ok := judge(err); ok {
		return p
	}
	return m.internal(c, err)
}

// judge looks an error of the services up in the tables of verdicts.go.
func judge(err error) (*Problem, bool) {
	var refused *engine.Refusal
	var unfit *catalog.Refusal
	var peer *catalog.PeerError
	var malformed *wire.Error
	var fault *dcp.Fault
	var unproved *trust.Refusal
	switch {
	case errors.As(err, &refused):
		return coded(refused.Code, refused.Reason), true
	case errors.As(err, &unfit):
		return coded(unfit.Code, unfit.Reason), true
	case errors.As(err, &peer):
		return ofPeer(peer), true
	case errors.As(err, &fault):
		return &Problem{Status: fault.Status, Code: fault.Code, Message: fault.Reason, Err: fault.Err}, true
	case errors.As(err, &unproved):
		return problemf(http.StatusUnprocessableEntity, "refused", "check %s: %s", unproved.Check, unproved.Reason).
			hint("docs/trust.md says what the check is"), true
	case errors.As(err, &malformed):
		return problemf(http.StatusBadRequest, malformed.Code, "%s", malformed.Reason), true
	}
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			return &Problem{Status: s.status, Code: s.code, Message: cmp.Or(s.message, err.Error()), Hint: s.hint, Err: err}, true
		}
	}
	return nil, false
}

// coded is a refusal with a code. A data plane may bring codes of its own:
// these, too, say why not.
func coded(code, reason string) *Problem {
	v, ok := verdicts[code]
	if !ok {
		v = verdict{status: http.StatusConflict}
	}
	return &Problem{Status: v.status, Code: code, Message: reason, Hint: v.hint}
}

// ofPeer tells what a peer did or did not answer.
func ofPeer(e *catalog.PeerError) *Problem {
	status := http.StatusBadGateway
	switch e.Code {
	case catalog.PeerUnknown:
		status = http.StatusNotFound
	case catalog.PeerNoToken:
		status = http.StatusConflict
	case catalog.PeerTimeout:
		status = http.StatusGatewayTimeout
	case catalog.PeerRefused:
		if errors.Is(e, catalog.ErrNotFound) {
			status = http.StatusNotFound
		}
	}
	name := e.Peer
	if len(name) > 200 {
		name = name[:200] + "..."
	}
	return &Problem{Status: status, Code: e.Code, Message: "the peer " + strings.ToValidUTF8(name, "?") + ": " + e.Reason, Hint: e.Hint}
}
