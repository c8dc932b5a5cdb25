// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Command peers gives the same work to two of our connectors and to two EDCs,
// in turns on the same machine, and says how many times better ours do:
//
//	pair ──> bursts of negotiations by 8 clients, all under way at the same time ──> negotiations/s, CPU of both
//	     ──> one negotiation at a time ──> latency
//	     ──> memory of each process after that
//
// Each pair is two programs on loopback, driven by the management API of its
// consumer, and every agreement is counted at its provider. Neither pair signs
// its messages: EDC's mock identity and our profile preshared are a header
// each. EDC runs with tuned.opts of its folder. Our SQLite commits durably
// (synchronous=FULL) and stands beside EDC in memory; the further ratios name
// what stands beside what.
//
// It needs the folder that holds the EDC (MUSUBI_SHARED, or ../shared beside
// the module), a JDK and Maven, PostgreSQL's programs, and the address of a
// database (MUSUBI_POSTGRES).
package main
