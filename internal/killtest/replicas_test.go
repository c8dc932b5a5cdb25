// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package killtest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/testkit"
)

const (
	frozenTime   = 20 * time.Second // how long a replica is stopped
	transferring = 10               // one job of so many goes on to a transfer
	leastShare   = 0.04             // of all work, also for one that is killed or stopped for most of the time
)

// TestReplicas has several processes share the work of a participant, and
// takes away from them what they need.
func TestReplicas(t *testing.T) {
	if !testkit.Full() {
		t.Skip("it runs many programs for a minute: MUSUBI_FULL=1, or make replicas")
	}
	needPostgres(t)
	binary := build(t)
	t.Run("work", func(t *testing.T) {
		t.Parallel()
		newTeam(t, binary, 2, 3, jobsOfReplicas(t), onPostgres).work(t)
	})
	t.Run("faults", func(t *testing.T) {
		t.Parallel()
		faults(t, binary)
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		fullSQLite(t, binary)
	})
}

// jobsOfReplicas is how many negotiations the replicas share.
func jobsOfReplicas(t *testing.T) int {
	t.Helper()
	text := os.Getenv("MUSUBI_REPLICAS_JOBS")
	if text == "" {
		return 1000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 100 {
		t.Fatalf("MUSUBI_REPLICAS_JOBS is %q, not a number from 100 on", text)
	}
	return n
}

// team is two participants with replicas, and what they do for each other.
type team struct {
	consumer, provider *cluster
	driver             *driver
	jobs, workers      int
	readers            []*reader
}

func newTeam(t *testing.T, binary string, consumers, providers, jobs int, store func(*testing.T, string) string) *team {
	t.Helper()
	m := &team{jobs: jobs, workers: 64}
	m.consumer, m.provider = newClusters(t, binary, consumers, providers, store)
	m.driver = &driver{consumer: m.consumer.desk.api, meter: newMeter()}
	m.readers = append(readers(m.consumer), readers(m.provider)...)
	return m
}

// start starts all replicas and publishes what the jobs ask for.
func (m *team) start(ctx context.Context, t *testing.T) {
	t.Helper()
	for _, c := range []*cluster{m.provider, m.consumer} {
		if err := c.start(ctx); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(t.TempDir(), "data.json")
	if err := os.WriteFile(file, []byte(`{"co2": "5.60"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := publish(ctx, m.provider.replicas[0].api, file, m.jobs+1); err != nil { // the last asks a person
		t.Fatal(err)
	}
}

// transfers are how many of the jobs go on to a transfer.
func (m *team) transfers() int { return (m.jobs + transferring - 1) / transferring }

// do does jobs, and calls events beside them; none of these ends them.
func (m *team) do(ctx context.Context, from, to int, events ...func() error) []error {
	var errs failures
	var done sync.WaitGroup
	for _, event := range events {
		done.Go(func() { errs.add(event()) })
	}
	work := make(chan int)
	for range m.workers {
		done.Go(func() {
			for i := range work {
				errs.add(m.job(ctx, i))
			}
		})
	}
	for i := from; i < to; i++ {
		work <- i
	}
	close(work)
	done.Wait()
	return errs.list
}

// job is a negotiation and, for some, a transfer.
func (m *team) job(ctx context.Context, i int) error {
	if i%transferring == 0 {
		return m.driver.job(ctx, i) // which makes two steps
	}
	n, err := m.driver.open(ctx, i, i%4 != 0)
	if err == nil {
		n, err = m.driver.await(ctx, "/negotiations/"+url.PathEscape(n.ID), process.ended)
	}
	if err == nil && n.State != finalized {
		err = fmt.Errorf("not agreed: %s", n)
	}
	if err != nil {
		return fmt.Errorf("job %d: %w", i, err)
	}
	m.driver.meter.step()
	return nil
}

// work has one replica stopped for a while and another one killed half-way.
func (m *team) work(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	m.start(ctx, t)
	m.consumer.tally(t)
	m.provider.tally(t)
	end := followAll(ctx, m.readers)
	began := time.Now()
	frozen, killed := m.consumer.replicas[1], m.provider.replicas[0]
	errs := m.do(ctx, 0, m.jobs,
		func() error { return m.stopped(ctx, t, frozen) },
		func() error {
			if !m.driver.meter.reach(ctx, m.jobs/2) {
				return fmt.Errorf("half of the run was never reached: %w", ctx.Err())
			}
			killed.dead = true
			return killed.kill()
		})
	took := time.Since(began)
	complain(t, errs)
	consumer, provider := settle(ctx, t, m.consumer.desk, m.provider.desk, m.jobs, m.transfers())
	end()
	m.sameJournals(t, consumer, provider)
	m.shared(t)
	moved := 0
	for _, r := range m.readers {
		moved += r.moved
	}
	if moved == 0 {
		t.Error("no reader of a journal had to go to another replica")
	}
	t.Logf("%d negotiations and %d transfers by %d and %d replicas in %.1f s; %d calls without an answer, %d of them had been taken; readers of journals changed the replica %d times",
		m.jobs, m.transfers(), len(m.consumer.replicas), len(m.provider.replicas), took.Seconds(), m.driver.lost.Load(), m.driver.found.Load(), moved)
}

// stopped has a replica stop early in the run, with leases in its hands, for
// long enough that others take them over.
func (m *team) stopped(ctx context.Context, t *testing.T, s *side) error {
	if !m.driver.meter.reach(ctx, m.jobs/5) {
		return fmt.Errorf("a fifth of the run was never reached: %w", ctx.Err())
	}
	s.expected = "the database cannot be used" // to it, its own stop looks like that
	held, err := freeze(ctx, t, m.consumer, s)
	if err != nil {
		return err
	}
	pause(ctx, frozenTime)
	still := leases(t, m.consumer, s)
	left := 0
	for _, l := range held {
		if slices.Contains(still, l) {
			left++
		}
	}
	t.Logf("%s was stopped for %s with %d leases; others took %d of them over", s.name, frozenTime, len(held), len(held)-left)
	if left == len(held) {
		err = fmt.Errorf("nobody took over what %s had when it was stopped", s.name)
	}
	return errors.Join(err, s.thaw())
}

// sameJournals: each reader has read each journal, every row once.
func (m *team) sameJournals(t *testing.T, consumer, provider books) {
	t.Helper()
	for i, r := range m.readers {
		journal := consumer.journal
		if i >= len(m.consumer.replicas) {
			journal = provider.journal
		}
		if err := r.compare(journal); err != nil {
			t.Error(err)
		}
	}
}

// shared: every replica did its part, of what is asked and of what is owed.
func (m *team) shared(t *testing.T) {
	t.Helper()
	for _, c := range []*cluster{m.consumer, m.provider} {
		for what, counts := range map[string][]int{"requests of peers": c.front.counts(), "pieces of work": c.claimed(t)} {
			parts := shares(counts)
			percent := make([]float64, len(parts))
			for i, part := range parts {
				percent[i] = math.Round(100 * part)
			}
			t.Logf("%s by the %s's replicas: %v (%v %%)", what, c.name, counts, percent)
			if least := slices.Min(parts); least < leastShare {
				t.Errorf("a replica of the %s did %.1f %% of the %s", c.name, 100*least, what)
			}
		}
	}
}
