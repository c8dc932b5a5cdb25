// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package storetest is the contract of engine.Store as a suite: each sentence
// on the interface is a subtest, and every store passes the same ones.
//
//	a store's test ──> Run(t, open) ──> for each sentence: open a fresh store, try to break it
//
// RunDomain and RunTrust do the same for what participants keep beside their
// processes: the domain, and the roles of the claims protocol.
//
// A new store needs a function that opens it and nothing else.
package storetest
