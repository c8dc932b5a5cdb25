// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package connector_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/bench/limits"
	"github.com/musubi-ods/musubi/internal/testkit"
)

const (
	// messages of a negotiation, each of which both sides commit.
	messages = 4
	// inFlight is how many negotiations go on at the same time.
	inFlight = 64
	// warmUp is how many come before those that are counted.
	warmUp = 2 * inFlight
	// least is how many are counted, on however slow a machine, unless a
	// number was asked for.
	least = 2 * inFlight
	// alone is how many are then timed with nothing else under way.
	alone = 200
)

// BenchmarkNegotiation concludes agreements between two connectors in two
// processes over loopback, from the request to FINALIZED on both sides:
// request, agreement, verification, finalization. The rate is that of a steady
// state with 64 in flight, the latencies are those of one at a time. CPU time
// and allocations are of both processes together; db-cpu is the database
// server's, where there is one.
//
//	sqlite, postgres                       each message has a fresh signed token, which is verified; what the
//	                                       counterparty presented is remembered, as it is by default
//	sqlite-dcp, postgres-dcp               with each message, the counterparty's wallet is asked and its
//	                                       presentation and credentials are verified, too
//	sqlite-preshared, postgres-preshared   a fixed header instead of a token: what is left is not identity
//
// Where MUSUBI_POSTGRES names no server, one is started, if it is installed.
// The machine's limits, measured before, are printed first. The shares say how
// much of them a rate needs: 8 durable commits a negotiation (of each message
// at each side, grouped), 4 requests, and without -preshared 4 signatures at
// the least. MUSUBI_BENCH_PROFILE names a folder for profiles of both processes.
func BenchmarkNegotiation(b *testing.B) {
	machine, err := limits.Measure(b.Context(), b.TempDir(), 300*time.Millisecond)
	if err != nil {
		b.Fatal(err)
	}
	fmt.Fprint(os.Stdout, machine) // not to the log, which comes after the results
	if os.Getenv("MUSUBI_POSTGRES") == "" {
		if testkit.PostgresPrograms() {
			dsn, _ := testkit.StartPostgres(b)
			b.Setenv("MUSUBI_POSTGRES", dsn)
		} else { // a benchmark does not say why it is skipped
			fmt.Fprintln(os.Stdout, "no postgres: MUSUBI_POSTGRES names no server, and the programs of one are not installed")
		}
	}
	for _, store := range []string{"sqlite", "postgres"} {
		for _, identity := range []string{"", "-dcp", "-preshared"} {
			b.Run(store+identity, func(b *testing.B) {
				benchmarkNegotiation(b, newTrade(b, store, identities[identity]), machine)
			})
		}
	}
}

func benchmarkNegotiation(b *testing.B, t *trade, machine limits.Limits) {
	run := steady{trade: t, tb: b, more: b.Loop, least: least}
	if asked := flag.Lookup("test.benchtime"); strings.HasSuffix(asked.Value.String(), "x") {
		run.least = 0
	}
	t.conclude(b, run.next)
	t.settle(b, run.begun)
	took := t.times(b, min(run.counted, alone))

	each, reached := 1/float64(run.counted), float64(run.counted)/run.took.Seconds()
	b.ReportMetric(reached, "negotiations/s")
	b.ReportMetric(milliseconds(percentile(took, 50)), "p50-ms")
	b.ReportMetric(milliseconds(percentile(took, 99)), "p99-ms")
	b.ReportMetric(milliseconds(run.spent.CPU)*each, "cpu-ms/negotiation")
	if t.server != 0 {
		b.ReportMetric(milliseconds(run.spent.Server)*each, "db-cpu-ms/negotiation")
	}
	b.ReportMetric(float64(run.spent.Allocs)*each, "allocs/negotiation")
	b.ReportMetric(float64(run.spent.Bytes)*each/1024, "alloc-KiB/negotiation")
	b.ReportMetric(limits.Share(2*messages*reached, machine.Grouped), "%-of-commits")
	b.ReportMetric(limits.Share(messages*reached, machine.Requests), "%-of-requests")
	if t.signed {
		b.ReportMetric(limits.Share(messages*reached, machine.ES256), "%-of-signatures")
	}
	b.ReportMetric(0, "ns/op") // says nothing that the rate does not
}

// steady measures a stretch in which as many negotiations end as begin, since
// there are always 64: those before it warm up, those after it only end.
type steady struct {
	*trade
	tb    testing.TB
	more  func() bool // nil once it said no
	least int

	begun, counted int
	took           time.Duration
	spent          Usage

	began  time.Time
	before Usage
}

// next reports whether one more is to begin.
func (s *steady) next() bool {
	if s.begun == warmUp {
		s.profile(s.tb, s.tb.Name())
		s.before, s.began = s.usage(s.tb), time.Now()
	}
	if s.begun >= warmUp && s.more != nil && !s.more() {
		s.more = nil
	}
	switch {
	case s.begun < warmUp:
	case s.more != nil || s.counted < s.least:
		s.counted++
	default:
		s.took, s.spent = time.Since(s.began), s.usage(s.tb).minus(s.before)
		s.profile(s.tb, "")
		return false
	}
	s.begun++
	return true
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// percentile is by nearest rank.
func percentile(times []time.Duration, p int) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}

// TestBenchmarkNegotiation runs each case of the benchmark for a moment.
func TestBenchmarkNegotiation(t *testing.T) {
	for _, store := range []string{"sqlite", "postgres"} {
		for name, identity := range identities {
			t.Run(store+name, func(t *testing.T) {
				if store == "postgres" && (testing.Short() || name != "" && !testkit.Full()) {
					t.Skip("what is asked of a server is the same in each case")
				}
				b, left := newTrade(t, store, identity), 3
				before := b.usage(t)
				b.conclude(t, func() bool { left--; return left >= 0 })
				b.settle(t, 3)
				if took := b.times(t, 1); took[0] <= 0 {
					t.Errorf("a negotiation took %s", took[0])
				}
				b.settle(t, 4)
				spent := b.usage(t).minus(before)
				if spent.CPU <= 0 || spent.Allocs == 0 || spent.Bytes == 0 {
					t.Errorf("four negotiations cost %+v", spent)
				}
			})
		}
	}
}

func TestPercentile(t *testing.T) {
	var times []time.Duration
	for n := range 200 {
		times = append(times, time.Duration(200-n))
	}
	for p, want := range map[int]time.Duration{50: 100, 99: 198, 100: 200} {
		if got := percentile(times, p); got != want {
			t.Errorf("percentile %d of 1 to 200 is %d, want %d", p, got, want)
		}
	}
	if got := percentile([]time.Duration{7}, 50); got != 7 {
		t.Errorf("of one: %d", got)
	}
}
