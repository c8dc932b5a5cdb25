// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Command edc runs the connector beside a real Eclipse EDC with mock identity
// and prints a table of cases, each in both roles: catalogue, negotiation,
// transfer and what ends them, constraints, refusals, many at once. It exits 0
// only if every case ran and holds on both sides.
//
// It needs the folder that holds the EDC (MUSUBI_SHARED, or ../shared beside
// the module), a JDK and Maven. With INTEROP_LOG set the connector's log is
// printed.
package main
