// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/wire"
)

// The states of a transfer process (DSP 2025-1, section 9).
const (
	Requested  engine.State = "REQUESTED"
	Started    engine.State = "STARTED"
	Suspended  engine.State = "SUSPENDED"
	Completed  engine.State = "COMPLETED"
	Terminated engine.State = "TERMINATED"
)

// The messages, by @type.
const (
	request     = engine.Message(wire.TypeTransferRequest)
	start       = engine.Message(wire.TypeTransferStart)
	suspension  = engine.Message(wire.TypeTransferSuspension)
	completion  = engine.Message(wire.TypeTransferCompletion)
	termination = engine.Message(wire.TypeTransferTermination)
)

const (
	consumer = engine.Consumer
	provider = engine.Provider
)

// table is the state machine. The rows with a guard are explained in
// guards.go; the rest is the diagram of the specification.
var table = &engine.Table{
	Kind:       engine.Transfer,
	Final:      []engine.State{Completed, Terminated},
	Terminate:  termination,
	Terminated: Terminated,
	Rows: []engine.Transition{
		{From: "", Message: request, By: consumer, To: Requested},

		{From: Requested, Message: start, By: provider, To: Started},
		{From: Requested, Message: termination, By: consumer, To: Terminated},
		{From: Requested, Message: termination, By: provider, To: Terminated},

		{From: Started, Message: start, By: provider, To: Started, Guard: answers, Only: "of a pull: as the answer to the consumer's start, or once more to a consumer that does nothing"},
		{From: Started, Message: suspension, By: consumer, To: Suspended, Guard: consumerMaySuspend, Only: "unless it waits for that answer"},
		{From: Started, Message: suspension, By: provider, To: Suspended},
		{From: Started, Message: completion, By: consumer, To: Completed},
		{From: Started, Message: completion, By: provider, To: Completed},
		{From: Started, Message: termination, By: consumer, To: Terminated},
		{From: Started, Message: termination, By: provider, To: Terminated},

		{From: Suspended, Message: start, By: consumer, To: Started, Guard: consumerMayResume, Only: "after the provider's own start, if one is on its way"},
		{From: Suspended, Message: start, By: provider, To: Started, Guard: providerMayResume, Only: "taken for the answer where the consumer's start crosses it"},
		{From: Suspended, Message: termination, By: consumer, To: Terminated},
		{From: Suspended, Message: termination, By: provider, To: Terminated},
	},
}
