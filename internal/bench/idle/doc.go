// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Command idle measures what the connector costs while nobody uses it, and
// fails if that is more than is promised:
//
//	go build, stripped ──> bytes of the binary
//	musubi help, five times ──> how slow the machine is at this moment
//	musubi serve, in a new folder, five times ──> ms until /healthz answers 200
//	the last one, after 2 s ──> resident memory, from /proc/PID/status
//
// What is over its limit is measured again, twice at most: something else may
// have used the machine. MB are millions of bytes. Where there is no /proc, memory is not measured and
// the command says so.
package main
