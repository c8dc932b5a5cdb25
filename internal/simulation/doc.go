// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package simulation shows that two connectors always end alike. It holds
// tests only: the real engine, the real protocols and the real wire format,
// over a store in memory, a network and a clock that are simulated.
//
//	seed ──> scheduler: which coroutine, packet, claim, user, crash is next?
//	           │
//	           ├─ consumer: Core + services ──> store (a stop before and after each write)
//	           │      │ Sender                      │
//	           │      └──> network: drop, duplicate, delay, reorder, lose the answer
//	           └─ provider: the same                │
//	                                                └──> both ends compared when all is quiet
//
// Every activity (a piece of work, an inbound call, a user's act) is a
// coroutine that stops at each write, send and wait. The scheduler alone says
// who goes on, by one random source made from the seed, so that a seed is a
// schedule and can be played again:
//
//	go test ./internal/simulation -run TestSimulation -seed=N -v
package simulation
