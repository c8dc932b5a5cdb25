// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Command where says what profiles of CPU time were spent on:
//
//	where [-per N] PROFILE...
//
// Each sample goes to the innermost function that a kind of work names, and so
// is counted once: what encoding/json does for a store is JSON, the system
// calls of SQLite are SQLite's. With -per, figures are for each of so many
// pieces of work.
package main
