// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package killtest

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// settle waits until nothing is open at either side, and audits the books.
func (r *run) settle(ctx context.Context, t *testing.T) {
	t.Helper()
	settle(ctx, t, r.consumer, r.provider, r.jobs+2, r.jobs+2)
}

// settle waits until nothing is open at a and b, and audits their books.
func settle(ctx context.Context, t *testing.T, a, b *side, jobs, transfers int) (consumer, provider books) {
	t.Helper()
	consumer, err := closed(ctx, a)
	if err != nil {
		t.Error(err)
	}
	provider, err = closed(ctx, b)
	if err != nil {
		t.Error(err)
	}
	complain(t, audit(consumer, provider, jobs, transfers))
	t.Logf("books: %d and %d negotiations, %d and %d agreements, %d and %d transfers, %d and %d journal rows (consumer, provider)",
		len(consumer.negotiations), len(provider.negotiations), len(consumer.agreements), len(provider.agreements),
		len(consumer.transfers), len(provider.transfers), len(consumer.journal), len(provider.journal))
	t.Logf("ends: %v and %v", ends(consumer), ends(provider))
	return consumer, provider
}

// closed waits until a side has nothing open and its journal tells the last
// end of all: on PostgreSQL rows get their places a little later. To name whom
// one waits for is not enough here: both sides are up, so nothing has to wait.
func closed(ctx context.Context, s *side) (books, error) {
	ctx = context.WithoutCancel(ctx) // each side has its own time, also after a run that took too long
	limited, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	for {
		open, err := stuck(ctx, s)
		if err != nil {
			return books{}, err
		}
		b, err := readBooks(ctx, s)
		if err != nil {
			return b, err
		}
		if len(open) == 0 && told(b) {
			return b, nil
		}
		if !pause(limited, 10*again) {
			return b, fmt.Errorf("the %s has %d open processes and %d journal rows after %s: %v", s.name, len(open), len(b.journal), settleTime, open)
		}
	}
}

// told reports whether the journal has all ends.
func told(b books) bool {
	ended := 0
	for _, e := range b.journal {
		switch e.Event {
		case "negotiation." + finalized, "negotiation." + terminated, "transfer." + completed, "transfer." + terminated:
			ended++
		}
	}
	return ended >= len(b.negotiations)+len(b.transfers)
}

// ends counts the states of a side's processes.
func ends(b books) map[string]int {
	count := map[string]int{}
	for _, n := range b.negotiations {
		count["negotiation "+n.State]++
	}
	for _, p := range b.transfers {
		count["transfer "+p.State]++
	}
	return count
}

// report prints the counts, and fails a run in which too little happened.
func (r *run) report(t *testing.T, took time.Duration) {
	t.Helper()
	steps := 2 * r.jobs
	for _, k := range r.killers {
		median, longest := k.side.startTimes()
		random := len(k.at) + k.early
		t.Logf("%s: killed %d times (%d of them at random, %d while it started; in the quarters of the run %v); ready after %s (median), %s (longest); %d open processes named after restarts",
			k.side.name, k.side.kills, random, k.early, quarters(k.at, steps), median.Round(time.Millisecond/10), longest.Round(time.Millisecond/10), k.named)
		if len(k.at) < r.kills {
			t.Errorf("the %s was killed %d times; %d were meant", k.side.name, len(k.at), r.kills)
		}
	}
	t.Logf("driver: %d calls without an answer, %d requests among them had been taken", r.driver.lost.Load(), r.driver.found.Load())
	t.Logf("%d jobs, %.1f s, the jobs done %.1f s after the last kill", r.jobs+2, took.Seconds(), r.after.Seconds())
}

// quarters counts the kills in each quarter of the run.
func quarters(at []int, steps int) (count [4]int) {
	for _, step := range at {
		count[min(step*4/steps, 3)]++
	}
	return count
}

// complain reports what is wrong, as far as anyone reads.
func complain[T any](t *testing.T, wrong []T) {
	t.Helper()
	const most = 20
	for i, w := range wrong {
		if i == most {
			t.Errorf("and %d more", len(wrong)-most)
			return
		}
		t.Error(w)
	}
}
