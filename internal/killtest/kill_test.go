// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package killtest

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/testkit"
)

// size is how much a run does.
type size struct {
	jobs    int // beside two for those that wait
	kills   int // of each side while the jobs run
	workers int // jobs at a time
	limit   time.Duration
}

var (
	small = size{jobs: 30, kills: 3, workers: 8, limit: time.Minute}
	full  = size{jobs: 500, kills: 22, workers: 32, limit: 5 * time.Minute}
)

// settleTime bounds how long it may take after the last restart until every
// process is at its end.
const settleTime = 90 * time.Second

// TestKill kills both processes at random during negotiations with transfers.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts and kills programs for some seconds")
	}
	binary := build(t)
	s := small
	if testkit.Full() {
		s = full
	}
	t.Run("sqlite", func(t *testing.T) { newRun(t, binary, s, onSQLite).do(t) })
	t.Run("postgres", func(t *testing.T) {
		if !testkit.Full() {
			t.Skip("part of the full version: MUSUBI_FULL=1")
		}
		needPostgres(t)
		newRun(t, binary, s, onPostgres).do(t)
	})
}

// run is one run on one kind of store.
type run struct {
	size
	seed               uint64
	consumer, provider *side
	killers            [2]*killer // of the consumer, of the provider
	driver             *driver
	after              time.Duration // from the last random kill to the end of the jobs
}

func newRun(t *testing.T, binary string, s size, store func(*testing.T, string) string) *run {
	t.Helper()
	r := &run{size: s, seed: seed(t)}
	r.consumer, r.provider = newSides(t, binary, store)
	r.driver = &driver{consumer: r.consumer.api, meter: newMeter()}
	for i, s := range []*side{r.consumer, r.provider} {
		r.killers[i] = &killer{side: s, rng: newRand(r.seed, uint64(i)), meter: r.driver.meter}
	}
	return r
}

// seed is given, or chosen and printed.
func seed(t *testing.T) uint64 {
	t.Helper()
	text := os.Getenv("MUSUBI_KILL_SEED")
	if text == "" {
		return rand.Uint64()
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("MUSUBI_KILL_SEED: %v", err)
	}
	return n
}

func (r *run) do(t *testing.T) {
	t.Helper()
	t.Logf("seed %d", r.seed)
	ctx, cancel := context.WithTimeout(t.Context(), r.limit)
	defer cancel()
	began := time.Now()
	for _, s := range []*side{r.provider, r.consumer} {
		if err := s.restart(ctx); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(t.TempDir(), "data.json")
	if err := os.WriteFile(file, []byte(`{"co2": "5.60"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := publish(ctx, r.provider.api, file, r.jobs+2); err != nil {
		t.Fatal(err)
	}
	errs := r.killed(ctx)
	if len(errs) == 0 {
		if err := waits(ctx, r.driver, r.consumer, r.provider, r.jobs, r.jobs+1); err != nil {
			errs = append(errs, err)
		}
	}
	complain(t, errs)
	r.settle(ctx, t)
	r.report(t, time.Since(began))
}

// killed runs the jobs while the killers are about. Once they have done their
// work, the jobs have their time to end.
func (r *run) killed(ctx context.Context) []error {
	var errs failures
	jobs, give := context.WithCancel(ctx)
	defer give()
	run, over := context.WithCancel(ctx)
	defer over()

	var killers, jobsEnd sync.WaitGroup
	for _, k := range r.killers {
		at := moments(k.rng, r.kills, 2*r.jobs)
		killers.Go(func() {
			if err := k.run(ctx, run, at); err != nil {
				errs.add(err)
				give() // nothing ends while a process stays dead
			}
		})
	}
	work := make(chan int)
	for range r.workers {
		jobsEnd.Go(func() {
			for i := range work {
				errs.add(r.driver.job(jobs, i))
			}
		})
	}
	for i := range r.jobs {
		work <- i
	}
	close(work)
	killed := make(chan struct{})
	go func() {
		defer close(killed)
		killers.Wait()
		last := time.Now()
		if pause(run, settleTime) {
			give()
		}
		r.after = time.Since(last)
	}()
	jobsEnd.Wait()
	over()
	<-killed
	return errs.list
}

// failures collects errors of several goroutines.
type failures struct {
	mu   sync.Mutex
	list []error
}

func (f *failures) add(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		f.list = append(f.list, err)
	}
}
