// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package credentials holds the JSON-LD context of the dataspace's credential
// types and the JSON Schemas of their subjects, as files that a program can
// serve. README.md beside it explains the types.
//
//	v1.jsonld ──────> the words of a credential: issuers name it in @context
//	*.schema.json ──> the shape of its subject; package trust judges the rest
package credentials
