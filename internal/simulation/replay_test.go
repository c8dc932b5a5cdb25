// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReplayIsExact: a seed that is printed is worth nothing unless the same
// happens again.
func TestReplayIsExact(t *testing.T) {
	for seed := uint64(1); seed <= 50; seed++ {
		var traces [2][]string
		for i := range traces {
			play(seed, usual, newCoverage(), func(line string) { traces[i] = append(traces[i], line) })
		}
		traces[0], traces[1] = traces[0][1:], traces[1][1:] // the plan holds functions
		if len(traces[0]) < 20 {
			t.Errorf("seed %d: only %d lines", seed, len(traces[0]))
		}
		if d := cmp.Diff(traces[0], traces[1]); d != "" {
			t.Fatalf("seed %d: %s", seed, d)
		}
	}
}
