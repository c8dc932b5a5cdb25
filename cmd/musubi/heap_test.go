// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import "testing"

// A small heap may grow to the floor, a large one as usual, and none is left
// without collection.
func TestGrowth(t *testing.T) {
	const mb = 1 << 20
	for live, want := range map[uint64]int{
		0: 100, 1: 2000, 4 * mb: 500, 8 * mb: 200, 11 * mb: 118, 12 * mb: 100, 20 * mb: 100, 200 * mb: 100,
	} {
		if got := growth(live); got != want {
			t.Errorf("%d bytes: %d, want %d", live, got, want)
		}
	}
}
