// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/trust/policy"
)

func TestPublishRefusesAssets(t *testing.T) {
	with := func(name string, value any) catalog.Asset {
		return catalog.Asset{ID: "a", Properties: map[string]any{name: value}}
	}
	source := func(s catalog.Source) catalog.Asset { return catalog.Asset{ID: "a", Source: s} }
	web := catalog.Source{Type: catalog.SourceHTTP, URL: "https://data.example/x"}
	header := func(name, value string) catalog.Asset {
		s := web
		s.Headers = map[string]string{name: value}
		return source(s)
	}
	deep := any("x")
	for range 9 {
		deep = []any{deep}
	}
	many := map[string]any{}
	for i := range 101 {
		many["https://p.example/"+strings.Repeat("x", i+1)] = 1
	}
	for name, tc := range map[string]struct {
		asset catalog.Asset
		code  string
		says  string
	}{
		"id with a space":          {catalog.Asset{ID: "a b"}, catalog.CodeID, "visible"},
		"id with U+0000":           {catalog.Asset{ID: "a\x00"}, catalog.CodeID, "control"},
		"id of wrong UTF-8":        {catalog.Asset{ID: "\xff"}, catalog.CodeID, "UTF-8"},
		"id that a URL eats":       {catalog.Asset{ID: ".."}, catalog.CodeID, "URL"},
		"id like a keyword":        {catalog.Asset{ID: "@type"}, catalog.CodeID, "JSON-LD"},
		"id of a blank node":       {catalog.Asset{ID: "_:b0"}, catalog.CodeID, "JSON-LD"},
		"id too long":              {catalog.Asset{ID: strings.Repeat("x", 513)}, catalog.CodeID, "512"},
		"bare property":            {with("title", "x"), catalog.CodeProperty, "dct:title"},
		"unknown prefix":           {with("dc:title", "x"), catalog.CodeProperty, "dct:title"},
		"keyword":                  {with("@type", "x"), catalog.CodeProperty, "dct:title"},
		"the protocol's offers":    {with("odrl:hasPolicy", "x"), catalog.CodeProperty, "hasPolicy"},
		"the same, by full name":   {with(policy.Namespace+"hasPolicy", "x"), catalog.CodeProperty, "hasPolicy"},
		"the protocol's forms":     {with("dcat:distribution", "x"), catalog.CodeProperty, "belongs to the protocol"},
		"the protocol's own":       {with("dspace:participantId", "x"), catalog.CodeProperty, "dspace"},
		"null":                     {with("dct:title", nil), catalog.CodeProperty, "leave it out"},
		"empty list":               {with("dct:title", []string{}), catalog.CodeProperty, "leave it out"},
		"U+0000 in a value":        {with("dct:title", []any{"a\x00"}), catalog.CodeProperty, "U+0000"},
		"context in a value":       {with("dct:title", map[string]any{"@context": "x"}), catalog.CodeProperty, "@context"},
		"bare name in a value":     {with("dct:title", map[string]any{"name": "x"}), catalog.CodeProperty, "name"},
		"too deep":                 {with("dct:title", deep), catalog.CodeProperty, "8 deep"},
		"no JSON":                  {with("dct:title", make(chan int)), catalog.CodeProperty, "JSON"},
		"infinite":                 {with("dct:extent", math.Inf(1)), catalog.CodeProperty, "JSON"},
		"inexact integer":          {with("dct:extent", int64(9007199254740993)), catalog.CodeProperty, "as a string"},
		"inexact fraction":         {with("dct:extent", 0.1234567890123456), catalog.CodeProperty, "as a string"},
		"too long":                 {with("dct:title", strings.Repeat("x", 64<<10)), catalog.CodeProperty, "65536"},
		"too many properties":      {catalog.Asset{ID: "a", Properties: many}, catalog.CodeTooMany, "100"},
		"one property twice":       {catalog.Asset{ID: "a", Properties: map[string]any{"dct:title": 1, "http://purl.org/dc/terms/title": 2}}, catalog.CodeProperty, "twice"},
		"label without a name":     {catalog.Asset{ID: "a", Labels: map[string]string{"": "x"}}, catalog.CodeLabel, "name"},
		"label with a line break":  {catalog.Asset{ID: "a", Labels: map[string]string{"x": "\n"}}, catalog.CodeLabel, "x"},
		"format with a space":      {catalog.Asset{ID: "a", Formats: []string{"Http Data"}}, catalog.CodeFormat, "HttpData-PULL"},
		"format twice":             {catalog.Asset{ID: "a", Formats: []string{"x", "x"}}, catalog.CodeFormat, "twice"},
		"source without a type":    {source(catalog.Source{URL: "https://x.example"}), catalog.CodeSource, "type"},
		"source of another type":   {source(catalog.Source{Type: "ftp"}), catalog.CodeSource, "ftp"},
		"file without a path":      {source(catalog.Source{Type: catalog.SourceFile}), catalog.CodeSource, "path"},
		"file with a URL":          {source(catalog.Source{Type: catalog.SourceFile, Path: "/x", URL: "x"}), catalog.CodeSource, "remove"},
		"http without a host":      {source(catalog.Source{Type: catalog.SourceHTTP, URL: "https:///x"}), catalog.CodeSource, "absolute"},
		"http without a scheme":    {source(catalog.Source{Type: catalog.SourceHTTP, URL: "x.example/y"}), catalog.CodeSource, "http://"},
		"password in a URL":        {source(catalog.Source{Type: catalog.SourceHTTP, URL: "https://u:p@x.example"}), catalog.CodeSource, "header"},
		"fragment in a URL":        {source(catalog.Source{Type: catalog.SourceHTTP, URL: "https://x.example#y"}), catalog.CodeSource, "fragment"},
		"header that splits":       {header("X-A", "a\r\nb"), catalog.CodeSource, "X-A"},
		"header with a colon":      {header("X:A", "a"), catalog.CodeSource, "X:A"},
		"header of the connection": {header("Host", "a"), catalog.CodeSource, "Host"},
		"header without its value": {header("X-A", ""), catalog.CodeSource, "once more"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			_, err := h.Publish(t.Context(), me, []catalog.Asset{asset("good"), tc.asset}, []catalog.Offer{offerOf("o", byID("good"))})
			if code(err) != tc.code || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %s, %v; want %s saying %q", code(err), err, tc.code, tc.says)
			}
			if h.store.calls["Publish"] != 0 {
				t.Error("half of it was published")
			}
		})
	}
}

func TestPublishRefusesOffers(t *testing.T) {
	edit := func(f func(*catalog.Offer)) catalog.Offer {
		o := offerOf("o", byID("a"))
		f(&o)
		return o
	}
	rule := func(r catalog.Rule) catalog.Offer {
		return edit(func(o *catalog.Offer) { o.Rules = []catalog.Rule{{Do: catalog.Accept, Counterparty: "x"}, r} })
	}
	for name, tc := range map[string]struct {
		offer catalog.Offer
		code  string
		says  string
	}{
		"bad id":                        {offerOf("o o", byID("a")), catalog.CodeID, "visible"},
		"no selector":                   {offerOf("o", catalog.Selector{}), catalog.CodeSelector, "exactly one"},
		"two selectors":                 {offerOf("o", catalog.Selector{All: true, IDs: []string{"a"}}), catalog.CodeSelector, "exactly one"},
		"bad id selected":               {offerOf("o", byID("a", "")), catalog.CodeID, "selected asset 2"},
		"unknown asset":                 {offerOf("o", byID("a", "b")), catalog.CodeAsset, "publish the asset first"},
		"no access policy":              {edit(func(o *catalog.Offer) { o.Access = policy.Policy{} }), catalog.CodePolicy, "access policy"},
		"access policy of one member":   {edit(func(o *catalog.Offer) { o.Access = secret }), catalog.CodePolicy, "https://terms.example/member"},
		"access policy of other action": {edit(func(o *catalog.Offer) { o.Access = policy.Permit("read") }), catalog.CodePolicy, "use"},
		"no usage policy":               {edit(func(o *catalog.Offer) { o.Usage = policy.Policy{} }), catalog.CodePolicy, "usage policy"},
		"usage policy of a constraint":  {edit(func(o *catalog.Offer) { o.Usage = secret }), catalog.CodePolicy, "terms.example"},
		"unknown answer":                {rule(catalog.Rule{Do: "perhaps"}), catalog.CodeRule, "rule 2"},
		"counter without terms":         {rule(catalog.Rule{Do: catalog.Counter}), catalog.CodeRule, "terms"},
		"counter with a constraint":     {rule(catalog.Rule{Do: catalog.Counter, Counter: &secret}), catalog.CodeRule, "terms.example"},
		"terms without counter":         {rule(catalog.Rule{Do: catalog.Accept, Counter: &use}), catalog.CodeRule, "counter"},
		"reason too long":               {rule(catalog.Rule{Do: catalog.Refuse, Reason: strings.Repeat("x", 1001)}), catalog.CodeRule, "1000"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			_, err := h.Publish(t.Context(), me, []catalog.Asset{asset("a")}, []catalog.Offer{offerOf("good", byID("a")), tc.offer})
			if code(err) != tc.code || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %s, %v; want %s saying %q", code(err), err, tc.code, tc.says)
			}
			if _, err := h.Asset(t.Context(), me, "a"); !errors.Is(err, catalog.ErrNotFound) {
				t.Errorf("half of it was published: %v", err)
			}
		})
	}
}

func TestPublishRefusesTwice(t *testing.T) {
	h := newHouse(t)
	for name, b := range map[string]catalog.Batch{
		"asset": {Assets: []catalog.Asset{asset("a"), asset("a")}},
		"offer": {Assets: []catalog.Asset{asset("a")}, Offers: []catalog.Offer{offerOf("o", byID("a")), offerOf("o", byID("a"))}},
	} {
		if _, err := h.Publish(t.Context(), me, b.Assets, b.Offers); code(err) != catalog.CodeDuplicate {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.Publish(t.Context(), "nobody", nil, nil); !errors.Is(err, errNoContext) {
		t.Errorf("another's participant: %v", err)
	}
}

func TestPublishKeeps(t *testing.T) {
	h := newHouse(t)
	framed := use
	framed.ID, framed.Target, framed.Type = "x", "y", "Offer"
	properties := map[string]any{
		"dct:title": map[string]string{"@value": "電池", "@language": "ja"}, "https://p.example/n": 42, "dcat:keyword": []string{"b", "a"},
	}
	first := catalog.Asset{
		Properties: properties, Labels: map[string]string{"tier": "1"},
		Source: catalog.Source{Type: catalog.SourceHTTP, URL: "http://10.0.0.1/x?y=z", Headers: map[string]string{"X-Key": "s3cret"}},
	}
	b, err := h.Publish(t.Context(), me, []catalog.Asset{first}, []catalog.Offer{{Assets: catalog.Selector{All: true}, Access: framed, Usage: framed}})
	if err != nil {
		t.Fatal(err)
	}
	got := b.Assets[0]
	want := catalog.Asset{
		ID: "urn:uuid:1", Labels: map[string]string{"tier": "1"}, Formats: []string{"HttpData-PULL"}, Created: h.now, Updated: h.now,
		Properties: map[string]any{
			"dct:title": map[string]any{"@value": "電池", "@language": "ja"}, "https://p.example/n": 42.0, "dcat:keyword": []any{"b", "a"},
		},
		Source: catalog.Source{Type: catalog.SourceHTTP, URL: "http://10.0.0.1/x?y=z", Headers: map[string]string{"X-Key": ""}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	shown, err := h.Asset(t.Context(), me, "urn:uuid:1")
	if diff := cmp.Diff(want, shown); diff != "" || err != nil {
		t.Error(err, diff)
	}
	source, err := h.SourceOf(t.Context(), me, "urn:uuid:1")
	if err != nil || source.Headers["X-Key"] != "s3cret" {
		t.Errorf("the data plane gets %v, %v", source, err)
	}
	if o := b.Offers[0]; o.ID != "urn:uuid:2" || o.Usage.ID+o.Usage.Target+o.Access.Type != "" {
		t.Errorf("the offer %+v", o)
	}
	h.now = h.now.Add(time.Hour)
	h.publish(t, []catalog.Asset{{ID: "urn:uuid:1"}})
	if again, _ := h.Asset(t.Context(), me, "urn:uuid:1"); !again.Updated.After(again.Created) || len(again.Properties) != 0 {
		t.Errorf("published again: %+v", again)
	}
}

func TestListsHideHeaderValues(t *testing.T) {
	h := newHouse(t)
	a := asset("a")
	a.Source = catalog.Source{Type: catalog.SourceHTTP, URL: "http://10.0.0.1/", Headers: map[string]string{"X-Key": "s3cret"}}
	h.publish(t, []catalog.Asset{a, asset("b")}, offerOf("o", byID("a")))
	list, err := h.Assets(t.Context(), me, "", 0)
	if err != nil || len(list) != 2 || strings.Contains(quoted(list), "s3cret") {
		t.Errorf("%v, %v", list, err)
	}
	list, err = h.Assets(t.Context(), me, "a", 1)
	if err != nil || len(list) != 1 || list[0].ID != "b" {
		t.Errorf("%v, %v", list, err)
	}
	if offers, err := h.Offers(t.Context(), me, "", 0); err != nil || len(offers) != 1 {
		t.Errorf("%v, %v", offers, err)
	}
	if list, err := h.Assets(t.Context(), "other", "", 0); err != nil || len(list) != 0 {
		t.Errorf("another participant sees %v, %v", list, err)
	}
}

func TestWithdraw(t *testing.T) {
	h := newHouse(t)
	h.publish(t, []catalog.Asset{asset("a"), asset("b")}, offerOf("o", catalog.Selector{All: true}))
	for _, ids := range [][2][]string{{{"a", "x"}, nil}, {{"a"}, {"x"}}, {{"a", "\x00"}, nil}} {
		if err := h.Withdraw(t.Context(), me, ids[0], ids[1]); !errors.Is(err, catalog.ErrNotFound) {
			t.Errorf("%q: %v", ids, err)
		}
	}
	if err := h.Withdraw(t.Context(), me, []string{"a"}, nil); err != nil {
		t.Fatal(err)
	}
	_, ids := h.ask(t, "", "")
	same(t, "after withdrawal", ids, []string{"b"})
	if err := h.Withdraw(t.Context(), me, nil, []string{"o"}); err != nil {
		t.Fatal(err)
	}
	_, ids = h.ask(t, "", "")
	same(t, "without an offer", ids, []string{})
}

func TestRules(t *testing.T) {
	rules := []catalog.Rule{
		{Counterparty: "x", Do: catalog.Refuse, Reason: "no"},
		{Do: catalog.Counter, Counter: &use},
		{Do: catalog.Accept},
	}
	if r, ok := catalog.RuleFor(rules, "x"); !ok || r.Do != catalog.Refuse {
		t.Errorf("for x: %v %v", r, ok)
	}
	if r, ok := catalog.RuleFor(rules, "y"); !ok || r.Do != catalog.Counter {
		t.Errorf("for y: %v %v", r, ok)
	}
	if _, ok := catalog.RuleFor(rules[:1], "y"); ok {
		t.Error("a rule for another fits")
	}
	text, err := catalog.EncodeRules(rules)
	if err != nil {
		t.Fatal(err)
	}
	back, err := catalog.DecodeRules(text)
	if err != nil || len(back) != 3 || !policy.Equal(*back[1].Counter, use) || back[0] != rules[0] {
		t.Errorf("%s becomes %v, %v", text, back, err)
	}
	for _, bad := range []string{"", "{}", `[{"do":"counter","counter":{"permission":5}}]`} {
		if _, err := catalog.DecodeRules([]byte(bad)); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}
