// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package evidence keeps what each side of a transfer saw moved, and compares
// what the two sides kept: the base for clearing.
//
//	data planes ──> Recorder.Moved ──> in memory, half a second at most ──> Store, one transaction
//	                                    totals of each direction, and a row for each large body
//	data planes of their own ──> Recorder.MovedAsTold ──> Store, one transaction with the id of their message
//	the transfer pauses or ends ──> Work ──> the totals go into the journal
//	user ──> Declare ──> Declaration ──> file <── the peer's
//	                                     └─> Match: what differs
//
// Both sides come to the same totals without a word between them, in whichever
// order their requests went: the digest of a direction is a sum, and each body
// adds to it what only its tracking id, its hash and its length say. A
// difference of one bit, of one body or of one name shows.
//
// What a side keeps is what it says. A digest proves that two declarations
// speak of the same bytes, not that either is honest; the journal, chained and
// signed, keeps a side from saying something else later.
package evidence
