// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package policy holds the part of ODRL 2.2 that the Dataspace Protocol 2025-1
// carries: typed rules, their compact JSON, one canonical form and its hash.
//
//	compact JSON ──> Parse ──> Policy ──> JSON ──────> compact JSON, schema-valid
//	                   │         │
//	      ErrMalformed ┘         ├─> Canonical ──> Hash: what was agreed
//	      ErrUnsupported         │                 Equal: are the rules the same?
//	      ErrTooLarge            │                 Compare: if not, in which terms?
//	                             └─> Registry.CheckUsage, CheckAccess, Unenforced
//
// What a term means is in a Registry, and so is whether anybody here enforces
// it (docs/policy.md lists all). Evaluation has one way for every point:
//
//	Policy ──> Registry.Compile ──> Compiled ──┐
//	claims, declarations, clock, counters,     ├─> Permits ──> bool
//	our records (Judge fetches them) ──> Facts ┘   Explain ──> Verdict: each rule and
//	                                               constraint, what was compared, whence, why
//
// It fails closed. A constraint is true, false, unknown or deferred: unknown is
// what nobody registered or what has the wrong type, and denies wherever it
// stands in a rule that applies; what is absent is false, and inside a
// prohibition counts as met; deferred is what is not known yet, which the
// catalogue and the negotiation let pass and a transfer does not.
//
// Nothing in a rule is skipped. A member that this model does not carry, such
// as a refinement, makes Parse fail: a party that signs what it did not read
// has agreed to it all the same.
//
// Terms are kept in one spelling. `use` and the operators are the bare words of
// the protocol's context; every other term of ODRL's vocabulary, and of the
// prefixes which that context defines, is an absolute IRI. A bare word that
// neither defines, such as a peer's own operand, has no IRI here: it is kept,
// compared and sent as it came.
package policy
