// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"testing"
	"time"
)

// window is a store that looks for work of one lane. What happens while it looks
// is the test's.
type window struct {
	Store
	found int
	while func()
}

func (s *window) Claim(_ context.Context, req ClaimRequest) ([]Work, time.Time, error) {
	s.while()
	n := min(s.found, req.PerLane-req.Busy["lane"])
	s.found -= n
	work := make([]Work, n)
	for i := range work {
		work[i].Lane = "lane"
	}
	return work, time.Time{}, nil
}

// claiming is a runner whose lane has two workers, of which so many are at work.
// What it claims is done at once.
func claiming(t *testing.T, atWork, found int, while func(r *Runner)) *Runner {
	s := &window{found: found}
	r := NewRunner(Config{Store: s, Now: time.Now}, RunnerConfig{Workers: 8, PerLane: 2})
	s.while = func() { while(r) }
	r.open, r.begin = true, func(Work) {}
	for range atWork {
		if _, _, ok := r.Reserve("lane"); !ok {
			t.Fatal("there is no worker")
		}
	}
	return r
}

func (r *Runner) looksAgain() bool {
	select {
	case <-r.wake:
		return true
	default:
		return false
	}
}

// takes takes one look, and leaves what it claims with its workers.
func (r *Runner) takes(t *testing.T) {
	req := r.request()
	work, _, err := r.Store.Claim(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	r.claimed(req, work)
}

func TestWorkThatEndsWhileOthersAreLookedForLeavesNothingBehind(t *testing.T) {
	ends := func(r *Runner) { r.Cancel("lane") }
	for _, c := range []struct {
		name          string
		atWork, found int
		while         func(*Runner)
		now, later    bool // somebody looks again at once; once a worker ends
	}{
		{"the lane was full, and one ended meanwhile", 2, 1, ends, true, true},
		{"the lane became full, and one ended meanwhile", 1, 2, ends, true, true},
		{"the lane was full, and all ended meanwhile", 2, 1, func(r *Runner) { ends(r); ends(r) }, true, true},
		{"the lane is full", 2, 1, func(*Runner) {}, false, true},
		{"the lane became full", 0, 3, func(*Runner) {}, false, true},
		{"the lane has room", 0, 1, func(*Runner) {}, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := claiming(t, c.atWork, c.found, c.while)
			r.takes(t)
			if again := r.looksAgain(); again != c.now {
				t.Errorf("somebody looks again at once: %v", again)
			}
			if r.busy["lane"] == 0 {
				return
			}
			r.Cancel("lane")
			if again := r.looksAgain(); again != c.later {
				t.Errorf("somebody looks again once a worker has ended: %v", again)
			}
		})
	}
}
