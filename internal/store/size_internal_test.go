// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/store/fill"
	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

const partyTerm = "https://terms.example/party"

// bazaar is a catalogue of some size and what asks it.
type bazaar struct {
	*catalog.Service
	Store
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
	if err := errors.Join(s.Close(), fill.Catalog(tb.Context(), dsn, shelf)); err != nil {
		tb.Fatal(err)
	}
	if s, err = Open(tb.Context(), Config{DSN: dsn}); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	b := &bazaar{asked: &counting{}, size: shelf.Assets}
	c := keeps(s, "FROM asset")
	b.asked.reader, c.db = c.db, b.asked
	b.server = func() time.Duration { return 0 }
	if p, ok := s.(*onPostgres); ok {
		b.server = func() time.Duration { return serverTime(tb, p) }
	}
	b.Store = s
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
func (z *bazaar) page(tb testing.TB, who, spec, token string) (catalog.Page, []string) {
	tb.Helper()
	page := z.ask(tb, who, spec, token)
	return page, idsOf(tb, page.Body)
}

func (z *bazaar) ask(tb testing.TB, who, spec, token string) catalog.Page {
	tb.Helper()
	body := `{"@context":["` + wire.ContextURL + `"],"@type":"CatalogRequestMessage","filter":[{"limit":100` + spec + `}]}`
	page, err := z.Service.Request(tb.Context(), "c", trust.Claims{Participant: who}, []byte(body), token)
	if err != nil {
		tb.Fatal(err)
	}
	return page
}

func idsOf(tb testing.TB, body []byte) (ids []string) {
	tb.Helper()
	var c struct {
		Dataset []struct {
			ID string `json:"@id"`
		} `json:"dataset"`
	}
	if err := json.Unmarshal(body, &c); err != nil {
		tb.Fatal(err)
	}
	for _, d := range c.Dataset {
		ids = append(ids, d.ID)
	}
	return ids
}

func sizeStores() map[string]func(testing.TB) string {
	return map[string]func(testing.TB) string{
		"sqlite":   func(tb testing.TB) string { return "sqlite:" + filepath.Join(tb.TempDir(), "size.db") },
		"postgres": PostgresDSN,
	}
}

func where(field, operator, value string) string {
	return `,"filterExpression":[{"operandLeft":"` + field + `","operator":"` + operator + `","operandRight":` + value + `}]`
}

// sizeCase is a page: who asks, for what, and which assets, by their numbers,
// match.
type sizeCase struct {
	name, who, spec string
	match           func(i int) bool
}

func (c sizeCase) want(s fill.Shelf) (ids []string) {
	for i := range s.Assets {
		visible := map[string]bool{
			"member": true, "auditor": true, "few": i%(s.Assets/s.FewAssets) == 0, "partner 7": i%s.Offers%len(s.Partners) == 7,
		}[c.who]
		if visible && (c.match == nil || c.match(i)) {
			ids = append(ids, fill.AssetID(i))
		}
	}
	return ids
}

func sizeCases(size int) []sizeCase {
	id := func(i int) string { return `"` + fill.AssetID(i) + `"` }
	half := size / 2
	of := func(format string, args ...any) func(int) bool { // the title begins so
		return func(i int) bool {
			return strings.HasPrefix(fmt.Sprintf("part %d (fictional)", i), fmt.Sprintf(format, args...))
		}
	}
	typed := func(n int) func(int) bool { return func(i int) bool { return i%5 == n } }
	plant := func(i int) bool { return i/7%1000 == 77 }
	head, tail := fill.AssetID(half)[:len(fill.AssetID(0))-2], fill.AssetID(half)[len(fill.AssetID(0))-3:]
	return []sizeCase{
		{"all", "member", "", nil},
		{"all, by 101 policies", "auditor", "", nil},
		{"1%", "partner 7", "", nil},
		{"a hundred", "few", "", nil},
		{"none", "stranger", "", nil},
		{"id =", "member", where("id", "=", id(half)), func(i int) bool { return i == half }},
		{"id in three", "member", where("id", "in", "["+id(1)+","+id(half)+","+id(size-1)+"]"), func(i int) bool { return i == 1 || i == half || i == size-1 }},
		{"id like begin%", "member", where("id", "like", `"`+head+`%"`), func(i int) bool { return strings.HasPrefix(fill.AssetID(i), head) }},
		{"id like %end", "member", where("id", "like", `"%`+tail+`"`), func(i int) bool { return strings.HasSuffix(fill.AssetID(i), tail) }},
		{"type = 20%", "member", where("dct:type", "=", `"type 3"`), typed(3)},
		{"type = 20%, a hundred", "few", where("dct:type", "=", `"type 0"`), typed(0)},
		{"type = 20%, 1%", "partner 7", where("dct:type", "=", `"type 2"`), typed(2)},
		{"type in 40%, by 101 policies", "auditor", where("dct:type", "in", `["type 2","type 4"]`), func(i int) bool { return i%5 == 2 || i%5 == 4 }},
		{"plant = 0.1%", "member", where(fill.Plant, "=", `"plant 77"`), plant},
		{"plant = 0.1%, 1%", "partner 7", where(fill.Plant, "=", `"plant 77"`), plant},
		{"title = one", "member", where("dct:title", "=", fmt.Sprintf(`"Carbon footprint of part %d (fictional)"`, half)), of("part %d ", half)},
		{"title like begin%, few", "member", where("dct:title", "like", fmt.Sprintf(`"Carbon footprint of part %d%%"`, half)), of("part %d", half)},
		{"title like begin%, all", "member", where("dct:title", "like", `"Carbon%"`), nil},
		{"title like begin%, 1%", "partner 7", where("dct:title", "like", `"Carbon%"`), nil},
		{"title like %in%, many", "member", where("dct:title", "like", `"%part 1%"`), of("part 1")},
		{"title like %in%, a hundred", "few", where("dct:title", "like", `"%part 1%"`), of("part 1")},
	}
}

// TestSize: each page is the same as of a catalogue that is looked at whole,
// and takes as many statements with many datasets as with few.
func TestSize(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of datasets")
	}
	t.Parallel()
	sizes := []int{1_200, 4_000}
	if testkit.Full() {
		sizes = []int{1_200, 100_000}
	}
	for name, dsn := range sizeStores() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			most := map[string]int64{}
			for _, size := range sizes {
				shelf := shelfOf(size, 300)
				z := newBazaar(t, dsn(t), shelf)
				for _, c := range sizeCases(size) {
					asked := z.compare(t, c, c.want(shelf))
					if before, known := most[c.name]; known && asked != before {
						t.Errorf("%s: %d statements with %d datasets, %d with fewer", c.name, asked, size, before)
					}
					most[c.name] = asked
				}
			}
		})
	}
}

// compare goes three pages forth and two back, and returns the statements of a
// page.
func (z *bazaar) compare(t *testing.T, c sizeCase, want []string) int64 {
	t.Helper()
	z.page(t, c.who, c.spec, "") // policies are known then
	z.asked.statements.Store(0)
	page, got := z.page(t, c.who, c.spec, "")
	asked := z.asked.statements.Load()
	at := 0
	same := func(what string) {
		t.Helper()
		if part := want[min(at, len(want)):min(at+100, len(want))]; !slices.Equal(got, part) {
			t.Fatalf("%s, %s: got %d, want %d\n%q\n%q", c.name, what, len(got), len(part), got, part)
		}
		if more := at+100 < len(want); more != (page.Next != "") {
			t.Fatalf("%s, %s: the next page is %q, there are more: %t", c.name, what, page.Next, more)
		}
	}
	same("first page")
	for _, what := range []string{"second page", "third page"} {
		if page.Next == "" {
			return asked
		}
		at += 100
		page, got = z.page(t, c.who, c.spec, page.Next)
		same(what)
	}
	for _, what := range []string{"back to the second", "back to the first"} {
		at -= 100
		page, got = z.page(t, c.who, c.spec, page.Previous)
		same(what)
	}
	return asked
}
