// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package status publishes and judges status lists: StatusList2021 and
// BitstringStatusList (V80 to V94).
//
//	entry ──> cache ──────> fetch ────────────> read ──────> prove ────────> judge ──> set or not
//	type      by issuer     conditional,        token or     issuer's key,   purpose,
//	purpose   and URL,      one at a time,      JSON,        V83             dates, length,
//	index     at most 60 s  safehttp.Foreign    V84, V88     V83             index: V85 to V90
//	V91, V93                V82, V94            gzip, V89
//
//	bits of our own ──> Sign ──> StatusList2021Credential or BitstringStatusListCredential
//
// What a list says is kept apart from whether it is good enough: a list is read
// once and judged for each credential, since one issuer may be judged
// leniently by one participant and strictly by another.
//
// A list that cannot be fetched is no verdict (trust.ErrUnavailable), and never
// a pass: nothing is believed beyond MaxAge. A list that can be fetched and is
// not good is a verdict.
package status
