// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package fill puts so many rows into a database that its size shows: a
// catalogue of a million datasets, a million processes. The rows are like those
// that the product writes, made by SQL where they lie, which takes a minute or
// two where the product would take an hour. It is for benchmarks and tests
// alone.
package fill
