// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package caltime reads the calendar values that policies hold: durations,
// moments, and moments that count from the conclusion of an agreement.
//
//	"P1Y2M"                 ──> ParseDuration ──> Duration ──> AddTo
//	"contractAgreement+30d" ──> ParseRelative ──> Duration ──> AddTo ──> Instant ──> Moment
//	"2027-07-01+09:00"      ──> ParseMoment   ──> Moment   ──> Compare
//
// A value is read as XML Schema 1.1 part 2 writes it, exactly or not at all:
// no blanks, no small letters, nothing finer than a nanosecond. Both parties
// to an agreement have to arrive at the same instant, so nothing is guessed.
package caltime
