// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Command edcdcp runs the connector beside a real Eclipse EDC with real
// identity: the Decentralized Claims Protocol, the EDC's wallet in its
// IdentityHub, ours in the connector. It prints a table of cases: catalogue,
// negotiation and transfer in both roles, and what either side refuses. It
// exits 0 only if every case ran and holds on both sides.
//
// It needs the folder that holds the EDC (MUSUBI_SHARED, or ../shared beside
// the module), a JDK, Maven and Python, and the ports 28480 to 28485 and
// 28583 of loopback, which the DIDs name. With INTEROP_LOG set the connector's
// log is printed.
package main
