// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/negotiation"
)

// fail answers an error that no handler turned into an answer, in the error
// message of the protocol whose path was called.
func (h *protocol) fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	var p *Problem
	if !errors.As(err, &p) {
		var ok bool
		if p, ok = routing(err, c); !ok {
			p = h.internal(c, err)
		}
	}
	body := errorMessage(c.Request().URL, p)
	if c.Request().Method == http.MethodHead {
		_ = c.NoContent(p.Status)
		return
	}
	_ = c.JSONBlob(p.Status, body) // the client is gone
}

// errorMessage is a CatalogError, ContractNegotiationError or TransferError;
// elsewhere a plain object with the same members.
func errorMessage(u *url.URL, p *Problem) []byte {
	protocol, pid := whose(u)
	reasons := wire.Reasons(p.Message)
	var m wire.Message
	switch protocol {
	case "catalog":
		m = &wire.CatalogError{Code: p.Code, Reason: reasons}
	case "negotiations":
		m = &wire.ContractError{ProviderPID: pid, ConsumerPID: pid, Code: p.Code, Reason: reasons}
	case "transfers":
		m = &wire.TransferError{ProviderPID: pid, ConsumerPID: pid, Code: p.Code, Reason: reasons}
	}
	if m != nil {
		if body, err := wire.Encode(m); err == nil {
			return body
		}
	}
	body, err := json.Marshal(map[string]any{"code": p.Code, "reason": []string{p.Message}})
	if err != nil {
		return []byte(`{"code":"internal"}`)
	}
	return body
}

// whose finds in a path the protocol and, as far as there is one, the pid.
func whose(u *url.URL) (protocol, pid string) {
	parts := strings.Split(u.EscapedPath(), "/") // "", ctx, "dsp", version, protocol, pid
	if len(parts) < 5 || "/"+parts[2]+"/"+parts[3] != protocolPath {
		return "", ""
	}
	pid = negotiation.Nobody
	if len(parts) > 6 || len(parts) == 6 && parts[5] != "request" && parts[5] != "offers" {
		if id, err := url.PathUnescape(parts[5]); err == nil && id != "" && plausible(id) {
			pid = id
		}
	}
	return parts[4], pid
}
