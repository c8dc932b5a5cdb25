// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package jcs gives every JSON text exactly one spelling, the JSON
// Canonicalization Scheme of RFC 8785, so that it can be hashed, signed and
// compared. It is the one door of github.com/gowebpki/jcs.
//
//	JSON text ──> size, depth ──> Transform ──> canonical bytes ──> Hash ──> hex SHA-256
//	                 │                │
//	                 └ ErrTooLarge    └ ErrInvalid: not JSON, or a name twice in an object,
//	                   ErrTooDeep       or a number outside IEEE 754 double precision
//
// A text that Transform accepts is strict JSON (RFC 8259) in strict UTF-8 and
// holds no member name twice, so readers of foreign documents may also use it
// as their gate.
//
// Numbers are read as IEEE 754 doubles, as RFC 8785 section 3.2.2.3 demands:
// two numbers that differ beyond the 15th significant digit may get the same
// spelling. What must stay exact, such as an amount, belongs in a string.
package jcs
