// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package status publishes and judges status lists: StatusList2021 and
// BitstringStatusList (V80 to V94).
//
//	entry ──> cache ──> fetch, conditional ──> proof, issuer, dates ──> bits ──> set or not
//	          at most 60 s  safehttp.Foreign                         bounded gzip
//
//	bits of our own ──> Sign ──> StatusList2021Credential or BitstringStatusListCredential
package status
