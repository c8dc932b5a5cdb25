// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package trustlist says which issuer is believed for which credential types:
// by a list that a governance authority signs and numbers, and by what a
// participant decided itself.
//
//	draft ──> Sign ──> list, sequence n+1 ──> published by the authority
//	                                             │ fetch, proof, sequence, end
//	Settings.TrustedIssuers ──────────────────> Source.Trusts
package trustlist
