// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"flag"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/musubi-ods/musubi/internal/testkit"
)

var (
	seedFlag  = flag.Uint64("seed", 0, "plays this one schedule; with -v it prints what happens")
	countFlag = flag.Int("schedules", 0, "how many schedules to play")
)

// TestSimulation plays schedules, and demands that both ends stop alike in
// each, and that together they saw everything that the tables allow.
func TestSimulation(t *testing.T) {
	if *seedFlag != 0 {
		replay(t, *seedFlag, usual)
		return
	}
	n := 2000
	switch {
	case *countFlag > 0:
		n = *countFlag
	case testkit.Full():
		n = 100_000
	}
	cov, bad := playAll(usual, 1, n, 5)
	for more := 1; more <= 3 && len(bad) == 0 && len(cov.missing()) > 0; more++ {
		t.Logf("not everything occurred in %d schedules, so some more", cov.schedules) // what is rare needs them
		var again *coverage
		again, bad = playAll(usual, cov.schedules+1, cov.schedules+2000, 5)
		cov.add(again)
	}
	for _, w := range bad {
		t.Errorf("seed %d: %v\nreplay: go test ./internal/simulation -run TestSimulation -seed=%d -v", w.seed, w.broken, w.seed)
	}
	for text, n := range cov.defects {
		t.Errorf("%d times, as in seed %d: %s", n, cov.defectSeed[text], text)
	}
	cov.report(t.Logf)
	faults := 0
	for _, k := range cov.faults {
		faults += k
	}
	mean := float64(faults) / float64(cov.schedules)
	t.Logf("%d schedules, %d steps, %.2f faults in each on average", cov.schedules, cov.steps, mean)
	if mean < 3 {
		t.Errorf("%.2f faults in a schedule on average, want at least 3", mean)
	}
	for _, x := range cov.missing() {
		t.Errorf("never occurred: %s", x)
	}
}

// replay plays one schedule and prints it.
func replay(t *testing.T, seed uint64, p planner) {
	t.Helper()
	w := play(seed, p, newCoverage(), func(line string) { t.Log(line) })
	if w.broken != nil {
		t.Errorf("seed %d: %v", seed, w.broken)
	}
}

// playAll plays the seeds from first to last, side by side, and returns what
// occurred and the first schedules that broke, at most limit.
func playAll(p planner, first, last, limit int) (*coverage, []*world) {
	var (
		next  atomic.Uint64
		stop  atomic.Bool
		mu    sync.Mutex
		total = newCoverage()
		bad   []*world
		done  sync.WaitGroup
	)
	// What is alive is little, so collect rarely; but not without a bound.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(1 << 30))
	for range runtime.GOMAXPROCS(0) {
		done.Go(func() {
			cov := newCoverage()
			for !stop.Load() {
				seed := next.Add(1) + uint64(first) - 1
				if seed > uint64(last) {
					break
				}
				if w := play(seed, p, cov, nil); w.broken != nil {
					mu.Lock()
					bad = append(bad, w)
					stop.Store(len(bad) >= limit)
					mu.Unlock()
				}
			}
			for _, c := range cov.idle {
				c.stop()
			}
			mu.Lock()
			defer mu.Unlock()
			total.add(cov)
		})
	}
	done.Wait()
	return total, bad
}
