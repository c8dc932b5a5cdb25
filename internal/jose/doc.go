// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package jose signs and verifies JSON Web Tokens (RFC 7519) in the compact
// form of RFC 7515. It is the one door of github.com/lestrrat-go/jwx.
//
//	claims ──> Sign ──────────────────────────────────────────────> token
//
//	token ──> form ──> header ──> key ──────> signature ──> claims ──> Claims
//	          size     members    Resolver    jwx           iss, aud
//	          spaces   alg        kind = alg                exp, nbf, iat
//	          3 parts  crit, typ  strength                  required
//	          base64
//
// Who must read a claim to know whose key to ask for does the same in two
// steps, Parse and Token.Verify. Public keys come and go as JSON Web Keys
// (ParseJWK, MarshalJWK). What is known of an algorithm is a row of a table, to
// which Register adds.
//
// Only the signature's arithmetic is left to the module. It parses no token:
// form, header and claims are read here, strictly, and each check has its own
// error with a code. The clock is an argument.
//
// What this closes, besides what RFC 8725 asks for: the JSON serialisations,
// unknown crit members, algorithms that do not belong to the key's curve,
// members given twice, lax base64 and tokens without an end.
package jose
