// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package did resolves decentralized identifiers to the keys and services that
// their owners publish (W3C DID Core; did:web; did:key).
//
//	did:web:a.example:x ──> WebURL ──> cache ──> GET .../did.json ──> ParseDocument ──> Document
//	                         exact      limits    safehttp.Foreign     id, keys,         Key(kid, relation)
//	                         rules                                     services          Endpoint(type)
//
// Our own documents are written by Marshal.
package did
