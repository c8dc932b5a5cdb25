// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package engine moves durable processes: contract negotiations and transfers
// alike. It knows states, messages and rows; what a message means is the
// domain's (negotiation, transfer), how it travels is the sender's.
//
//	peer's message ──> Core.Receive ──┐
//	user or decider ─> Core.Act ──────┼─> Step (pure) ──> Store.Commit: record (compare-and-set)
//	a worker's result ────────────────┘                   + outbox + history + journal, one transaction
//	                                                            │ wakes
//	        Runner: Store.Claim (lease, fence) <────────────────┘
//	           └─> Core.Perform: send | call | decide ──> result ──> Step
//
// Three rules hold everywhere. A state changes only by compare-and-set, in one
// transaction with the work it causes. No transaction is open while anything
// remote is asked. Nothing is lost by a crash: what is owed is a row of the
// outbox, and what was done twice is recognised by its message id.
//
// The package imports the standard library alone. Time, ids and randomness
// come in by Env, so that the simulation runs this very code.
package engine
