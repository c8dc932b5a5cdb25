// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package wire turns the messages of the Dataspace Protocol (DSP) 2025-1 into
// Go structs and back. It knows their shape, never their meaning: no HTTP, no
// states, no decisions.
//
//	body ─> scan ──────────> plain reading ─────────────> check ─> Decoded
//	        depth, UTF-8,    members by their exact       the rules
//	        one value, no    names (about 10 µs)          of the schema
//	        double members        │                         ▲
//	                              │ a required member       │
//	                              ▼ cannot be read so       │
//	                         expansion (json-gold, embedded │
//	                         contexts, nothing is fetched) ─┘
//
//	message ─> Validate ─> one JSON text, @context a list, no empty arrays
//
// What is accepted is what the published schemas accept, but for the few rules
// in exceptions.go. What is sent always satisfies the schemas.
//
// A policy means one thing. Every form that JSON-LD has for it gives the rules
// of the compact form, or an error that names the place; and what one reader
// would find in a text and another not (a member under two names, an included
// node, a bare name that a context which is not held may define) is refused by
// both readings. What the model of a rule does not hold stands in its Extra,
// where trust/policy refuses it. The tests hold the two readings to one hash.
//
// The facts of the protocol version stand in three tables: the names of its
// contexts (contexts.go), its message types and how each is read (message.go),
// and the rules of their members (the check methods). A second version is a
// second set of these; scanning, expansion and encoding do not change.
package wire
