// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/testkit"
	"pgregory.net/rapid"
)

const title = "http://purl.org/dc/terms/title"

func raws(filters ...string) []json.RawMessage {
	var list []json.RawMessage
	for _, f := range filters {
		list = append(list, json.RawMessage(f))
	}
	return list
}

func condition(field, operator string, values ...string) catalog.Filter {
	return catalog.Filter{Conditions: []catalog.Condition{{Field: field, Operator: operator, Values: values}}}
}

func TestParseFilter(t *testing.T) {
	const criterion = `{"filterExpression":[{"operandLeft":%L,"operator":%O,"operandRight":%R}]}`
	crit := func(left, operator, right string) string {
		return strings.NewReplacer("%L", left, "%O", operator, "%R", right).Replace(criterion)
	}
	const edc = "https://w3id.org/edc/v0.0.1/ns/"
	for name, tc := range map[string]struct {
		in   []json.RawMessage
		want catalog.Query
	}{
		"none":        {nil, catalog.Query{}},
		"empty":       {raws(`{}`), catalog.Query{}},
		"two empty":   {raws(`{}`, `{}`), catalog.Query{}},
		"EDC default": {raws(`{"@type":"QuerySpec","limit":50,"offset":0,"sortOrder":"ASC","filterExpression":[]}`), catalog.Query{Limit: 50}},
		"id":          {raws(crit(`"id"`, `"="`, `"a"`)), catalog.Query{Filter: condition("", "=", "a")}},
		"@id":         {raws(crit(`"@id"`, `"="`, `"a"`)), catalog.Query{Filter: condition("", "=", "a")}},
		"EDC's id":    {raws(crit(`"`+edc+`id"`, `"="`, `"a"`)), catalog.Query{Filter: condition("", "=", "a")}},
		"quoted":      {raws(crit(`"'`+edc+`id'"`, `"="`, `"a"`)), catalog.Query{Filter: condition("", "=", "a")}},
		"property":    {raws(crit(`"dct:title"`, `"like"`, `"%x%%"`)), catalog.Query{Filter: condition(title, "like", "%x%")}},
		"full name":   {raws(crit(`"`+title+`"`, `"in"`, `["x",5,true,1.50]`)), catalog.Query{Filter: condition(title, "in", "x", "5", "true", "1.5")}},
		"in of one":   {raws(crit(`"id"`, `"in"`, `"x"`)), catalog.Query{Filter: condition("", "in", "x")}},
		"a reference": {raws(crit(`"dct:type"`, `"="`, `{"@id":"urn:x"}`)), catalog.Query{Filter: condition("http://purl.org/dc/terms/type", "=", "urn:x")}},
		"all members": {
			raws(`{"@type":"` + edc + `QuerySpec","@id":"x","edc:limit":"20","offset":5.0,"sortField":"dct:title","sortOrder":"desc","filterExpression":null}`),
			catalog.Query{Offset: 5, Limit: 20, Filter: catalog.Filter{Sort: title, Descending: true}},
		},
		"expanded": {
			raws(`{"@type":["` + edc + `QuerySpec"],"` + edc + `offset":[{"@value":5}],"` + edc + `sortField":[{"@value":""}],"` + edc + `filterExpression":` +
				`[{"@type":["` + edc + `Criterion"],"` + edc + `operandLeft":[{"@value":"` + edc + `id"}],"` + edc + `operator":[{"@value":"="}],"` + edc + `operandRight":[{"@value":"a"}]}]}`),
			catalog.Query{Offset: 5, Filter: condition("", "=", "a")},
		},
		"single objects": {
			raws(`{"` + edc + `filterExpression":{"@type":"CriterionDto","` + edc + `operandLeft":"id","` + edc + `operator":"in","` + edc + `operandRight":{"@list":[{"@value":"a"},"b"]}}}`),
			catalog.Query{Filter: condition("", "in", "a", "b")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := catalog.ParseFilter(tc.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseFilterRefuses(t *testing.T) {
	expression := func(s string) []json.RawMessage { return raws(`{"filterExpression":` + s + `}`) }
	for name, tc := range map[string]struct {
		in   []json.RawMessage
		says string
	}{
		"a string":            {raws(`"x"`), "QuerySpec"},
		"a list":              {raws(`[]`), "QuerySpec"},
		"null":                {raws(`null`), "QuerySpec"},
		"no JSON":             {raws(`{`), "QuerySpec"},
		"a name twice":        {raws(`{"limit":1,"limit":2}`), "QuerySpec"},
		"two names for one":   {raws(`{"limit":1,"edc:limit":2}`), "twice"},
		"two filters":         {raws(`{"limit":1}`, `{"limit":1}`), "more than one"},
		"SPARQL":              {raws(`{"query":"SELECT *"}`), `"query" is not understood`},
		"another type":        {raws(`{"@type":"Sparql"}`), "Sparql"},
		"offset below 0":      {raws(`{"offset":-1}`), "offset"},
		"offset beyond":       {raws(`{"offset":1e9}`), "1000000"},
		"limit 0":             {raws(`{"limit":0}`), "from 1"},
		"limit of a fraction": {raws(`{"limit":1.5}`), "whole"},
		"limit as an object":  {raws(`{"limit":{}}`), "whole"},
		"limit not a number":  {raws(`{"limit":"NaN"}`), "whole"},
		"sort order":          {raws(`{"sortOrder":"UP"}`), "ASC or DESC"},
		"sort field bare":     {raws(`{"sortField":"createdAt"}`), "createdAt"},
		"sort field number":   {raws(`{"sortField":5}`), "sortField"},
		"expression a string": {expression(`"x"`), "condition 1"},
		"nothing on the left": {expression(`[{"operator":"=","operandRight":"x"}]`), "operandLeft"},
		"a bare field":        {expression(`[{"operandLeft":"name","operator":"=","operandRight":"x"}]`), "dct:title"},
		"an unknown prefix":   {expression(`[{"operandLeft":"foo:name","operator":"=","operandRight":"x"}]`), "dct:title"},
		"an operator":         {expression(`[{"operandLeft":"id","operator":"contains","operandRight":"x"}]`), "contains"},
		"no operator":         {expression(`[{"operandLeft":"id","operandRight":"x"}]`), "operator"},
		"= of a list":         {expression(`[{"operandLeft":"id","operator":"=","operandRight":["x","y"]}]`), "operandRight"},
		"= of nothing":        {expression(`[{"operandLeft":"id","operator":"="}]`), "operandRight"},
		"= of null":           {expression(`[{"operandLeft":"id","operator":"=","operandRight":null}]`), "operandRight"},
		"= of an object":      {expression(`[{"operandLeft":"id","operator":"=","operandRight":{"a":1}}]`), "operandRight"},
		"U+0000":              {expression(`[{"operandLeft":"id","operator":"=","operandRight":"\u0000"}]`), "operandRight"},
		"in of no value":      {expression(`[{"operandLeft":"id","operator":"in","operandRight":[]}]`), "1 to 100"},
		"in of too many":      {expression(`[{"operandLeft":"id","operator":"in","operandRight":[1` + strings.Repeat(",1", 100) + `]}]`), "1 to 100"},
		"a costly pattern":    {expression(`[{"operandLeft":"id","operator":"like","operandRight":"%a%a%a%a%a%"}]`), "5 times %"},
		"a value too long":    {expression(`[{"operandLeft":"id","operator":"=","operandRight":"` + strings.Repeat("x", 1001) + `"}]`), "1000"},
		"a further member":    {expression(`[{"operandLeft":"id","operator":"=","operandRight":"x","not":true}]`), `"not" is not understood`},
		"too many conditions": {expression(`[{}` + strings.Repeat(",{}", 20) + `]`), "20"},
	} {
		t.Run(name, func(t *testing.T) {
			q, err := catalog.ParseFilter(tc.in)
			if code(err) != catalog.CodeFilter || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %+v, %v; want a refusal saying %q", q, err, tc.says)
			}
		})
	}
}

// TestCapturedRequests reads the catalogue requests that a peer really sent.
func TestCapturedRequests(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testkit.Shared(t), "peers", "edc", "wire", "*catalog_request.http"))
	if err != nil || len(files) != 3 {
		t.Fatalf("found %q, %v", files, err)
	}
	h := newHouse(t)
	h.publish(t, []catalog.Asset{asset("a")}, offerOf("o", byID("a")))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		body := regexp.MustCompile(`(?m)^\{.*\}\r?$`).Find(text)
		page, err := h.Request(t.Context(), me, buyer, bytes.TrimSpace(body), "")
		if err != nil {
			t.Fatalf("%s: %v", filepath.Base(file), err)
		}
		same(t, filepath.Base(file), datasetIDs(t, page.Body), []string{"a"})
	}
}

func TestFilterMatches(t *testing.T) {
	a := catalog.Asset{ID: "asset-1", Properties: map[string]any{
		"dct:title":          "CO2 of a cell",
		"dcat:keyword":       []any{"co2", map[string]any{"@value": "電池", "@language": "ja"}},
		"https://p.example/": 5.0, "https://p.example/b": true,
		"dct:type":        map[string]any{"@id": "urn:type:1"},
		"dct:description": strings.Repeat("x", 1001),
		"dct:publisher":   map[string]any{"dct:title": "inner"},
	}}
	const keyword = "http://www.w3.org/ns/dcat#keyword"
	for name, tc := range map[string]struct {
		filter catalog.Filter
		want   bool
	}{
		"none":              {catalog.Filter{}, true},
		"id":                {condition("", "=", "asset-1"), true},
		"id like":           {condition("", "like", "asset-_"), true},
		"another id":        {condition("", "=", "asset-2"), false},
		"id in":             {condition("", "in", "x", "asset-1"), true},
		"text":              {condition(title, "=", "CO2 of a cell"), true},
		"case counts":       {condition(title, "=", "co2 of a cell"), false},
		"like":              {condition(title, "like", "CO_ of%cell"), true},
		"like, case counts": {condition(title, "like", "co2%"), false},
		"like, whole":       {condition(title, "like", "CO2"), false},
		"like, backtrack":   {condition(title, "like", "%c%ll%"), true},
		"like, star":        {condition(title, "like", "CO2*"), false},
		"first of a list":   {condition(keyword, "=", "co2"), true},
		"second of a list":  {condition(keyword, "like", "電_"), true},
		"number":            {condition("https://p.example/", "=", "5"), true},
		"boolean":           {condition("https://p.example/b", "=", "true"), true},
		"reference":         {condition("http://purl.org/dc/terms/type", "=", "urn:type:1"), true},
		"absent":            {condition("http://purl.org/dc/terms/creator", "like", "%"), false},
		"too long":          {condition("http://purl.org/dc/terms/description", "like", "%"), false},
		"inner object":      {condition("http://purl.org/dc/terms/publisher", "like", "%"), false},
		"both": {catalog.Filter{Conditions: []catalog.Condition{
			{Operator: "=", Values: []string{"asset-1"}}, {Field: keyword, Operator: "=", Values: []string{"steel"}},
		}}, false},
	} {
		if got := tc.filter.Matches(a); got != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if key := (catalog.Filter{Sort: keyword}).SortKey(a); key != "co2" {
		t.Errorf("sorted by %q", key)
	}
	if key := (catalog.Filter{Sort: "https://p.example/none"}).SortKey(a) + (catalog.Filter{}).SortKey(a); key != "" {
		t.Errorf("sorted by %q", key)
	}
}

// TestLike holds patterns against the same in another language.
func TestLike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringMatching(`[ab%_語]{0,8}`).Draw(t, "pattern")
		text := rapid.StringMatching(`[ab語%]{0,10}`).Draw(t, "text")
		expression := "(?s)^" + strings.NewReplacer("%", ".*", "_", ".").Replace(pattern) + "$"
		want := regexp.MustCompile(expression).MatchString(text)
		if got := condition("", "like", pattern).Matches(catalog.Asset{ID: text}); got != want {
			t.Errorf("%q like %q: %v, want %v", text, pattern, got, want)
		}
	})
}

func FuzzParseFilter(f *testing.F) {
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"@type":"QuerySpec","limit":50,"offset":0,"sortOrder":"ASC","filterExpression":[]}`))
	f.Add([]byte(`{"filterExpression":[{"operandLeft":"id","operator":"in","operandRight":["a",1,true]}],"sortField":"dct:title"}`))
	f.Add([]byte(`{"https://w3id.org/edc/v0.0.1/ns/filterExpression":{"edc:operandLeft":{"@value":"@id"},"operator":"like","operandRight":"%a_"}}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		q, err := catalog.ParseFilter([]json.RawMessage{in})
		if err != nil {
			if code(err) != catalog.CodeFilter {
				t.Fatalf("%v is no refusal", err)
			}
			return
		}
		if q.Offset < 0 || q.Limit < 0 || len(q.Filter.Conditions) > 20 {
			t.Fatalf("%+v", q)
		}
		for _, c := range q.Filter.Conditions {
			if len(c.Values) == 0 || c.Operator != "=" && c.Operator != "in" && c.Operator != "like" {
				t.Fatalf("%+v", c)
			}
		}
		q.Filter.Matches(asset("a"))
	})
}
