// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"slices"

	"github.com/musubi-ods/musubi/transfer"
)

// The verbs of a control plane, by their last path segments.
const (
	verbPrepare   = "prepare"
	verbStart     = "start"
	verbStarted   = "started"
	verbSuspend   = "suspend"
	verbResume    = "resume"
	verbCompleted = "completed"
	verbTerminate = "terminate"
)

// The roles of a participant in a flow.
const (
	roleConsumer = "consumer"
	roleProvider = "provider"
)

// move is what a verb does to the state of a flow that there is.
type move struct {
	from []transfer.FlowState
	to   transfer.FlowState
	role string // empty: either
	// idle are states in which there is nothing to do, and that is fine: what
	// is asked for is so already.
	idle []transfer.FlowState
}

// moves is the state machine of a flow after prepare (PREPARING, PREPARED) or
// start (STARTING, STARTED) made it. What is not here is refused.
var moves = map[string]move{
	verbStarted: {from: among(transfer.FlowPrepared), to: transfer.FlowStarted, role: roleConsumer},
	verbSuspend: {from: among(transfer.FlowStarted), to: transfer.FlowSuspended, idle: among(transfer.FlowSuspended)},
	verbResume:  {from: among(transfer.FlowSuspended), to: transfer.FlowStarted},
	// It carries no id, so a repetition is known by the state alone.
	verbCompleted: {from: among(transfer.FlowStarted), to: transfer.FlowCompleted, idle: among(transfer.FlowCompleted)},
	verbTerminate: {
		from: among(transfer.FlowPreparing, transfer.FlowPrepared, transfer.FlowStarting, transfer.FlowStarted, transfer.FlowSuspended),
		to:   transfer.FlowTerminated, idle: among(transfer.FlowCompleted, transfer.FlowTerminated),
	},
}

func among(list ...transfer.FlowState) []transfer.FlowState { return list }

// moved returns the state that a verb leads to. idle: nothing is to be done.
func moved(f *Flow, verb string) (to transfer.FlowState, idle, ok bool) {
	m := moves[verb]
	switch {
	case m.role != "" && m.role != f.Asked.Role:
		return "", false, false
	case slices.Contains(m.idle, f.State):
		return f.State, true, true
	}
	return m.to, false, slices.Contains(m.from, f.State)
}
