// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"
	"time"
)

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

// TestMemoryIsGivenBack when there is no work and it is worth it.
func TestMemoryIsGivenBack(t *testing.T) {
	const mb = 1 << 20
	for _, c := range []struct {
		since time.Duration
		spare uint64
		want  bool
	}{
		{0, 20 * mb, false},
		{time.Minute, 20 * mb, false},
		{2 * time.Minute, 3 * mb, false},
		{2 * time.Minute, 4 * mb, true},
		{time.Hour, 20 * mb, true},
	} {
		if got := wasteful(c.since, c.spare); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	if spare() == 0 {
		t.Error("a running heap has nothing to spare")
	}
}
