// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package main

import "runtime/debug"

// giveBack returns the memory that only the start needed.
func giveBack() { debug.FreeOSMemory() }
