// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package issuer is a participant's issuer service (DCP 1.0, section 6): it
// takes requests for credentials, has them approved with evidence, issues,
// delivers, and publishes the status of what it issued.
//
//	holder ── POST credentials ──> token ──> request RECEIVED ── approval ──> APPROVED ──> credentials, ISSUED
//	                                                           (person or rule)              │
//	holder <── POST credentials, retried, status of the delivery kept ───────────────────────┘
//	anyone ── GET status list ──> bits of what was issued, signed, for a minute
package issuer
