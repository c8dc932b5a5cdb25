// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package connector_test

import (
	"database/sql"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/internal/store/fill"
)

var processes = flag.String("processes", "100,1000", "how many processes the store holds, for the benchmark of growth")

// village is one connector whose two participants deal with each other, so
// that one store holds both sides of everything.
type village struct {
	dsn      string
	c        *connector.Connector
	supplier *node
	maker    *node
	started  time.Duration
	memory   float64 // MiB that the start took
}

func (v *village) start(tb testing.TB) {
	tb.Helper()
	cfg := connector.Default()
	cfg.Store, cfg.DevMode, cfg.Key = v.dsn, true, connector.Secret(strings.Repeat("0a", 32))
	cfg.Protocol.Listen, cfg.Management.Listen = "127.0.0.1:0", "-"
	for _, name := range []string{"supplier", "maker"} {
		cfg.Participants = append(cfg.Participants, connector.ParticipantConfig{Context: name, ID: "urn:example:" + name, Name: name + " (fictional)", Profile: "preshared"})
	}
	began := time.Now()
	c, err := connector.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	if err := c.Start(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	v.c, v.supplier, v.maker = c, nodeOf(tb, c, "supplier"), nodeOf(tb, c, "maker")
	v.started = time.Since(began)
	introduce(tb, v.supplier, v.maker)
}

// grow fills the store of a village with copies of what it did: of ten
// processes nine are finished, one waits for a person; of these every second
// has something to do in ten days.
func (v *village) grow(b *testing.B, n int) {
	b.Helper()
	v.start(b)
	v.supplier.publish(b, catalog.Source{})
	done := v.maker.negotiate(b, proposalOf(v.supplier.id), "FINALIZED")
	theirs := v.supplier.awaitNegotiation(b, done.PeerPID, "FINALIZED")
	v.supplier.publish(b, catalog.Source{}, catalog.Rule{Do: catalog.Approve})
	asked := v.maker.negotiate(b, proposalOf(v.supplier.id), "REQUESTED")
	v.supplier.publish(b, catalog.Source{})
	v.maker.negotiate(b, proposalOf(v.supplier.id), "FINALIZED")
	stop(b, v.c) // all rows have their positions
	wait := n / 40
	err := fill.Processes(b.Context(), v.dsn,
		fill.Like{Context: "maker", Process: done.ID, Copies: n/2 - 2*wait}, fill.Like{Context: "supplier", Process: theirs.ID, Copies: n/2 - 2*wait},
		fill.Like{Context: "maker", Process: asked.ID, Copies: wait}, fill.Like{Context: "supplier", Process: asked.PeerPID, Copies: wait},
		fill.Like{Context: "maker", Process: asked.ID, Copies: wait, Owes: true}, fill.Like{Context: "supplier", Process: asked.PeerPID, Copies: wait, Owes: true})
	if err != nil {
		b.Fatal(err)
	}
	before := rss(b)
	v.start(b)
	v.memory = rss(b) - before
}

// BenchmarkGrowth is the cost of a message with few and with many processes in
// the store, both sides of it, as a ratio to the first of the sizes.
func BenchmarkGrowth(b *testing.B) {
	for _, store := range []string{"sqlite", "postgres"} {
		b.Run(store, func(b *testing.B) {
			var first float64
			for size := range strings.SplitSeq(*processes, ",") {
				n, err := strconv.Atoi(size)
				if err != nil {
					b.Fatal(err)
				}
				v := &village{dsn: storeAt(b, store, "growth")}
				began := time.Now()
				v.grow(b, n)
				filled := time.Since(began)
				used, wall, server := v.cost(b)
				if first == 0 {
					first = used
				}
				fmt.Fprintf(os.Stdout, "growth %-8s %8d processes: cpu %6.0f µs/message (ratio %.2f), wall %6.0f µs/message, server cpu %6.0f µs/message, started in %4.0f ms, RSS +%.0f MiB, filled in %.0f s\n",
					store, n, used, used/first, wall, server, float64(v.started.Milliseconds()), v.memory, filled.Seconds())
				stop(b, v.c)
			}
		})
	}
}

const rounds = 150 // negotiations, of each of three runs

// cost concludes negotiations one after another and several at a time, and
// returns the processor time and the time of one message: the median of runs.
func (v *village) cost(b *testing.B) (used, wall, server float64) {
	b.Helper()
	conclude := func(n int) {
		for range n {
			v.maker.negotiate(b, proposalOf(v.supplier.id), "FINALIZED")
		}
	}
	conclude(20)
	var cpus, walls, servers []float64
	for range 3 {
		at, from, srv := time.Now(), ownUsage().CPU, serverCPU(b, v.dsn)
		conclude(rounds)
		cpus = append(cpus, float64((ownUsage().CPU-from).Microseconds())/(rounds*messages))
		walls = append(walls, float64(time.Since(at).Microseconds())/(rounds*messages))
		servers = append(servers, float64((serverCPU(b, v.dsn)-srv).Microseconds())/(rounds*messages))
	}
	for _, list := range [][]float64{cpus, walls, servers} {
		slices.Sort(list)
	}
	return cpus[1], walls[1], servers[1]
}

// serverCPU is the processor time of the server's processes for this process.
func serverCPU(b *testing.B, dsn string) (sum time.Duration) {
	if !strings.HasPrefix(dsn, "postgres") {
		return 0
	}
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(b.Context(), `SELECT pid FROM pg_stat_activity WHERE application_name = 'musubi' AND datname = current_database()`)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var pid int
		if err := rows.Scan(&pid); err != nil {
			b.Fatal(err)
		}
		_, fields := processStat(pid)
		if len(fields) < 13 {
			continue // ended
		}
		for _, f := range fields[11:13] { // user and system, in hundredths of a second
			ticks, _ := strconv.Atoi(f)
			sum += time.Duration(ticks) * 10 * time.Millisecond
		}
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return sum
}

// rss is the memory of this process, in MiB.
func rss(b *testing.B) float64 {
	debug.FreeOSMemory()
	raw, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	pages, _ := strconv.Atoi(strings.Fields(string(raw))[1])
	return float64(pages*os.Getpagesize()) / (1 << 20)
}
