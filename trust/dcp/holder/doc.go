// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package holder is a participant's wallet: its secure token service and its
// credential service (DCP 1.0, sections 4, 5 and 6).
//
//	verifier ── presentations/query ──> token, access token ──> scopes ──> good credentials ──> presentations
//	issuer   ── credentials, offers ──> token ──> an open request of ours ──> stored, byte for byte
//	user     ── Request ──> queue ──> issuer; expiry and status are watched, renewal is asked for in time
package holder
