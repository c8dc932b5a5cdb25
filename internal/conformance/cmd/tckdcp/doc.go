// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Command tckdcp runs the official Decentralized Claims Protocol kit against
// the connector: once for each role, and for the verifier once with each kind
// of status list. Every run has a connector of its own.
//
//	kit ── hook with a token ──> hook ── valid catalogue request, same token ──> verifier
//	kit ── DCP ──> holder, issuer
//
// The settings are those that the published kit needs: lenient with the kit's
// parties, older names of formats, a query for too much refused. With -strict
// they are the defaults, which its later releases ask for. It exits 0
// only if every one of the kit's tests ran and passed each time.
//
// Arguments name the only roles to be played: tckdcp verifier. With TCK_LOG set
// the connector's log is printed.
//
// It needs the folder that holds the kit (MUSUBI_SHARED, or ../shared beside
// the module).
package main
