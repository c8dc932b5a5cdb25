// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package vc reads, checks and writes verifiable credentials and presentations
// as JSON Web Tokens, of data model 1.1 and 2.0 (DCP 1.0 profiles
// vc11-sl2021/jwt and vc20-bssl/jwt).
//
//	presentation ──> form ──> key of the holder ──> VP rules ──> each credential
//	                 V52                            V54-V63        key of the issuer, trusted for the type,
//	                                                               holder binding, dates, types, schema: V64-V78
package vc
