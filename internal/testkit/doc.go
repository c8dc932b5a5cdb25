// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package testkit holds what tests of several packages share: where the
// published specifications lie, and what a run requires of its machine.
//
//	test ──> Shared(t) ──> ../shared beside the module, or skip
//	test ──> Require(t, "postgres") ──> skip, or fail where MUSUBI_REQUIRE names it
package testkit
