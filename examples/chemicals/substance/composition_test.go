// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/examples/chemicals/substance"
)

const tape = `{"part":"TP-12","version":"3","nodes":[
 {"id":"TP-12","name":"tape","kind":"article","mass":"12.0 g","contents":[{"count":2,"node":"TP-12-film"}]},
 {"id":"TP-12-film","name":"film","kind":"material","mass":"6.0 g","tolerance":"0.5 %","substances":[
  {"name":"DBDPE","cas":"84852-53-9","min":"8 %","max":"9 %"},
  {"name":"a flame retardant","group":"BFR","min":"0 %","max":"1 %"},
  {"name":"lead","cas":"7439-92-1","min":"10 mg/kg","max":"10 mg/kg","exemption":"6(c)"}],
  "without":[{"list":"CL-2025-06-25"},{"cas":"117-81-7"},{"group":"PBDE"}]}]}`

func TestCompositionComesBack(t *testing.T) {
	r := register(t)
	b := bill(t, r, tape)
	document, err := r.EncodeComposition(b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b, bill(t, r, string(document))); diff != "" {
		t.Error(diff)
	}
}

// Each case is the good document with one fault; the reason names the fault.
func TestDecodeCompositionRefuses(t *testing.T) {
	r := register(t)
	bill(t, r, tape)
	for _, c := range []struct {
		name, old, now string
		is             error
		reason         string
	}{
		{"wrong check digit", "84852-53-9", "84852-53-8", substance.ErrIdentifier, "check digit"},
		{"EC number for CAS", "84852-53-9", "284-366-9", substance.ErrIdentifier, "EC number"},
		{"spreadsheet date", "84852-53-9", "4390-04-09 00:00:00", substance.ErrIdentifier, "is a date"},
		{"another substance's number", `"name":"DBDPE","cas":"84852-53-9"`, `"name":"bis(2-methoxyethyl) phthalate","cas":"111-96-6"`, substance.ErrName, "is 117-82-8, not 111-96-6"},
		{"mg/kg written as %", `"min":"8 %","max":"9 %"`, `"min":"80000 %","max":"80000 %"`, substance.ErrBalance, "more than 100 %; is it in mg/kg?"},
		{"ppm", `"max":"9 %"`, `"max":"90000 ppm"`, substance.ErrUnit, "ppm of what?"},
		{"content without unit", `"max":"9 %"`, `"max":"9"`, substance.ErrUnit, "without a unit"},
		{"content as a number", `"max":"9 %"`, `"max":9`, nil, "is not a string"},
		{"substances above 100 %", `"min":"8 %","max":"9 %"`, `"min":"100 %","max":"100 %"`, substance.ErrBalance, "add up to at least 100.001 %"},
		{"mg written as g", `"mass":"6.0 g"`, `"mass":"6000 g"`, substance.ErrBalance, "is a mass in mg that should be in g?"},
		{"contents above 100 %", `"count":2`, `"count":3`, substance.ErrBalance, "which is 150 %"},
		{"range turned round", `"min":"8 %"`, `"min":"9.5 %"`, nil, "less than min"},
		{"neither number nor group", `,"cas":"84852-53-9"`, ``, nil, "either cas or group"},
		{"both number and group", `"group":"BFR"`, `"group":"BFR","cas":"79-94-7"`, nil, "either cas or group"},
		{"unknown group", `"group":"BFR"`, `"group":"CFR"`, nil, "is not known"},
		{"empty statement", `{"cas":"117-81-7"}`, `{}`, nil, "one of cas, group and list"},
		{"double statement", `{"cas":"117-81-7"}`, `{"cas":"117-81-7","group":"BFR"}`, nil, "one of cas, group and list"},
		{"tolerance", `"0.5 %"`, `"5.1 %"`, nil, "more than 5 %"},
		{"self-reference", `"node":"TP-12-film"`, `"node":"TP-12"`, nil, "cannot contain"},
		{"missing node", `"node":"TP-12-film"`, `"node":"TP-13"`, nil, "not described"},
		{"no root", `"part":"TP-12"`, `"part":"TP-13"`, nil, "which is the part"},
		{"unreached node", `"nodes":[`, `"nodes":[{"id":"X","name":"x","kind":"material","mass":"1 g"},`, nil, "X is not in TP-12"},
		{"node twice", `"nodes":[`, `"nodes":[{"id":"TP-12","name":"x","kind":"material","mass":"1 g"},`, nil, "described twice"},
		{"no pieces", `"count":2`, `"count":0`, nil, "whole number"},
		{"half a piece", `"count":2`, `"count":1.5`, nil, "whole number"},
		{"unknown kind", `"kind":"article"`, `"kind":"thing"`, nil, "is not one of"},
		{"whole is no kind", `"kind":"article"`, `"kind":"whole"`, nil, "is not one of"},
		{"article with substances", `"kind":"material"`, `"kind":"article"`, nil, "only a material"},
		{"unknown member", `"version"`, `"price":"1","version"`, nil, `"price" is unknown`},
		{"member in another case", `"exemption"`, `"Exemption"`, nil, `"Exemption" is unknown`},
		{"a supplier's name", `"kind":"article"`, `"supplier":"x","kind":"article"`, nil, `"supplier" is unknown`},
		{"whom to ask", `"group":"BFR"`, `"group":"BFR","askOf":"x"`, nil, `"askOf" is unknown`},
		{"not JSON", `"version":"3",`, `"version":"3"`, nil, "line 1: not JSON"},
		{"terminal control", `"name":"tape"`, `"name":"\u001b[2J"`, nil, "printable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := r.DecodeComposition([]byte(edit(t, tape, c.old, c.now)))
			if !errors.Is(err, substance.ErrAnswer) || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.reason) || got.Nodes != nil {
				t.Errorf("%v; want %v, %q", err, c.is, c.reason)
			}
		})
	}
}

// parts is a bill of nested parts; links says what is in what.
func parts(names []string, links map[string]string) string {
	var nodes []string
	for _, name := range names {
		contents := ""
		if inner := links[name]; inner != "" {
			contents = fmt.Sprintf(`,"contents":[{"count":1,"node":%q}]`, inner)
		}
		nodes = append(nodes, fmt.Sprintf(`{"id":%q,"name":"part","kind":"part","mass":"1 g"%s}`, name, contents))
	}
	return fmt.Sprintf(`{"part":%q,"version":"1","nodes":[%s]}`, names[0], strings.Join(nodes, ","))
}

func TestCycleIsRefusedWithItsPath(t *testing.T) {
	r := register(t)
	for path, links := range map[string]map[string]string{
		"cycle: a contains a":                       {"a": "a"},
		"cycle: b contains c contains d contains b": {"a": "b", "b": "c", "c": "d", "d": "b"},
	} {
		_, err := r.DecodeComposition([]byte(parts([]string{"a", "b", "c", "d"}, links)))
		if !errors.Is(err, substance.ErrCycle) || !strings.HasSuffix(err.Error(), path) {
			t.Errorf("%v, want %s", err, path)
		}
	}
}

func TestSizesAreBounded(t *testing.T) {
	r := register(t)
	names, links := []string{}, map[string]string{}
	for i := range 12 {
		names = append(names, fmt.Sprint("p", i))
		if i > 0 {
			links[names[i-1]] = names[i]
		}
	}
	if _, err := r.DecodeComposition([]byte(parts(names, links))); err != nil {
		t.Errorf("12 deep: %v", err)
	}
	names, links["p11"] = append(names, "p12"), "p12"
	if _, err := r.DecodeComposition([]byte(parts(names, links))); err == nil || !strings.Contains(err.Error(), "more than 12 deep") {
		t.Errorf("13 deep: %v", err)
	}
	// A part that is seen first from near, and then at the end of a long way.
	near := edit(t, parts(names[:12], links), `"contents":[{"count":1,"node":"p1"}]`, `"contents":[{"count":1,"node":"p2"},{"count":1,"node":"p1"}]`)
	near = edit(t, strings.ReplaceAll(near, `"mass":"1 g"`, `"mass":"1 g","tolerance":"0 %"`), `"id":"p0","name":"part","kind":"part","mass":"1 g"`, `"id":"p0","name":"part","kind":"part","mass":"2 g"`)
	near = edit(t, near, `"id":"p11","name":"part","kind":"part","mass":"1 g","tolerance":"0 %","contents":[{"count":1,"node":"p12"}]`, `"id":"p11","name":"part","kind":"part","mass":"1 g"`)
	if _, err := r.DecodeComposition([]byte(near)); err != nil {
		t.Errorf("12 deep by the longer way: %v", err)
	}
	far := edit(t, near, `"nodes":[`, `"nodes":[{"id":"top","name":"part","kind":"part","mass":"4 g","contents":[{"count":1,"node":"p1"},{"count":1,"node":"p0"}]},`)
	if _, err := r.DecodeComposition([]byte(edit(t, far, `"part":"p0"`, `"part":"top"`))); err == nil || !strings.Contains(err.Error(), "more than 12 deep") {
		t.Errorf("13 deep by the longer way: %v", err)
	}
	if _, err := r.DecodeComposition([]byte(strings.Repeat(" ", 5<<20) + tape)); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("5 MiB: %v", err)
	}
}

// Ten thousand parts, and one article that is used in all of them, are one walk.
func TestTenThousandParts(t *testing.T) {
	r := register(t)
	const n = 10_000
	var lines, nodes strings.Builder
	for i := range n {
		fmt.Fprintf(&lines, `{"count":1,"node":"P%d"},`, i)
		fmt.Fprintf(&nodes, `{"id":"P%d","name":"part","kind":"part","mass":"12 g","contents":[{"count":1,"node":"TP-12"}]},`, i)
	}
	document := edit(t, tape, `"part":"TP-12"`, `"part":"ALL"`)
	document = edit(t, document, `"nodes":[`, `"nodes":[{"id":"ALL","name":"all","kind":"product","mass":"120 kg","contents":[`+
		strings.TrimSuffix(lines.String(), ",")+`]},`+nodes.String())
	result := evaluate(t, r, bill(t, r, document), ask(cl2, "CL-DBDPE", "2026-11-01"), substance.Held{})
	want(t, "verdict", result.State, substance.Above)
	want(t, "findings", len(result.Findings), 1)
}

func TestEncodeRefusesOthersComposition(t *testing.T) {
	r := register(t)
	b, held := disclosed(t, r)
	resolved, err := b.Resolve(held.Compositions)
	if err != nil {
		t.Fatal(err)
	}
	if document, err := r.EncodeComposition(resolved); !errors.Is(err, substance.ErrAnswer) || document != nil {
		t.Errorf("what suppliers disclosed was passed on: %v", err)
	}
	document, err := r.EncodeComposition(b)
	if err != nil || strings.Contains(string(document), "supplier") {
		t.Errorf("%v in %s", err, document)
	}
}

func FuzzDecodeComposition(f *testing.F) {
	r := register(f)
	for _, seed := range []string{tape, coinCell, parts([]string{"a", "b"}, map[string]string{"a": "b"})} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		b, err := r.DecodeComposition(document)
		if err != nil {
			if !errors.Is(err, substance.ErrAnswer) || b.Nodes != nil {
				t.Fatalf("%+v, %v", b, err)
			}
			return
		}
		again, err := r.EncodeComposition(b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(b, bill(t, r, string(again))); diff != "" {
			t.Fatal(diff)
		}
		encode(t, evaluate(t, r, b, ask(cl2, "CL-DBDPE", "2026-11-01"), substance.Held{}).Answer())
		encode(t, evaluate(t, r, b, ask(rohs, "ROHS-PB", "2027-07-01"), substance.Held{}).Answer())
	})
}
