// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package secret is text that a configuration holds and nobody may read in a log.
//
//	file, environment ──> Text ──string(t)──> who needs it
//	                       └──fmt, slog, JSON, YAML──> (secret)
//
// What prints a configuration prints all of it; that this hides the text is a
// matter of its type, and not of whoever prints.
package secret
