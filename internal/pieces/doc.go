// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package pieces is a file that comes in pieces, also over restarts of the
// process, with the SHA-256 of what has come. What is safe on the disk, and the
// state of the hash there, is for the caller to remember (Mark), who goes on
// from there (Resume).
//
//	body ──> Write ──> file and hash ──> Mark: size, state of the hash ──> the caller's row
//	after a restart: the row ──> Resume: cut behind size, go on
package pieces
