// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package connector_test

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"time"
)

// How a soak goes.
const (
	soakSamples = 40               // of the whole time
	soakFull    = 10 * time.Minute // a shorter one is judged by wider limits
	soakReach   = 20               // the rate is found in that part of the time, of a minute at most
)

// TestSoak negotiates at half the rate that is reached here, for the time that
// MUSUBI_SOAK says, on the store of MUSUBI_SOAK_STORE (sqlite unless given),
// and judges whether what the processes hold grows.
func TestSoak(t *testing.T) {
	total, err := time.ParseDuration(os.Getenv("MUSUBI_SOAK"))
	if err != nil {
		t.Skip("MUSUBI_SOAK says no time: make soak")
	}
	store := os.Getenv("MUSUBI_SOAK_STORE")
	if store == "" {
		store = "sqlite"
	}
	tr := newTrade(t, store, identities[""])
	reached := tr.reach(t, min(total, soakReach*time.Minute)/soakReach)
	fmt.Fprintf(os.Stdout, "%s for %s at %.1f negotiations/s, half of the %.1f that are reached\n%s\n", store, total, reached/2, reached, sampleHeader)
	samples := tr.soak(t, total, reached/2, func(s sample) { fmt.Fprintln(os.Stdout, s) })
	limits := soakLimits
	if total < soakFull {
		limits = smokeLimits
	}
	fmt.Fprintln(os.Stdout, judgedHeader)
	for _, v := range judge(samples, limits) {
		fmt.Fprintln(os.Stdout, v)
		if !v.holds() {
			t.Errorf("%s grows: %s", v.what, v)
		}
	}
}

// TestSoakRuns soaks for a moment.
func TestSoakRuns(t *testing.T) {
	tr := newTrade(t, "sqlite", "preshared")
	shown := 0
	samples := tr.soak(t, 200*time.Millisecond, 50, func(sample) { shown++ })
	if len(samples) < 2 || shown != len(samples) {
		t.Fatalf("%d samples, %d of them shown", len(samples), shown)
	}
	for name, w := range map[string]Weight{"consumer": samples[0].Consumer, "provider": samples[0].Provider} {
		if w.Goroutines == 0 || w.File == 0 || w.Resident == 0 && hasProc() {
			t.Errorf("the %s weighs %+v", name, w)
		}
	}
	last := samples[len(samples)-1]
	tr.settle(t, last.done)
	if last.done == 0 || last.cpu <= 0 {
		t.Errorf("at the end: %s", last)
	}
}

// reach is the rate of a steady stretch of so long.
func (tr *trade) reach(t testing.TB, d time.Duration) float64 {
	t.Helper()
	end := time.Now().Add(d)
	run := steady{trade: tr, tb: t, more: func() bool { return time.Now().Before(end) }, least: least}
	tr.conclude(t, run.next)
	return float64(run.counted) / run.took.Seconds()
}

// sample is how it stands after some time.
type sample struct {
	at                 time.Duration
	done               int           // negotiations that ended since the begin
	cpu                time.Duration // that both processes used since
	median, longest    time.Duration // of those that ended since the sample before
	Consumer, Provider Weight
}

// soak begins negotiations at a rate and takes samples. It is over when all
// have ended.
func (tr *trade) soak(t testing.TB, total time.Duration, rate float64, show func(sample)) []sample {
	t.Helper()
	var (
		all     sync.WaitGroup
		ended   latencies
		samples []sample
		begun   int
	)
	proposal, before, began := proposalOf(tr.provider.place.ID), tr.usage(t), time.Now()
	take := func() {
		s := sample{at: time.Since(began), cpu: tr.usage(t).minus(before).CPU, Consumer: tr.consumerSetup.weigh(t)}
		s.done, s.median, s.longest = ended.take()
		if err := tr.provider.call("Weigh", struct{}{}, &s.Provider); err != nil {
			t.Fatal(err)
		}
		samples = append(samples, s)
		show(s)
	}
	beat := time.NewTicker(5 * time.Millisecond)
	defer beat.Stop()
	for every := total / soakSamples; time.Since(began) < total && !t.Failed(); <-beat.C {
		for ; float64(begun) < rate*time.Since(began).Seconds(); begun++ {
			all.Go(func() {
				from := time.Now()
				if _, err := tr.one(t, proposal); err != nil {
					t.Error(err)
				}
				ended.add(time.Since(from))
			})
		}
		if time.Since(began) >= every*time.Duration(len(samples)+1) {
			take()
		}
	}
	all.Wait()
	take()
	return samples
}

// latencies are those of what ended.
type latencies struct {
	mu   sync.Mutex
	done int
	new  []time.Duration
}

func (l *latencies) add(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done++
	l.new = append(l.new, d)
}

// take returns how many have ended, and of those since it was last called the
// median and the longest.
func (l *latencies) take() (done int, median, longest time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.new) > 0 {
		median, longest = percentile(l.new, 50), percentile(l.new, 100)
	}
	l.new = nil
	return l.done, median, longest
}
