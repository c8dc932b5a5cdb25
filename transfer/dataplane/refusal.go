// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"errors"
	"maps"
	"net/http"

	"github.com/musubi-ods/musubi/transfer"
)

// Codes that are asked for elsewhere.
const (
	codeSourceMissing = "source-missing"
	codeUnavailable   = "unavailable" // our own failure
)

// refusal is an answer that is not data.
type refusal struct {
	status  int
	code    string
	message string
	hint    string
}

func (r refusal) Error() string { return r.code + ": " + r.message }

// refusals are the answers for what a transfer or a source says.
var refusals = []struct {
	is  error
	say refusal
}{
	{transfer.ErrNoTransfer, errToken}, // whoever has no token learns nothing of transfers
	{transfer.ErrNotStarted, refusal{http.StatusForbidden, "transfer-not-started", "the transfer has not started", "wait for its start message"}},
	{transfer.ErrSuspended, refusal{http.StatusForbidden, "transfer-suspended", "the transfer is suspended", "resume it, and use the new data address"}},
	{transfer.ErrEnded, refusal{http.StatusForbidden, "transfer-ended", "the transfer has ended", "request another one"}},
	{transfer.ErrAgreementEnded, refusal{http.StatusForbidden, "agreement-ended", "the agreement is not in force", "negotiate another one"}},
	{transfer.ErrExhausted, refusal{http.StatusForbidden, "agreement-exhausted", "the agreement is used up", "negotiate another one"}},
	{ErrNoSource, refusal{http.StatusNotFound, codeSourceMissing, "the dataset has no data here any more", "ask the provider"}},
	{ErrCredentials, refusal{http.StatusBadGateway, "source-credentials-missing", "the provider has no credentials for the source of the data", "ask the provider"}},
	{ErrPath, refusal{http.StatusNotFound, "path-not-found", "there is no data under this path", "use the endpoint of the data address, and below it what the provider offers"}},
	{errMethod, refusal{http.StatusMethodNotAllowed, "method-not-allowed", "the provider does not allow this method here", "the header Allow says which it does"}},
	{errQuery, refusal{http.StatusBadRequest, "query-not-allowed", "the provider does not take this query", "leave out what is not of the offer"}},
	{errDenied, refusal{http.StatusBadGateway, "source-denied", "the source of the data does not accept the provider", "ask the provider"}},
	{errRedirect, refusal{http.StatusBadGateway, "source-redirects", "the source of the data redirects, and that is not followed", "ask the provider"}},
	{errInvalid, refusal{http.StatusBadGateway, "source-invalid", "the source of the data does not answer as HTTP demands", "try again later, or ask the provider"}},
	{errUnreachable, refusal{http.StatusServiceUnavailable, "source-unreachable", "the source of the data cannot be reached", "try again later, or ask the provider"}},
	{errTimeout, refusal{http.StatusGatewayTimeout, "source-timeout", "the source of the data does not answer in time", "try again later, or ask the provider"}},
	{errIdle, refusal{http.StatusGatewayTimeout, "stalled", "nothing moved for too long", "try again"}},
	{errSource, refusal{http.StatusBadGateway, "source-failed", "the source of the data does not answer as it should", "try again later, or ask the provider"}},
}

var errSuperseded = refusal{http.StatusForbidden, "token-superseded", "a later start of the transfer made this token void", "use the latest data address of this transfer"}

// sayOf finds what may be said of an error. What is not known here is our own
// failure, of which the caller learns nothing.
func sayOf(err error) refusal {
	say := refusal{http.StatusServiceUnavailable, codeUnavailable, "the data cannot be served now", "try again later"}
	if denied, ok := errors.AsType[*transfer.DeniedError](err); ok {
		return refusal{http.StatusForbidden, "policy-denied", denied.Verdict.Safe, "the transfer's reason says the same"}
	}
	if errors.As(err, &say) {
		return say
	}
	for _, known := range refusals {
		if errors.Is(err, known.is) {
			return known.say
		}
	}
	return say
}

// headers sets those that belong to the status.
func (r refusal) headers(h http.Header) {
	switch r.status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", "Bearer")
	case http.StatusMethodNotAllowed:
		if h.Get("Allow") == "" {
			h.Set("Allow", "GET, HEAD")
		}
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", "1")
	}
}

// refuse writes the answer for an error.
func refuse(w http.ResponseWriter, err error) {
	say := sayOf(err)
	h := w.Header()
	kept := http.Header{}
	for _, name := range []string{"Allow", TrackingHeader} {
		if h[name] != nil {
			kept[name] = h[name]
		}
	}
	clear(h)
	maps.Copy(h, kept)
	say.headers(h)
	writeJSON(w, say.status, map[string]string{"code": say.code, "message": say.message, "hint": say.hint})
}
