// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package store

import (
	"bytes"
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/store/fill"
	"github.com/musubi-ods/musubi/trust"
)

var sizeOf = flag.Int("datasets", 10_000, "how many datasets the benchmark of size has")

// serverTime is the processor time of the server's processes for this store.
func serverTime(tb testing.TB, s *onPostgres) (sum time.Duration) {
	var pids []int
	err := s.pool.SelectContext(tb.Context(), &pids, `SELECT pid FROM pg_stat_activity WHERE application_name = 'musubi' AND datname = current_database()`)
	if err != nil {
		tb.Fatal(err)
	}
	for _, pid := range pids {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue
		}
		fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
		for _, f := range fields[11:13] { // utime and stime, in hundredths of a second
			n, _ := strconv.Atoi(f)
			sum += time.Duration(n) * 10 * time.Millisecond
		}
	}
	return sum
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkSize is a page of a hundred out of many.
func BenchmarkSize(b *testing.B) {
	for name, dsn := range sizeStores() {
		b.Run(name, func(b *testing.B) {
			began := time.Now()
			z := newBazaar(b, dsn(b), shelfOf(*sizeOf, 10_000))
			fmt.Fprintf(os.Stdout, "%s: filled with %d datasets in %.0f s\n", name, *sizeOf, time.Since(began).Seconds())
			for _, c := range sizeCases(*sizeOf) {
				z.measure(b, c, "", "first")
			}
			middle, last := z.cursor(*sizeOf/2, false), z.cursor(*sizeOf, true)
			for _, c := range sizeCases(*sizeOf)[:4] {
				z.measure(b, c, middle, "middle")
				z.measure(b, c, last, "last")
			}
			z.one(b)
			z.publishes(b)
		})
	}
}

// measure plays one page over and over.
func (z *bazaar) measure(b *testing.B, c sizeCase, token, where string) {
	z.timed(b, c.name+": "+where, func() int {
		return len(z.ask(b, c.who, c.spec, token).Body)
	})
}

// cursor is the token of a page that begins at an asset, or ends before it.
func (z *bazaar) cursor(i int, backward bool) string {
	text := fmt.Sprintf(`{"f":"%s","i":%q}`, noFilter, fill.AssetID(i))
	if backward {
		text = text[:len(text)-1] + `,"b":true}`
	}
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

// noFilter is the hash of the empty filter, which is part of a token.
const noFilter = "38020e1bd4ffd07c"

// one measures a dataset.
func (z *bazaar) one(b *testing.B) {
	for _, who := range []string{"member", "auditor"} {
		z.timed(b, "one dataset: "+who, func() int {
			body, err := z.Service.Dataset(b.Context(), "c", trust.Claims{Participant: who}, fill.AssetID(*sizeOf/2))
			if err != nil {
				b.Fatal(err)
			}
			return len(body)
		})
	}
}

// publishes measures a publication of very many, and how long a step of a
// process waits meanwhile.
func (z *bazaar) publishes(b *testing.B) {
	many := min(100_000, *sizeOf/2)
	for _, what := range []string{"new", "replaced"} {
		quit, longest := make(chan struct{}), make(chan time.Duration)
		go func() {
			var worst time.Duration
			for i := 0; ; i++ {
				select {
				case <-quit:
					longest <- worst
					return
				default:
				}
				at := time.Now()
				if err := z.For("c").Commit(b.Context(), step(fmt.Sprint(what, i))); err != nil {
					b.Error(err)
				}
				worst = max(worst, time.Since(at))
			}
		}()
		began, used, served := time.Now(), cpuTime(), z.server()
		n, err := z.Service.PublishAll(b.Context(), "c", func(yield func(catalog.Batch, error) bool) {
			for i := range many {
				a := catalog.Asset{
					ID:         fmt.Sprintf("urn:example:published:%09d", i),
					Properties: map[string]any{"dct:title": fmt.Sprintf("Part %d (fictional), %s", i, what), "dct:type": "type 1"},
					Labels:     map[string]string{"group": fmt.Sprint("g", i%1000)},
					Source:     catalog.Source{Type: catalog.SourceHTTP, URL: fmt.Sprint("https://source.example/", i)},
				}
				if !yield(catalog.Batch{Assets: []catalog.Asset{a}}, nil) {
					return
				}
			}
		})
		close(quit)
		if err != nil || n.Assets != many {
			b.Fatal(n, err)
		}
		fmt.Fprintf(os.Stdout, "%-10s publish %d, %-8s in %.1f s, cpu %.1f + %.1f s; longest step meanwhile %d ms\n", b.Name()[len("BenchmarkSize/"):], many, what,
			time.Since(began).Seconds(), (cpuTime() - used).Seconds(), (z.server() - served).Seconds(), (<-longest).Milliseconds())
	}
}

func (z *bazaar) timed(b *testing.B, name string, f func() int) {
	f()
	runtime.GC() // what was filled in, or asked before, is not this one's
	z.asked.statements.Store(0)
	var times []time.Duration
	used, served := cpuTime(), z.server()
	bytes := 0
	for began := time.Now(); len(times) < 5 || len(times) < 200 && time.Since(began) < 500*time.Millisecond; {
		at := time.Now()
		bytes = f()
		times = append(times, time.Since(at))
	}
	cpu := (cpuTime() - used) / time.Duration(len(times))
	server := (z.server() - served) / time.Duration(len(times))
	slices.Sort(times)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	fmt.Fprintf(os.Stdout, "%-10s %-36s p50 %8.2f ms  p95 %8.2f ms  cpu %6.2f + %6.2f ms  statements %.1f  bytes %d\n", b.Name()[len("BenchmarkSize/"):], name,
		ms(times[len(times)/2]), ms(times[len(times)*95/100]), ms(cpu), ms(server), float64(z.asked.statements.Load())/float64(len(times)), bytes)
}
