// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"cmp"
	"errors"
	"net/http"

	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/negotiation"
)

// Fault turns an error of Receive or Show into the answer to the peer: a
// status, and a TransferError with a code and a reason that are safe to show.
// ok is false for what is our own failure, of which the peer learns nothing.
func Fault(err error, in Incoming) (reply Reply, ok bool) {
	status, code, reason, ok := negotiation.Judge(err)
	if errors.Is(err, ErrBusy) {
		// Not 409: several connectors take every 4xx for the end.
		status, code, reason, ok = http.StatusServiceUnavailable, "busy", ErrBusy.Error(), true
	}
	if !ok {
		return Reply{}, false
	}
	m := &wire.TransferError{Code: code, Reason: wire.Reasons(reason)}
	consumerPID, providerPID := wire.PeekPIDs(in.Body)
	m.ConsumerPID, m.ProviderPID = cmp.Or(consumerPID, in.PID, negotiation.Nobody), cmp.Or(providerPID, in.PID, negotiation.Nobody)
	body, err := wire.Encode(m)
	return Reply{Status: status, Body: body}, err == nil
}
