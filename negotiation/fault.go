// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"cmp"
	"errors"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/wire"
)

// Fault turns an error of Receive or Show into the answer to the peer: a
// status, and a ContractNegotiationError with a code and a reason that are
// safe to show. ok is false for what is our own failure, of which the peer
// learns nothing.
func Fault(err error, in Incoming) (reply Reply, ok bool) {
	status, code, reason, ok := Judge(err)
	if !ok {
		return Reply{}, false
	}
	m := &wire.ContractError{Code: code, Reason: wire.Reasons(reason)}
	m.ConsumerPID, m.ProviderPID = guessPIDs(in)
	body, err := wire.Encode(m)
	return Reply{Status: status, Body: body}, err == nil
}

// Judge maps the errors that a peer can cause, in either protocol.
func Judge(err error) (status int, code, reason string, ok bool) {
	var no *engine.Refusal
	var bad *wire.Error
	switch {
	case errors.As(err, &no):
		return 400, no.Code, no.Reason, true
	case errors.As(err, &bad):
		return 400, bad.Code, bad.Reason, true
	case errors.Is(err, engine.ErrNotFound), errors.Is(err, ErrNoAgreement), errors.Is(err, catalog.ErrNotFound):
		return 404, "not-found", "there is nothing here under that id", true
	case errors.Is(err, engine.ErrUnanswered):
		return 503, "busy", engine.ErrUnanswered.Error(), true
	case errors.Is(err, ErrAgreementExists):
		return 400, "agreement-exists", "an agreement with this id exists", true
	}
	return 0, "", "", false
}

// guessPIDs fills the pids of an error body as well as they are known: both
// are required there, also when a first request was refused.
func guessPIDs(in Incoming) (consumerPID, providerPID string) {
	consumerPID, providerPID = wire.PeekPIDs(in.Body)
	return cmp.Or(consumerPID, in.PID, Nobody), cmp.Or(providerPID, in.PID, Nobody)
}

// Nobody is the pid of a process that does not exist, where an error message
// must hold one.
const Nobody = "urn:uuid:00000000-0000-0000-0000-000000000000"
