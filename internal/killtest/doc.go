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
// TestReplicas (make replicas) has two and three processes share the work of a
// participant on PostgreSQL, behind balancers: whoever gets a message goes on
// with the process that it belongs to. One of them is killed half-way through
// 1000 negotiations (MUSUBI_REPLICAS_JOBS), one is stopped for 20 s while it
// holds leases, and readers follow the journal of each replica by its cursor.
//
//	driver ──> balancer ──> consumer-1, consumer-2 ──DSP──> balancer ──> provider-1, -2, -3
//	                             └── line ──> PostgreSQL <── line ──┘
//
// Then what the database needs is taken away while they negotiate: a line is
// cut, or falls silent; the server ends, or becomes one that only reads; its
// disk is full, or that of a connector on SQLite. Users and peers have to be
// refused with a code, the log has to say why and what to do, and all has to
// go on by itself when the fault is gone, with nothing half-done at either side.
//
// A plain `go test` runs a small version on SQLite; MUSUBI_FULL=1 runs 500
// negotiations on SQLite and on PostgreSQL. The seed of a run is printed;
// MUSUBI_KILL_SEED gives it again. The same seed chooses the same moments, but
// what the processes do in them is up to the scheduler.
package killtest
