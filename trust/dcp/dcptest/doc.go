// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package dcptest is a dataspace in memory for tests: parties with keys, DID
// documents and wallets, a network without sockets, a clock that is set, and
// tokens with one fault each.
//
//	NewWorld ──> Party ──> Draft (a token, to be spoilt) ──> Sign ──> Authorization
//	   │           └─────> Credential, Presentation ──> Wallet ──┐
//	   │                                                         │ Do, by host
//	   ├─ Clock, Replays, Keys (trust.KeyStore), DIDs (did.Resolver), Network (did.Doer)
//	   └─ Authenticator, Tokens: the product's own, over these
//
// RunTokenFaults runs every fault of a self-issued token (V01 to V41) against
// an endpoint, and its mended twin.
package dcptest
