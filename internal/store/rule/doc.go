// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package rule holds what every store demands and does alike, so that the SQL
// stores and the memory store cannot differ in it.
//
//	engine.Commit ──> Check ──> what may be written, or ErrInvalid
//	time.Time     ──> Micro ──> int64 microseconds ──> Time ──> time.Time in UTC
//	ClaimRequest  ──> Lanes ──> how many more rows of each lane may be taken
package rule
