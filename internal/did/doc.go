// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package did resolves decentralized identifiers to the keys and services that
// their owners publish (W3C DID Core; did:web; did:key).
//
//	did:web:a.example:x ──> WebURL ──> Local ──> cache ──> flight ──────> fetch ────> ParseDocument ──> Document
//	                        exact      our own   5 min     one for all    safehttp    id, keys,         Key(kid, relation)
//	                        rules                1 s for   who ask now    .Foreign    services          Endpoint(type)
//	                                             a refusal
//
// Our own documents are written by Marshal.
//
// An error is a verdict on the DID, an *Error, or says that nothing can be said
// now, ErrUnreachable. A stranger chooses what is resolved here, so nothing is
// asked twice within a second, no answer is larger than 64 KiB, and nobody who
// is not the owner of a document can make us lose it.
package did
