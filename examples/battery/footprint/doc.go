// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package footprint adds up the carbon footprint of a product along its supply
// chain, one company at a time, without any company seeing more than its direct
// suppliers' totals. It does no I/O beyond reading the data it is given.
//
// The path of a number:
//
//	a directory, one JSON file per company
//	    │ Load: strict, no cycle, every supplier known
//	    ▼
//	Chain ── one Company each: its own emissions, what it buys, how much of it
//	    │
//	    │        Answers of its direct suppliers, DecodeAnswer: sizes, units, status
//	    ▼               │
//	RollUp(company, answers) ── unit check before any product or sum
//	    │
//	    ▼
//	Result: a total per life-cycle stage, and what is missing from it
//	    │                           │
//	    ▼ (a supplier)              ▼ (the final product)
//	Company.Answer → Encode       Declare: kgCO2e per kWh of lifetime energy
//	part, unit, two totals,
//	status, a count
//
// Three rules hold everywhere. Numbers are exact decimals, never binary floats.
// An absent number, a withheld number and zero are three different things. A
// total from which something is missing says so and cannot be declared.
package footprint
