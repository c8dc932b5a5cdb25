// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"errors"
	"strings"
	"time"
)

// errOvertaken: an EDC that saves a process while it takes a message for it may
// go on to show the state from before what it acknowledged, for good. Nothing
// that we send changes that.
var errOvertaken = errors.New("EDC shows an earlier state than the one that it acknowledged")

// settles is how long an EDC may take to show what it has acknowledged.
const settles = 20 * time.Second

// shows waits until the EDC shows a state that our side is in already.
func (e *EDC) shows(ctx context.Context, collection, id string, states ...string) (Entity, error) {
	short, cancel := context.WithTimeout(ctx, settles)
	defer cancel()
	found, err := e.Await(short, collection, id, states...)
	if err != nil && ctx.Err() == nil && !found.ended() {
		err = errors.Join(errOvertaken, err)
	}
	return found, err
}

// anotherAgreement reports whether it was ended by an EDC that fell back behind
// the agreement that it had sent: it sends another one, of another id and time,
// for a negotiation that has one, and takes our refusal for the end. The same
// one again would have been acknowledged.
func (v View) anotherAgreement() bool {
	return v.State == "TERMINATED" && strings.Contains(v.TerminatedFor, "ContractAgreementMessage from the provider is not possible in state AGREED")
}
