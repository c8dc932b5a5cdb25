// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package store keeps what participants own: on SQLite, on PostgreSQL, or in
// memory. It is the one door of sqlx, of the drivers and of goose.
//
//	engine.Commit ──> rule.Check ──> plan: conditional statements, whose row counts decide
//	                                   ├─ SQLite:     one writer, many callers' steps per fsync
//	                                   └─ PostgreSQL: one pipeline per step, then COMMIT; where many wait,
//	                                                  many callers' steps per pipeline and COMMIT
//	engine.Record <── row + JSON <── one SELECT with the outbox
//	engine.Work   <── claim: a window of what is ready, lanes bounded, leased by one UPDATE
//
// Beside processes it keeps the domain: catalogues, agreements, participants and
// their peers and keys, what the roles of trust/dcp keep, and what was used of
// agreements.
//
//	dcp.UseToken  ──> one INSERT, on the path of every call; of a message in its step: trust.UsedToken
//	claim of what is due ──> nothing due: one read of an index; else rows, taken and moved on
//	transfer.Meters  ──> the row of the meter, locked, then counted: a commit for each claim
//	EndAgreement  ──> conditional UPDATE and journal row, in one transaction
//
// Catalogues are the part of the domain that is written by the hundred thousand
// and read by filters of strangers. On SQLite they have a file of their own:
//
//	catalog.Datasets ──> look: what is rarer, visible or matching? ──> page: one statement
//	PublishAll       ──> one transaction of the shelf's own writer; no step waits for it
//
// The two dialects share their tables and all statements but those that claim
// work, notify, give journal positions and migrate. What the tables mean is said in
// migrations/, what the methods promise in package engine, and package
// storetest proves it for all three.
//
// Domain, row and wire are three structs: the row structs here are private.
package store
