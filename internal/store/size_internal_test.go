// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package store

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/store/fill"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

var sizeOf = flag.Int("datasets", 1_000_000, "how many datasets the benchmarks of size have")

const partyTerm = "https://terms.example/party"

// bazaar is a catalogue of some size and what asks it.
type bazaar struct {
	*catalog.Service
	server func() time.Duration // processor time of the database's server
	asked  *counting
	size   int
}

func party(name string) policy.Policy {
	return policy.Permit("use", policy.Atomic{Left: partyTerm, Operator: policy.IsAnyOf, Right: policy.List(policy.Text(name), policy.Text("auditor"))})
}

// shelfOf is a catalogue whose offers have a hundred access policies.
func shelfOf(assets, offers int) fill.Shelf {
	s := fill.Shelf{Context: "c", Assets: assets, Offers: offers, Few: party("few"), FewAssets: 100, Usage: policy.Permit("use")}
	s.Members = policy.Permit("use", policy.Atomic{Left: partyTerm, Operator: policy.Eq, Right: policy.Text("member")})
	for i := range 100 {
		s.Partners = append(s.Partners, party(fmt.Sprint("partner ", i)))
	}
	return s
}

func newBazaar(tb testing.TB, dsn string, shelf fill.Shelf) *bazaar {
	tb.Helper()
	s, err := Open(tb.Context(), Config{DSN: dsn})
	if err != nil {
		tb.Fatal(err)
	}
	if old, _ := s.Assets(tb.Context(), "c", "", 1); len(old) == 0 { // XXX
		if err := errors.Join(s.Close(), fill.Catalog(tb.Context(), dsn, shelf)); err != nil {
			tb.Fatal(err)
		}
	} else {
		s.Close()
	}
	if s, err = Open(tb.Context(), Config{DSN: dsn}); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	b := &bazaar{asked: &counting{}, size: shelf.Assets}
	switch s := s.(type) {
	case *onSQLite:
		b.asked.reader, s.catalogs.db = s.catalogs.db, b.asked
		b.server = func() time.Duration { return 0 }
	case *onPostgres:
		b.server = func() time.Duration { return serverTime(tb, s) }
		b.asked.reader, s.catalogs.db = s.catalogs.db, b.asked
	}
	terms := policy.NewRegistry()
	err = terms.RegisterOperand(policy.Operand{
		IRI: partyTerm, Name: "party", Doc: "The counterparty.", Type: policy.TypeText, Source: policy.FromRecords, From: policy.AtCatalog,
		Values: func(f *policy.Facts, _ string) policy.Left {
			return policy.Left{Values: []policy.Datum{{Text: f.Claims.Participant}}}
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	now := func() time.Time { return time.Unix(1, 0) }
	b.Service, err = catalog.NewService(catalog.Config{
		Store: s, Now: now, NewID: func() string { return "" }, Policies: &policy.Judge{Registry: terms, Now: now},
		Participants: func(_ context.Context, contextID string) (trust.Participant, error) {
			return trust.Participant{Context: contextID, ID: "urn:company:" + contextID, PublicURL: "https://acme.example/acme"}, nil
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// page asks for a page of a hundred and returns the ids on it.
func (b *bazaar) page(tb testing.TB, who, spec, token string) (catalog.Page, []string) {
	tb.Helper()
	body := `{"@context":["` + wire.ContextURL + `"],"@type":"CatalogRequestMessage","filter":[{"limit":100` + spec + `}]}`
	page, err := b.Request(tb.Context(), "c", trust.Claims{Participant: who}, []byte(body), token)
	if err != nil {
		tb.Fatal(err)
	}
	return page, nil
}

func sizeStores() map[string]func(testing.TB) string {
	return map[string]func(testing.TB) string{
		"sqlite": func(tb testing.TB) string {
			if d := os.Getenv("XXXLITE"); d != "" {
				return d
			}
			return "sqlite:" + filepath.Join(tb.TempDir(), "size.db")
		},
		"postgres": func(tb testing.TB) string {
			if d := os.Getenv("XXXPG"); d != "" {
				return d
			}
			return PostgresDSN(tb)
		},
	}
}

func where(field, operator, value string) string {
	return `,"filterExpression":[{"operandLeft":"` + field + `","operator":"` + operator + `","operandRight":` + value + `}]`
}

type sizeCase struct{ name, who, spec string }

// sizeCases are pages: who asks, and for what.
func sizeCases(size int) []sizeCase {
	id := func(i int) string { return `"` + fill.AssetID(i) + `"` }
	return []sizeCase{
		{"all", "member", ""},
		{"all by 101 policies", "auditor", ""},
		{"1%", "partner 7", ""},
		{"few", "few", ""},
		{"none", "stranger", ""},
		{"id =", "member", where("id", "=", id(size/2))},
		{"id in 100", "member", where("id", "in", "["+id(1)+","+id(size/2)+","+id(size-1)+"]")},
		{"id like prefix", "member", where("id", "like", `"`+fill.AssetID(size / 2)[:len(fill.AssetID(0))-3]+`%"`)},
		{"id like end", "member", where("id", "like", `"%`+fill.AssetID(size / 2)[len(fill.AssetID(0))-5:]+`"`)},
		{"type = (20%)", "member", where("dct:type", "=", `"type 3"`)},
		{"type = (20%), few", "few", where("dct:type", "=", `"type 0"`)},
		{"type = (20%), 1%", "partner 7", where("dct:type", "=", `"type 2"`)},
		{"plant = (0.1%)", "member", where(fill.Plant, "=", `"plant 77"`)},
		{"plant = (0.1%), 1%", "partner 7", where(fill.Plant, "=", `"plant 77"`)},
		{"title =", "member", where("dct:title", "=", fmt.Sprintf(`"Carbon footprint of part %d (fictional)"`, size/2))},
		{"title like prefix, one", "member", where("dct:title", "like", fmt.Sprintf(`"Carbon footprint of part %d%%"`, size/2))},
		{"title like prefix, all", "member", where("dct:title", "like", `"Carbon%"`)},
		{"title like prefix, 1%", "partner 7", where("dct:title", "like", `"Carbon%"`)},
		{"title like within, many", "member", where("dct:title", "like", `"%part 1%"`)},
		{"title like within, few", "few", where("dct:title", "like", `"%part 1%"`)},
	}
}

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
			fmt.Printf("%s: filled with %d datasets in %.0f s\n", name, *sizeOf, time.Since(began).Seconds())
			for _, c := range sizeCases(*sizeOf) {
				z.measure(c.name+", first", c.who, c.spec, "", b)
			}
		})
	}
}

// measure plays one page over and over.
func (z *bazaar) measure(name, who, spec, token string, b *testing.B) {
	z.page(b, who, spec, token)
	z.asked.statements.Store(0)
	var times []time.Duration
	used, served := cpuTime(), z.server()
	var page catalog.Page
	for began := time.Now(); len(times) < 5 || len(times) < 200 && time.Since(began) < 500*time.Millisecond; {
		at := time.Now()
		page, _ = z.page(b, who, spec, token)
		times = append(times, time.Since(at))
	}
	cpu := (cpuTime() - used) / time.Duration(len(times))
	server := (z.server() - served) / time.Duration(len(times))
	slices.Sort(times)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	fmt.Printf("%-10s %-36s p50 %8.2f ms  p95 %8.2f ms  cpu %6.2f + %6.2f ms  statements %.1f  bytes %d\n", b.Name()[len("BenchmarkSize/"):], name,
		ms(times[len(times)/2]), ms(times[len(times)*95/100]), ms(cpu), ms(server), float64(z.asked.statements.Load())/float64(len(times)), len(page.Body))
}
