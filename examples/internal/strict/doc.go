// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package strict reads JSON that people write by hand, or that another company
// sent, as the examples do: nothing unknown, nothing repeated, nothing left out.
//
//	bytes ──> Document ──> Object ──> Reader of each key: Parsed, List, Flag, your own ──> values
//	          size, UTF-8,   keys
//	          line of a fault
package strict
