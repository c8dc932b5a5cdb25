// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package freeport finds where on this machine nobody listens, for the tests and
// the harnesses that start programs.
//
//	harness ──> Find ──> a port that the next one is not given ──> a program listens there
package freeport
