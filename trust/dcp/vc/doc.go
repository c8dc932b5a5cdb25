// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package vc reads, checks and writes verifiable credentials and presentations
// as JSON Web Tokens, of data model 1.1 and 2.0 (DCP 1.0 profiles
// vc11-sl2021/jwt and vc20-bssl/jwt).
//
//	presentation ──> token, envelope ──> key of the holder ──> form, holder, audience, times
//	                  V52                 V53, V54              V55-V63
//	                                                              │ each credential that was asked for
//	        ┌─────────────────────────────────────────────────────┘
//	        └──> Read ──> issuer, trusted? ──> key of the issuer ──> claims, subjects, dates, ──> schemas ──> Credential
//	                      V65, V68             V64, V67              form: V66, V69-V76, V78      V77
//
//	Draft ──> Issue ──> token            PresentationDraft ──> Present ──> token
//
// Status is judged elsewhere, since it changes: here the entries are read. Both
// data models become one Credential.
package vc
