// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"errors"
	"net/http"

	"github.com/musubi-ods/musubi/transfer"
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
	{ErrNoSource, refusal{http.StatusNotFound, "source-missing", "the dataset has no data here any more", "ask the provider"}},
	{errPath, refusal{http.StatusNotFound, "path-not-found", "there is no data under this path or query", "use the endpoint of the data address as it is"}},
	{errSource, refusal{http.StatusBadGateway, "source-failed", "the source of the data does not answer as it should", "try again later, or ask the provider"}},
}

var errSuperseded = refusal{http.StatusForbidden, "token-superseded", "a later start of the transfer made this token void", "use the latest data address of this transfer"}

// sayOf finds what may be said of an error. What is not known here is our own
// failure, of which the caller learns nothing.
func sayOf(err error) refusal {
	say := refusal{http.StatusServiceUnavailable, "unavailable", "the data cannot be served now", "try again later"}
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
	clear(h)
	say.headers(h)
	writeJSON(w, say.status, map[string]string{"code": say.code, "message": say.message, "hint": say.hint})
}
