// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package memory is an engine.Store without a disk: for the simulation, for
// tests and for programs that need not survive their end. It passes the same
// contract suite as the stores on SQL, in microseconds.
//
//	Commit ──> one mutex ──> judge everything ──> apply everything
//	Load   ──> deep copy ──> the caller's own
//
// Every answer is a function of the calls so far: nothing depends on the order
// of a map, so that a simulated run can be replayed.
package memory
