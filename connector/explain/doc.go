// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package explain holds the question and the answer of
// connector.Participant.Explain: how does a counterparty stand to an asset?
//
//	Query ──> catalog.Service.Explain ────────> visible?       ┐
//	          negotiation.Service.Explain ────> negotiable?    ├─> Explanation
//	          transfer.PolicyPoint.Explain ───> transferable?  ┘
//
// The three are asked by the code that decides when the counterparty itself
// comes. What is judged are the claims that it last proved, or those of the
// query.
package explain
