// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package dcp holds what the roles of the Decentralized Claims Protocol 1.0
// share: its messages, scopes, self-issued tokens and access tokens. The roles
// are folders below.
//
//	holder ── self-issued token (token: access token) ──> verifier
//	                                                        │ did ──> key, CredentialService
//	holder <── presentations/query, token of the verifier ──┘
//	   └────── presentations ──> verifier: vc, status, trustlist, trust.Domain ──> trust.Claims
//
//	holder ── credentials request ──> issuer ── approval ── credential message ──> holder
//
//	dcp          messages, scopes, tokens and their checks V01 to V42
//	dcp/vc       credentials and presentations of both data models: V52 to V79
//	dcp/status   status lists of both kinds: V80 to V94
//	dcp/trustlist  which issuer is trusted for which type
//	dcp/verifier the identity profile "dcp": V43 to V51, and all others together
//	dcp/holder   secure token service and credential service
//	dcp/issuer   issuer service
package dcp
