// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package limits measures what the machine can do at this moment, so that a
// benchmark can say how much of it was reached:
//
//	disk     4 KiB appended and synced ──> commits of one caller, and of 64 who share a sync
//	network  HTTP on loopback, POST of a message's size, 64 connections, client and server here
//	cores    a signature made and verified on every core, ES256 and EdDSA
//
// None of the product is in it: what is measured is the floor that any
// implementation in Go stands on.
package limits
