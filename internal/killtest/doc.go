// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package killtest holds no product code: its tests end real connector
// processes with kill -9 while they negotiate and transfer, start them again
// on the same store and ports, and look whether anything was lost, doubled or
// left without an explanation.
//
//	driver ──management API──> consumer process ──DSP──> provider process <──management API── driver
//	                             ▲ store                   ▲ store
//	killer of the consumer ──────┘                         └────── killer of the provider
//
// The driver carries each job from a request to a completed transfer. What it
// asks may be answered by nobody, or be done without an answer: it then looks
// whether it was done. Each killer strikes at random moments, one in each part
// of the run, sometimes again while the process is still starting. At the end
// the records of both sides are laid beside each other (verdict).
//
// A plain `go test` runs a small version on SQLite; MUSUBI_FULL=1 runs 500
// negotiations on SQLite and on PostgreSQL. The seed of a run is printed;
// MUSUBI_KILL_SEED gives it again. The same seed chooses the same moments, but
// what the processes do in them is up to the scheduler.
package killtest
