// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"errors"
	"net/http"

	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/trust"
)

// Fault turns an error of the protocol methods into an HTTP status and a
// CatalogError. Of an error that is not the counterparty's it says nothing but
// that there is one.
func Fault(err error) (status int, body []byte) {
	status, code, reason := verdict(err)
	body, failed := wire.Encode(&wire.CatalogError{Code: code, Reason: wire.Reasons(reason)})
	if failed != nil {
		return http.StatusInternalServerError, nil
	}
	return status, body
}

func verdict(err error) (status int, code, reason string) {
	var refusal *Refusal
	var malformed *wire.Error
	switch {
	case errors.As(err, &refusal):
		return http.StatusBadRequest, refusal.Code, refusal.Reason
	case errors.Is(err, ErrNotFound):
		return http.StatusNotFound, "not-found", "no such dataset is offered to you"
	case errors.Is(err, trust.ErrUnauthenticated):
		return http.StatusUnauthorized, "not-authenticated", "the request does not prove who sent it"
	case errors.Is(err, trust.ErrUnavailable):
		return http.StatusServiceUnavailable, "unavailable", "who sent the request cannot be checked now; try again"
	case errors.As(err, &malformed):
		return http.StatusBadRequest, malformed.Code, malformed.Reason
	}
	return http.StatusInternalServerError, "internal", "the catalogue cannot be served now; try again later"
}
