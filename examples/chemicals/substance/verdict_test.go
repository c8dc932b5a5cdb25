// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/examples/chemicals/substance"
)

const goodVerdict = `{"part":"TM-4","version":"1","list":"ROHS-2025-11-21","entry":"ROHS-PB","level":"material","date":"2026-11-01",` +
	`"verdict":"above","exempt":true,"exemptions":[{"code":"6(c)","to":"2027-06-30"}],"coverage":97,"missing":1}`

func TestVerdictComesBack(t *testing.T) {
	v, err := substance.DecodeVerdict([]byte(goodVerdict))
	if err != nil {
		t.Fatal(err)
	}
	want(t, "the document", string(encode(t, v)), goodVerdict)
	want(t, "compliance with something missing", v.Compliance(), substance.NotYetDecided)
}

// Each case is the good verdict with one fault; the reason names the fault.
func TestDecodeVerdictRefuses(t *testing.T) {
	for _, c := range []struct{ name, old, now, reason string }{
		{"unknown, none missing", `"above","exempt":true,"exemptions":[{"code":"6(c)","to":"2027-06-30"}],"coverage":97,"missing":1`, `"unknown","exempt":false,"exemptions":[],"coverage":100,"missing":0`, "nothing is counted"},
		{"absent, one missing", `"above","exempt":true,"exemptions":[{"code":"6(c)","to":"2027-06-30"}]`, `"absent","exempt":false,"exemptions":[]`, "cannot be absent"},
		{"all covered, one missing", `"coverage":97`, `"coverage":100`, "go together"},
		{"coverage", `"coverage":97`, `"coverage":101`, "whole number"},
		{"exempt without exemption", `[{"code":"6(c)","to":"2027-06-30"}]`, `[]`, "has an exemption"},
		{"exempt below", `"verdict":"above"`, `"verdict":"unknown"`, "exempt is what is above"},
		{"exempt after the end", `"date":"2026-11-01"`, `"date":"2027-07-01"`, "6(c) ended on 2027-06-30"},
		{"exemption twice", `[{"code":"6(c)","to":"2027-06-30"}]`, `[{"code":"6(c)","to":"2027-06-30"},{"code":"6(c)","to":"2027-06-30"}]`, "each once"},
		{"content", `"missing":1`, `"missing":1,"content":"3.5 %"`, `"content" is unknown`},
		{"absent member", `,"missing":1`, ``, `["missing"] must be given`},
		{"member twice", `"missing":1`, `"missing":1,"missing":1`, "repeated"},
		{"in another case", `"verdict"`, `"Verdict"`, `"Verdict" is unknown`},
		{"unknown verdict", `"above"`, `"over"`, "is not one of"},
		{"level", `"level":"material"`, `"level":"part"`, "is not one of"},
		{"spreadsheet date", `"date":"2026-11-01"`, `"date":"46327"`, "spreadsheet"},
		{"no such day", `"date":"2026-11-01"`, `"date":"2026-11-31"`, "there is no day"},
		{"list without a date", `ROHS-2025-11-21`, `ROHS`, "not the id of a release"},
		{"path for a part", `"TM-4"`, `"../TM-4"`, "is not an id"},
		{"null", `"verdict":"above"`, `"verdict":null`, "is not a string"},
		{"two documents", `{"part"`, `{}{"part"`, "not JSON"},
		{"too long", `{"part"`, strings.Repeat(" ", 9000) + `{"part"`, "longer than 8192"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := substance.DecodeVerdict([]byte(edit(t, goodVerdict, c.old, c.now)))
			if !errors.Is(err, substance.ErrAnswer) || !strings.Contains(err.Error(), c.reason) || !cmp.Equal(v, substance.Verdict{}) {
				t.Errorf("%v; want %q", err, c.reason)
			}
		})
	}
}

// A verdict that answers another question, or is of another part, is not computed with.
func TestEvaluateRefusesAnotherAnswer(t *testing.T) {
	r := register(t)
	_, companies := chain(t, r, "inv-9")
	q := ask(rohs, "ROHS-PB", "2026-11-01")
	good, err := substance.DecodeVerdict([]byte(goodVerdict))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, part, reason string
		change             func(*substance.Verdict)
	}{
		{"none", "TM-4", "", func(*substance.Verdict) {}},
		{"part", "TM-4", `on "TP-12", asked was TM-4`, func(v *substance.Verdict) { v.Part = "TP-12" }},
		{"list", "TM-4", "asked was", func(v *substance.Verdict) { v.List = cl1 }},
		{"entry", "TM-4", "asked was", func(v *substance.Verdict) { v.Entry = "ROHS-CD" }},
		{"date", "TM-4", "asked was", func(v *substance.Verdict) { v.Date = substance.MustDate("2026-11-02") }},
		{"level", "TM-4", "expected is material", func(v *substance.Verdict) { v.Level = substance.Whole }},
		{"not listed", "TM-4", "no question", func(v *substance.Verdict) { v.State = substance.NotListed }},
		{"invented exemption", "TM-4", `no exemption "6(z)"`, func(v *substance.Verdict) { v.Exemptions = []substance.Ending{{Code: "6(z)", To: v.Exemptions[0].To}} }},
		{"prolonged exemption", "TM-4", "ends on 2027-06-30, not on 2099-01-01", func(v *substance.Verdict) {
			v.Exemptions = []substance.Ending{{Code: "6(c)", To: substance.MustDate("2099-01-01")}}
		}},
		{"own part", "HR-3", "not a part that is bought", func(v *substance.Verdict) { v.Part = "HR-3" }},
		{"no such part", "XX", "not a part that is bought", func(v *substance.Verdict) { v.Part = "XX" }},
	} {
		v := good
		c.change(&v)
		_, err := r.Evaluate(companies["unit"].Bill, q, substance.Held{Verdicts: map[string]substance.Verdict{c.part: v}})
		if c.reason == "" && err == nil {
			continue
		}
		if !errors.Is(err, substance.ErrAnswer) || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %v, want %q", c.name, err, c.reason)
		}
	}
}

// So is a composition of another part, and one with another mass.
func TestResolveRefusesAnotherComposition(t *testing.T) {
	r := register(t)
	b, held := disclosed(t, r)
	terminal := held.Compositions["TM-4"]
	light := bill(t, r, edit(t, tape, `"mass":"12.0 g"`, `"mass":"12.1 g"`))
	for name, c := range map[string]map[string]substance.Bill{
		"part": {"TP-12": terminal}, "own part": {"HR-3": terminal}, "mass": {"TP-12": light},
	} {
		if _, err := b.Resolve(c); !errors.Is(err, substance.ErrAnswer) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzDecodeVerdict(f *testing.F) {
	f.Add([]byte(goodVerdict))
	f.Add([]byte(`{"part":"TP-12","version":"1","list":"CL-2025-11-05","entry":"CL-DBDPE","level":"article","date":"2025-11-05","verdict":"unknown","exempt":false,"exemptions":[],"coverage":0,"missing":3}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		v, err := substance.DecodeVerdict(document)
		if err != nil {
			if !errors.Is(err, substance.ErrAnswer) || !cmp.Equal(v, substance.Verdict{}) {
				t.Fatalf("%+v, %v", v, err)
			}
			return
		}
		again, err := substance.DecodeVerdict(encode(t, v))
		if err != nil || !cmp.Equal(v, again) {
			t.Fatalf("%+v came back as %+v, %v", v, again, err)
		}
	})
}
