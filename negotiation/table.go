// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/wire"
)

// The states of a negotiation (DSP 2025-1, 7.1).
const (
	Requested  engine.State = "REQUESTED"
	Offered    engine.State = "OFFERED"
	Accepted   engine.State = "ACCEPTED"
	Agreed     engine.State = "AGREED"
	Verified   engine.State = "VERIFIED"
	Finalized  engine.State = "FINALIZED"
	Terminated engine.State = "TERMINATED"
)

// The messages, by @type; the two events are told apart by their eventType.
const (
	request      = engine.Message(wire.TypeContractRequest)
	offer        = engine.Message(wire.TypeContractOffer)
	agreement    = engine.Message(wire.TypeContractAgreement)
	verification = engine.Message(wire.TypeContractVerification)
	accepted     = engine.Message(wire.TypeContractEvent) + ":ACCEPTED"
	finalized    = engine.Message(wire.TypeContractEvent) + ":FINALIZED"
	termination  = engine.Message(wire.TypeContractTermination)
)

const (
	consumer = engine.Consumer
	provider = engine.Provider
)

// table is the state machine. A termination is accepted from either side in
// every state that is not final, and sent only where the diagram of the
// specification has it.
var table = &engine.Table{
	Kind:       engine.Negotiation,
	Final:      []engine.State{Finalized, Terminated},
	Terminate:  termination,
	Terminated: Terminated,
	Rows: []engine.Transition{
		{From: "", Message: request, By: consumer, To: Requested},
		{From: "", Message: offer, By: provider, To: Offered},

		{From: Requested, Message: offer, By: provider, To: Offered},
		{From: Requested, Message: agreement, By: provider, To: Agreed},
		{From: Requested, Message: termination, By: consumer, To: Terminated},
		{From: Requested, Message: termination, By: provider, To: Terminated},

		{From: Offered, Message: request, By: consumer, To: Requested},
		{From: Offered, Message: accepted, By: consumer, To: Accepted},
		{From: Offered, Message: termination, By: consumer, To: Terminated},
		{From: Offered, Message: termination, By: provider, To: Terminated},

		{From: Accepted, Message: agreement, By: provider, To: Agreed},
		{From: Accepted, Message: termination, By: provider, To: Terminated},
		{From: Accepted, Message: termination, By: consumer, To: Terminated, ReceiveOnly: true},

		{From: Agreed, Message: verification, By: consumer, To: Verified},
		{From: Agreed, Message: termination, By: consumer, To: Terminated},
		{From: Agreed, Message: termination, By: provider, To: Terminated, ReceiveOnly: true},

		{From: Verified, Message: finalized, By: provider, To: Finalized},
		{From: Verified, Message: termination, By: provider, To: Terminated},
		{From: Verified, Message: termination, By: consumer, To: Terminated, ReceiveOnly: true},
	},
}

// messageOf names the message by which a role does an act.
func messageOf(role engine.Role, act Act) (engine.Message, bool) {
	m, ok := map[engine.Role]map[Act]engine.Message{
		provider: {Offer: offer, Agree: agreement, Finalize: finalized, Terminate: termination},
		consumer: {Request: request, Accept: accepted, Verify: verification, Terminate: termination},
	}[role][act]
	return m, ok
}

// nextAct is what a role does when it goes along with what was said: the
// approval of a person, or of a rule. Wait where the other side is to move.
func nextAct(role engine.Role, s engine.State) Act {
	switch {
	case role == provider && (s == Requested || s == Accepted):
		return Agree
	case role == provider && s == Verified:
		return Finalize
	case role == consumer && s == Offered:
		return Accept
	case role == consumer && s == Agreed:
		return Verify
	}
	return Wait
}
