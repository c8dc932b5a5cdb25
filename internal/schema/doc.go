// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package schema judges a document by the JSON Schema that it names (V77). It
// is the one door of github.com/santhosh-tekuri/jsonschema.
//
//	url, type ──> cache ──> GET ──────> read ────────────> compile ──> Schema ─┐
//	              5 min     safehttp,   draft, size,       jsonschema          ├──> weigh ──> validate
//	              LRU       256 KiB     refs stay inside                       │    cost of
//	document ──────────────> read: size, depth, numbers ───────────────────────┘    both
//
// A schema comes from an issuer, and the module below has no way to stop once
// it runs. So what it would cost is bounded before: the schema is small, it
// refers to nothing outside itself and not to itself, and its weight, with
// every reference written out, times the size of the document is within a
// limit. Regular expressions are those of the standard library, which take
// time in proportion to expression and text.
//
// The drafts 4, 6, 7, 2019-09 and 2020-12 are understood. format asserts what
// the draft says: in the last two it is an annotation.
package schema
