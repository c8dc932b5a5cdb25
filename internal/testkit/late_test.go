// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"testing"
	"time"
)

// TestLateness: of the looks that came late what lies between two moments
// counts, and nothing of those that were in time.
func TestLateness(t *testing.T) {
	at := func(ms int) time.Time { return time.Unix(1000, 0).Add(time.Duration(ms) * time.Millisecond) }
	var l Lateness
	l.beats(at(10), at(15)) // in time
	l.beats(at(100), at(200))
	l.beats(at(300), at(350))
	for _, c := range []struct{ from, to, want int }{
		{0, 100, 0}, {0, 1000, 150}, {150, 320, 70}, {120, 130, 10}, {200, 300, 0}, {400, 500, 0},
	} {
		if got := l.Between(at(c.from), at(c.to)); got != time.Duration(c.want)*time.Millisecond {
			t.Errorf("between %d and %d: %v, want %d ms", c.from, c.to, got, c.want)
		}
	}
}
