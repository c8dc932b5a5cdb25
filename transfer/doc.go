// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package transfer moves data under an agreement: both roles of the transfer
// process protocol of the Dataspace Protocol 2025-1, section 9.
//
//	peer ──> Service.Receive ──> wire.Decode ──> agreement and format checked ──┐
//	user ──> Service.Request, Act, Approve ─────────────────────────────────────┼─> engine: table, step, commit
//	engine's worker ──> Decider (rules, approval, your own) ──> Decision ───────┤        │
//	a data plane ──> Service.Signal: it is ready, it is done, it failed ────────┤        │
//	engine's worker ──> DataPlane: start, suspend, ... ──> DataAddress ─────────┘        │ closes the flow
//	a request for data ──> dataplane ──> Service.Running ──> open? <─────────────────────┘
//
// PolicyPoint judges the agreement's usage policy and the offer's access policy
// at each start, counting it, and at each request for data; Monitor, on every
// replica, looks every few seconds at all that runs, and suspends or terminates what
// they deny.
//
// Which of several planes a transfer is given (Fleet, Set) is decided when it
// begins and never again: a flow stays with its plane.
//
// What may happen is the table (table.go); docs/statemachines/transfer.md is
// printed from it. What to answer is a Decider's. What moves the bytes is a
// DataPlane's.
//
// A suspension, completion or termination closes our side's flow in the
// transaction that records it, whether or not the peer has heard of it. The
// provider's start always asks the data plane first, and its message carries
// what the plane returned.
package transfer
