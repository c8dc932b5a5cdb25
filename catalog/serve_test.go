// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/trust"
	"pgregory.net/rapid"
)

// shelf publishes n assets under one offer for all, and returns their ids in
// order. Their titles repeat, in another order.
func shelf(t testing.TB, h *house, n int) []string {
	t.Helper()
	var ids []string
	var assets []catalog.Asset
	for i := range n {
		id := fmt.Sprintf("asset:%04d", i)
		ids = append(ids, id)
		assets = append(assets, catalog.Asset{ID: id, Properties: map[string]any{"dct:title": fmt.Sprintf("title %d", (n-i)%3)}})
	}
	h.publish(t, assets, offerOf("all", catalog.Selector{All: true}))
	return ids
}

func TestPages(t *testing.T) {
	h := newHouse(t)
	all := shelf(t, h, 250)
	first, ids := h.ask(t, "", "")
	same(t, "first page", ids, all[:100])
	if first.Previous != "" || first.Next == "" {
		t.Errorf("tokens of the first page: %q %q", first.Previous, first.Next)
	}
	second, ids := h.ask(t, "", first.Next)
	same(t, "second page", ids, all[100:200])
	third, ids := h.ask(t, "", second.Next)
	same(t, "third page", ids, all[200:])
	if third.Next != "" {
		t.Error("there is a page after the last")
	}
	back, ids := h.ask(t, "", third.Previous)
	same(t, "back to the second", ids, all[100:200])
	back, ids = h.ask(t, "", back.Previous)
	same(t, "back to the first", ids, all[:100])
	if back.Previous != "" || back.Next == "" {
		t.Errorf("tokens of the first page again: %q %q", back.Previous, back.Next)
	}
	small, ids := h.ask(t, `[{"offset":240,"limit":3}]`, "")
	same(t, "offset and limit", ids, all[240:243])
	_, ids = h.ask(t, `[{"offset":240,"limit":3}]`, small.Next)
	same(t, "the offset counts once", ids, all[243:246])
	_, ids = h.ask(t, `[{"offset":240,"limit":3}]`, small.Previous)
	same(t, "before the offset", ids, all[237:240])
	_, ids = h.ask(t, `[{"limit":100000}]`, "")
	same(t, "no page is endless", ids, all)
	if beyond, ids := h.ask(t, `[{"offset":1000}]`, ""); len(ids) != 0 || beyond.Next+beyond.Previous != "" {
		t.Errorf("beyond the end: %q %+v", ids, beyond)
	}
}

// TestLimitInAnyForm: the limit of a filter counts, however JSON-LD lets the
// filter be written.
func TestLimitInAnyForm(t *testing.T) {
	h := newHouse(t)
	all := shelf(t, h, 150)
	const edc = "https://w3id.org/edc/v0.0.1/ns/"
	for _, contexts := range []string{`"` + wire.ContextURL + `"`, `["` + wire.ContextURL + `"]`, `["` + wire.ContextURL + `","` + wire.EDCContextURL + `"]`} {
		for _, filter := range []string{`"filter":[%s]`, `"filter":%s`, `"dspace:filter":[%s]`, `"dspace:filter":%s`, `"https://w3id.org/dspace/2025/1/filter":%s`} {
			for _, spec := range []string{`{"limit":120}`, `{"@type":"QuerySpec","limit":120,"filterExpression":[]}`, `{"@type":"` + edc + `QuerySpec","` + edc + `limit":120}`} {
				body := `{"@context":` + contexts + `,"@type":"CatalogRequestMessage",` + fmt.Sprintf(filter, spec) + `}`
				page, err := h.Request(t.Context(), me, buyer, []byte(body), "")
				if err != nil {
					t.Errorf("%s: %v", body, err)
					continue
				}
				same(t, body, datasetIDs(t, page.Body), all[:120])
			}
		}
	}
}

// TestWalk goes forth and back over any filter, order and page size, and sees
// each dataset once.
func TestWalk(t *testing.T) {
	h := newHouse(t)
	shelf(t, h, 40)
	rapid.Check(t, func(r *rapid.T) {
		limit := rapid.IntRange(1, 45).Draw(r, "limit")
		order := rapid.SampledFrom([]string{"ASC", "DESC"}).Draw(r, "order")
		field := rapid.SampledFrom([]string{"id", "dct:title", "dct:absent"}).Draw(r, "field")
		title := rapid.SampledFrom([]string{"title 0", "title _", "none"}).Draw(r, "title")
		filter := fmt.Sprintf(`[{"limit":%d,"sortOrder":%q,"sortField":%q,"filterExpression":[{"operandLeft":"dct:title","operator":"like","operandRight":%q}]}]`, limit, order, field, title)
		var forth, back []string
		var pages int
		token := ""
		var last string
		for {
			page, ids := h.ask(t, filter, token)
			forth, pages = append(forth, ids...), pages+1
			if page.Next == "" {
				last = page.Previous
				back = ids
				break
			}
			token = page.Next
		}
		for token = last; token != ""; pages-- {
			page, ids := h.ask(t, filter, token)
			back = append(slices.Clone(ids), back...)
			token = page.Previous
		}
		want := map[string]int{"title 0": 13, "title _": 40, "none": 0}[title]
		if len(forth) != want || !slices.Equal(forth, back) || pages != 1 {
			r.Fatalf("forth %q, back %q, pages left %d", forth, back, pages)
		}
		if field != "dct:title" && (!slices.IsSorted(forth) && order == "ASC") {
			r.Fatalf("not in order: %q", forth)
		}
	})
}

func TestPageGoesOnWhereItsAssetWasWithdrawn(t *testing.T) {
	h := newHouse(t)
	all := shelf(t, h, 6)
	const filter = `[{"limit":2}]`
	first, _ := h.ask(t, filter, "")
	if err := h.Withdraw(t.Context(), me, []string{all[1], all[2]}, nil); err != nil {
		t.Fatal(err)
	}
	_, ids := h.ask(t, filter, first.Next)
	same(t, "next", ids, all[3:5])
	if err := h.Withdraw(t.Context(), me, all[3:], nil); err != nil {
		t.Fatal(err)
	}
	end, ids := h.ask(t, filter, first.Next)
	same(t, "nothing left", ids, []string{})
	_, ids = h.ask(t, filter, end.Previous)
	same(t, "back", ids, all[:1])
}

func TestTokenRefused(t *testing.T) {
	h := newHouse(t)
	shelf(t, h, 5)
	page, _ := h.ask(t, `[{"limit":2}]`, "")
	plain := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	for name, tc := range map[string]struct{ filter, token string }{
		"no base64":      {`[{"limit":2}]`, "!"},
		"no JSON":        {`[{"limit":2}]`, plain("x")},
		"no id":          {`[{"limit":2}]`, plain(`{"f":"x","i":""}`)},
		"U+0000":         {`[{"limit":2}]`, plain(`{"f":"x","k":"\u0000","i":"a"}`)},
		"more members":   {`[{"limit":2}]`, plain(`{"f":"x","i":"a","z":1}`)},
		"too long":       {`[{"limit":2}]`, strings.Repeat("x", 20_000)},
		"cut":            {`[{"limit":2}]`, page.Next[:len(page.Next)-1]},
		"another filter": {`[{"limit":2,"filterExpression":[{"operandLeft":"id","operator":"=","operandRight":"a"}]}]`, page.Next},
		"another order":  {`[{"limit":2,"sortOrder":"DESC"}]`, page.Next},
	} {
		_, err := h.Request(t.Context(), me, buyer, requestBody(tc.filter), tc.token)
		if code(err) != catalog.CodeToken {
			t.Errorf("%s: %v", name, err)
		}
		if status, body := catalog.Fault(err); status != http.StatusBadRequest || !strings.Contains(string(body), "token") {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}

// TestConstantStatements: a page of many costs what a page of one costs.
func TestConstantStatements(t *testing.T) {
	counts := func(n int) map[string]int {
		h := newHouse(t)
		shelf(t, h, n)
		h.ask(t, "", "")
		clear(h.store.calls)
		h.ask(t, "", "")
		return h.store.calls
	}
	few, many := counts(1), counts(90)
	want := map[string]int{"AccessHashes": 1, "Datasets": 1}
	if !maps.Equal(few, want) || !maps.Equal(many, want) {
		t.Errorf("1 dataset: %v, 90 datasets: %v", few, many)
	}
}

// TestLongPageIsCut: a page stays readable for peers, and nothing gets lost.
func TestLongPageIsCut(t *testing.T) {
	h := newHouse(t)
	var assets []catalog.Asset
	for i := range 160 {
		assets = append(assets, catalog.Asset{ID: fmt.Sprintf("asset:%04d", i), Properties: map[string]any{"dct:description": strings.Repeat("x", 63<<10)}})
	}
	h.publish(t, assets, offerOf("all", catalog.Selector{All: true}))
	page, forth := h.ask(t, `[{"limit":500}]`, "")
	for page.Next != "" {
		var ids []string
		page, ids = h.ask(t, `[{"limit":500}]`, page.Next)
		forth = append(forth, ids...)
		if len(page.Body) > 8<<20 {
			t.Fatalf("a page of %d bytes", len(page.Body))
		}
	}
	back := []string{}
	for {
		var ids []string
		page, ids = h.ask(t, `[{"limit":500}]`, page.Previous)
		back = append(slices.Clone(ids), back...)
		if page.Previous == "" {
			break
		}
	}
	if len(forth) != 160 || !slices.IsSorted(forth) || !slices.Equal(back, forth[:len(back)]) || len(back) == 0 {
		t.Errorf("forth %d, back %d", len(forth), len(back))
	}
}

func TestVisibility(t *testing.T) {
	h := newHouse(t)
	labelled := asset("labelled")
	labelled.Labels = map[string]string{"tier": "1", "x": "y"}
	h.publish(t, []catalog.Asset{asset("open"), asset("closed"), asset("mixed"), asset("bare"), labelled},
		offerOf("o-open", byID("open")), offerOf("o-mixed", byID("mixed")), offerOf("o-tier", catalog.Selector{Labels: map[string]string{"tier": "1"}}))
	hidden := func(id string, assets catalog.Selector) catalog.Offer {
		o := offerOf(id, assets)
		o.Access = secret
		return o
	}
	h.put(t, hidden("o-closed", byID("closed")), hidden("o-secret", byID("mixed")))
	page, listed := h.ask(t, "", "")
	same(t, "listed", listed, []string{"labelled", "mixed", "open"})
	whole, err := wire.DecodeAs[*wire.Catalog](page.Body)
	if err != nil {
		t.Fatal(err)
	}
	inList := map[string][]string{}
	for _, d := range whole.Dataset {
		for _, p := range d.HasPolicy {
			inList[d.ID] = append(inList[d.ID], p.ID)
		}
	}
	for _, id := range []string{"open", "closed", "mixed", "bare", "labelled", "none", "", "\x00"} {
		body, err := h.Dataset(t.Context(), me, buyer, id)
		if (err == nil) != slices.Contains(listed, id) || err != nil && !errors.Is(err, catalog.ErrNotFound) {
			t.Errorf("list and get disagree about %q: %v", id, err)
		}
		var shown []string
		if err == nil {
			shown = offersOf(t, body)
		}
		same(t, id+": offers in list and get", shown, inList[id])
		for _, offer := range []string{"o-open", "o-closed", "o-mixed", "o-secret", "o-tier", shown0(shown)} {
			_, err := h.Resolve(t.Context(), me, id, offer, buyer)
			if (err == nil) != slices.Contains(shown, offer) || err != nil && !errors.Is(err, catalog.ErrNotFound) {
				t.Errorf("offer %q of %q: %v, but shown are %q", offer, id, err, shown)
			}
		}
	}
	same(t, "mixed", inList["mixed"], []string{"o-mixed"})
	if _, err := h.Request(t.Context(), "nobody", buyer, requestBody(""), ""); !errors.Is(err, errNoContext) {
		t.Errorf("another's participant: %v", err)
	}
	other, err := h.Request(t.Context(), "other", buyer, requestBody(""), "")
	if err != nil || len(datasetIDs(t, other.Body)) != 0 {
		t.Errorf("another participant's catalogue: %s, %v", other.Body, err)
	}
}

func shown0(shown []string) string {
	if len(shown) == 0 {
		return "x"
	}
	return shown[0]
}

func TestNobodyUnnamed(t *testing.T) {
	h := newHouse(t)
	shelf(t, h, 1)
	_, listErr := h.Request(t.Context(), me, trust.Claims{}, requestBody(""), "")
	_, getErr := h.Dataset(t.Context(), me, trust.Claims{}, "asset:0000")
	_, resolveErr := h.Resolve(t.Context(), me, "asset:0000", "all", trust.Claims{})
	for _, err := range []error{listErr, getErr, resolveErr} {
		if !errors.Is(err, trust.ErrUnauthenticated) {
			t.Error(err)
		}
	}
}

func TestOfferIDs(t *testing.T) {
	h := newHouse(t)
	refuse := []catalog.Rule{{Do: catalog.Refuse, Reason: "sold out"}}
	both := offerOf("both", byID("a", "b"))
	both.Rules = refuse
	h.publish(t, []catalog.Asset{asset("a"), asset("b")},
		offerOf("CD123:ACN0101:456", byID("a")), both, offerOf("every", catalog.Selector{All: true}))
	seen := map[string]bool{}
	for _, dataset := range []string{"a", "b"} {
		body, err := h.Dataset(t.Context(), me, buyer, dataset)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := h.Dataset(t.Context(), me, buyer, dataset)
		if string(again) != string(body) {
			t.Error("the same dataset twice differs")
		}
		for _, id := range offersOf(t, body) {
			if seen[id] {
				t.Errorf("the offer %s has two datasets", id)
			}
			seen[id] = true
			if _, err := h.Resolve(t.Context(), me, dataset, id, buyer); err != nil {
				t.Errorf("%s of %s: %v", id, dataset, err)
			}
		}
	}
	if len(seen) != 5 || !seen["CD123:ACN0101:456"] || seen["both"] || seen["every"] {
		t.Errorf("the ids are %v", slices.Sorted(maps.Keys(seen)))
	}
	body, _ := h.Dataset(t.Context(), me, buyer, "b")
	ids := offersOf(t, body)
	got, err := h.Resolve(t.Context(), me, "b", ids[0], buyer)
	if err != nil || got.Offer != "both" || len(got.Rules) != 1 || !slices.Equal(got.Formats, []string{"HttpData-PULL"}) {
		t.Errorf("resolved %+v, %v", got, err)
	}
	if _, err := h.Resolve(t.Context(), me, "a", ids[0], buyer); !errors.Is(err, catalog.ErrNotFound) {
		t.Errorf("the offer of another dataset: %v", err)
	}
	const snapshot = `{"@context":["` + wire.ContextURL + `"],"@id":"b","@type":"Dataset","dct:title":"Title of b","distribution":[{"@type":"Distribution","format":"HttpData-PULL",` +
		`"accessService":{"@id":"https://acme.example/acme/dsp/2025-1","@type":"DataService","endpointURL":"https://acme.example/acme/dsp/2025-1"}}]}`
	if string(got.Dataset) != snapshot {
		t.Errorf("snapshot %s", got.Dataset)
	}
}

// TestResolveSeesEdits: what was edited after the catalogue was read is judged
// as it is now.
func TestResolveSeesEdits(t *testing.T) {
	h := newHouse(t)
	h.publish(t, []catalog.Asset{asset("a"), asset("b")}, offerOf("o", byID("a")))
	o := offerOf("o", byID("a"))
	o.Access = secret
	h.put(t, o)
	if _, err := h.Resolve(t.Context(), me, "a", "o", buyer); !errors.Is(err, catalog.ErrNotFound) {
		t.Errorf("an offer that was closed: %v", err)
	}
	h.publish(t, nil, offerOf("o", byID("b")))
	if _, err := h.Resolve(t.Context(), me, "a", "o", buyer); !errors.Is(err, catalog.ErrNotFound) {
		t.Errorf("an offer that moved: %v", err)
	}
	if _, err := h.Resolve(t.Context(), me, "b", "o", buyer); err != nil {
		t.Errorf("where it moved to: %v", err)
	}
}

// TestResolveSeesEditsMeanwhile: an offer that is closed, changed or withdrawn
// between two looks at the store is not negotiated on the old terms.
func TestResolveSeesEditsMeanwhile(t *testing.T) {
	for name, edit := range map[string]func(*catalog.Offer){
		"closed":  func(o *catalog.Offer) { o.Access = secret },
		"changed": func(o *catalog.Offer) { o.Usage = secret },
	} {
		h := newHouse(t)
		h.publish(t, []catalog.Asset{asset("a")}, offerOf("o", byID("a")))
		h.store.between = func(c *content) {
			o := c.offers["o"]
			edit(&o)
			c.offers["o"] = o
		}
		if _, err := h.Resolve(t.Context(), me, "a", "o", buyer); !errors.Is(err, catalog.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	h := newHouse(t)
	h.publish(t, []catalog.Asset{asset("a")}, offerOf("o", byID("a")))
	h.store.between = func(c *content) { delete(c.offers, "o") }
	if _, err := h.Resolve(t.Context(), me, "a", "o", buyer); !errors.Is(err, catalog.ErrNotFound) {
		t.Errorf("withdrawn: %v", err)
	}
}
