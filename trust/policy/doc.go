// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package policy holds the part of ODRL 2.2 that the Dataspace Protocol 2025-1
// carries: typed rules, their compact JSON, one canonical form and its hash.
//
//	compact JSON ──> Parse ──> Policy ──> JSON ──────> compact JSON, schema-valid
//	                   │         │
//	      ErrMalformed ┘         ├─> Canonical ──> Hash: what was agreed
//	      ErrUnsupported         │                 Equal: are the rules the same?
//	      ErrTooLarge            └─> CheckPublishable ──> nil, or ErrUnenforceable
//
// Nothing in a rule is skipped. A member that this model does not carry, such
// as a refinement, makes Parse fail: a party that signs what it did not read
// has agreed to it all the same.
//
// There is no evaluation yet, so nothing but plain permissions can be published
// (CheckPublishable), and Constrained tells a consumer that an offer holds
// terms which this connector will not enforce.
//
// Terms are kept in one spelling. `use` and the operators are the bare words of
// the protocol's context; every other term of ODRL's vocabulary, and of the
// prefixes which that context defines, is an absolute IRI. A bare word that
// neither defines, such as a peer's own operand, has no IRI here: it is kept,
// compared and sent as it came.
package policy
