// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package trust says who a counterparty is and how that is proved.
//
//	inbound:  Authorization ──> Profile.Verify ──> Claims ──> catalogue, negotiation, transfer
//	outbound: Peer ──> Profile.Token ──> Authorization, minted for each attempt, never stored
//	company:  subject of a credential ──> Domain.Check ──> Claims ──> Primary: the Identifier bound to a DID
//
// An identity profile decides what counts as a proof and whether a proof may
// come twice. The profile here is Preshared: one secret per peer and
// direction, for loopback, tests and conformance kits. Verified credentials
// are another profile behind the same interface; what they prove is in
// Claims, which are kept with every agreement and transfer since a wallet
// cannot be asked again later.
package trust
