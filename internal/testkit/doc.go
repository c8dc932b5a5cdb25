// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package testkit holds what tests of several packages share: where the
// published specifications lie, what a run requires of its machine, how busy
// that is, where on it nobody listens, and a database server of one's own.
//
//	test ──> Shared(t) ──> ../shared beside the module, or skip
//	test ──> Require(t, "postgres") ──> skip, or fail where MUSUBI_REQUIRE names it
//	test ──> NewLateness(t) ──> what a promise of time is judged without
//	test ──> FreeAddress(t) ──> where nobody listens, nor will by chance
//	test ──> StartPostgres(t) ──> hack/with-postgres, which ends with the test
package testkit
