// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package negotiation concludes contracts: both roles of the contract
// negotiation protocol of the Dataspace Protocol 2025-1, section 7.
//
//	peer ──> Service.Receive ──> wire.Decode ──> offer looked up in the catalogue ──┐
//	user ──> Service.Request, Propose, Act ─────────────────────────────────────────┼─> engine: table, step, commit
//	engine's worker ──> Decider (rules, approval queue, your own) ──> Decision ─────┘        │
//	                                                     AGREED, FINALIZED ──> Agreement <───┘
//
// Whatever a decider or a person says, the provider agrees to nothing that the
// usage policy denies: it is judged when it would agree, by what the consumer has
// proved and declared (permit.go). The access policy decides in Resolve.
//
// What may happen is the table (table.go). What a message does to what is on
// the table between the parties is the domain (receive.go, compose.go). What
// to answer is a Decider's: no state machine here ever decides.
//
// The consumer compares every agreement with the terms that it asked for or
// accepted, and the provider agrees to nothing that nobody enforces.
package negotiation
