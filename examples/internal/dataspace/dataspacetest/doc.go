// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package dataspacetest is what the tests of the examples share: a search through
// everything that a company has stored, and transcripts that are the same in
// every run.
//
//	folder of a company ──> Stored ──> Haystack.Where(text) ──> files, rows
//	transcript ──> Mask, MaskDates ──> golden file
package dataspacetest
