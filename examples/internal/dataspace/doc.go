// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package dataspace is what the examples share: members with a connector each, a
// registrar that says who they are, and one company's way to another's data.
//
//	Open ──> Registrar ── Identity ──> Join ──> Member, a connector with its store and port
//	             │                                │
//	             │ Admit: application, number ────┤ looked up, credentials issued
//	             │ PublishTrustList               │
//	             │ Revoke                         │ Meet, Conclude: catalogue, negotiation, agreement
//	             └────────────────────────────────┤ Pull: transfer, data
//	                                              │ Denial: why our own policy said no
//	                                              ▼
//	                        the example's own story; it knows no other way than these
//
// It uses what any program that embeds a connector can use. The registrar, its
// register and its clock are fictional.
package dataspace
