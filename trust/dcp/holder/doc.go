// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package holder is a participant's wallet: its secure token service and its
// credential service (DCP 1.0, sections 4, 5 and 6).
//
//	connector ── sts/token ──> client and secret ──> self-issued token, with an access token for the scopes
//	verifier  ── dcp/presentations/query ──> token, access token ──> scopes ──> good credentials ──> presentations
//	issuer    ── dcp/credentials ──> token ──> a request of ours that is open ──> stored, byte for byte
//	issuer    ── dcp/offers ──> token ──> kept for a person to see
//	user      ── Request ──> row ──┐
//	                               Work ──> POST issuer/credentials, then GET its status until it has delivered
//	credential ── NextCheck ───────┘ └────> end and status list ──> HELD, SUSPENDED, REVOKED, EXPIRED
//	                                 └────> RenewAt ──> Request to the same issuer; what it delivers replaces the old
//
// All that is to be done stands in rows with a time; replicas claim them for a
// while, and nothing is lost when one of them stops. No transaction is open
// while another party is asked.
package holder
