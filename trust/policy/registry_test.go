// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRegisterOperandRefuses(t *testing.T) {
	good := Operand{
		IRI: probe, Name: "probe", Doc: "A probe.", Type: TypeText, Source: FromRecords,
		Values: func(*Facts, string) Left { return Left{} },
	}
	for name, tc := range map[string]struct {
		change func(*Operand)
		says   string
	}{
		"good":                       {func(*Operand) {}, ""},
		"no IRI":                     {func(o *Operand) { o.IRI = "probe" }, "absolute IRI"},
		"no name":                    {func(o *Operand) { o.Name = "" }, "a name"},
		"no explanation":             {func(o *Operand) { o.Doc = "" }, "explains"},
		"no source":                  {func(o *Operand) { o.Source = "" }, "a source"},
		"a type of its own":          {func(o *Operand) { o.Type = "colour" }, "known type"},
		"no values":                  {func(o *Operand) { o.Values = nil }, "agreed only"},
		"agreed only, with values":   {func(o *Operand) { o.AgreedOnly = true }, "agreed only"},
		"an operator without sense":  {func(o *Operand) { o.Operators = []string{Eq, Lt} }, `"lt" has no meaning`},
		"a name that is taken":       {func(o *Operand) { o.IRI = "purpose" }, "registered already"},
		"a name inside of a family":  {func(o *Operand) { o.IRI = LeftClaim + "X/level" }, "registered already"},
		"the family itself":          {func(o *Operand) { o.IRI, o.Prefix = LeftClaim, true }, "registered already"},
		"a family around another":    {func(o *Operand) { o.IRI, o.Prefix = Profile, true }, "registered already"},
		"a family inside of another": {func(o *Operand) { o.IRI, o.Prefix = LeftClaim+"X/", true }, "registered already"},
	} {
		t.Run(name, func(t *testing.T) {
			o := good
			tc.change(&o)
			r := NewRegistry()
			err := r.RegisterOperand(o)
			if (err == nil) != (tc.says == "") || err != nil && !strings.Contains(err.Error(), tc.says) {
				t.Errorf("error %v, want %q", err, tc.says)
			}
			if strings.Contains(tc.says, "already") != errors.Is(err, ErrRegistered) {
				t.Errorf("ErrRegistered: %v", err)
			}
			if err != nil && len(r.Operands()) != len(terms.Operands()) {
				t.Error("it is registered all the same")
			}
		})
	}
}

func TestRegisterAction(t *testing.T) {
	r := NewRegistry()
	for name, tc := range map[string]struct {
		in   Action
		says string
	}{
		"good":                 {Action{IRI: "x:fly", Name: "fly", Doc: "Fly."}, ""},
		"no IRI":               {Action{IRI: "fly", Name: "fly", Doc: "Fly."}, "absolute IRI"},
		"no explanation":       {Action{IRI: "x:walk", Name: "walk"}, "explains"},
		"a name that is taken": {Action{IRI: "odrl:sell", Name: "sell", Doc: "Sell."}, "registered already"},
	} {
		t.Run(name, func(t *testing.T) {
			err := r.RegisterAction(tc.in)
			if (err == nil) != (tc.says == "") || err != nil && !strings.Contains(err.Error(), tc.says) {
				t.Errorf("error %v, want %q", err, tc.says)
			}
		})
	}
	if err := r.CheckUsage(Permit(Use).Forbid("x:fly")); err != nil {
		t.Error(err)
	}
}

// TestShortNamesAreUnambiguous: no two terms read the same.
func TestShortNamesAreUnambiguous(t *testing.T) {
	seen := map[string]string{}
	for _, o := range terms.Operands() {
		name := short(o.IRI)
		if other := seen[name]; other != "" {
			t.Errorf("%s and %s are both %s", o.IRI, other, name)
		}
		seen[name] = o.IRI
	}
	clear(seen)
	for _, a := range terms.Actions() {
		name := short(a.IRI)
		if other := seen[name]; other != "" {
			t.Errorf("%s and %s are both %s", a.IRI, other, name)
		}
		seen[name] = a.IRI
	}
}

func TestValuesReadWell(t *testing.T) {
	for want, v := range map[string]Value{
		"active":                  Text("active"),
		"P3Y":                     typed("duration", "P3Y"),
		"2027-07-01T00:00:00Z":    typed("dateTime", "2027-07-01T00:00:00Z"),
		"purpose/cfp-aggregation": Reference(PurposeCFPAggregation),
		`"purpose/cfp"`:           Text("purpose/cfp"), // it is not ours, and must not look so
		`"odrl:use"`:              Text("odrl:use"),
		"odrl:use":                Text(Namespace + "use"),
		"https://own.example/a":   Text("https://own.example/a"),
		"cx.pcf.base:1":           Text("cx.pcf.base:1"),
		`""`:                      Text(""),
		`"a, b"`:                  Text("a, b"),
		`"a\nb"`:                  Text("a\nb"),
		"[a, P1Y]":                List(Text("a"), typed("duration", "P1Y")),
		"蒼星":                      Text("蒼星"),
		`{"a":"b"}`:               aTree,
	} {
		if v.String() != want {
			t.Errorf("%s reads %s, want %s", v.raw(), v, want)
		}
	}
}

// TestVerdictTravels through JSON, as histories and logs keep it.
func TestVerdictTravels(t *testing.T) {
	f := known()
	v := terms.Compile(ten().Forbid(Use, AnyOf(Times(3), Atomic{probe, Eq, Text("1")}))).Explain(&f)
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var again Verdict
	if err := json.Unmarshal(raw, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(v, again); diff != "" {
		t.Error(diff)
	}
	if c := again.Rules[0].Constraints[2]; c.Right != `{"@type":"http://www.w3.org/2001/XMLSchema#duration","@value":"P3Y"}` || c.String() != "elapsedTime lteq P3Y" {
		t.Errorf("raw %s, and for people %s", c.Right, c.String())
	}
	for _, wrong := range []string{`{"point":"lunch"}`, `{"point":1}`} {
		if json.Unmarshal([]byte(wrong), &again) == nil {
			t.Errorf("%s was read", wrong)
		}
	}
	var r Result
	if err := json.Unmarshal([]byte(`"perhaps"`), &r); err != nil || r != Unknown {
		t.Errorf("another word is %s, %v", r, err)
	}
}

// TestDeclareIsRead: what one side declares the other reads.
func TestDeclareIsRead(t *testing.T) {
	said, err := Declare(map[string][]string{"purpose": {"x:p", "x:q"}, LeftTradeID: {"urn:uuid:1"}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Declared{LeftPurpose: {Values: []string{"x:p", "x:q"}}, LeftTradeID: {Values: []string{"urn:uuid:1"}}}
	if diff := cmp.Diff(want, ReadDeclared(said)); diff != "" {
		t.Error(diff)
	}
	many := map[string][]string{}
	for range maxDeclared + 1 {
		many["x:"+strings.Repeat("a", len(many)+1)] = []string{"1"}
	}
	for name, wrong := range map[string]map[string][]string{
		"no IRI": {"colour": {"blue"}}, "no value": {LeftPurpose: nil}, "an empty one": {LeftPurpose: {""}}, "too many": many,
		"too many values": {LeftPurpose: slices.Repeat([]string{"x:p"}, maxDeclared+1)}, "too long": {LeftPurpose: {strings.Repeat("x", maxDeclaredText+1)}},
		"twice": {LeftPurpose: {"x:p"}, "odrl:purpose": {"x:q"}},
	} {
		if _, err := Declare(wrong); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNeeds(t *testing.T) {
	for name, tc := range map[string]struct {
		in           Policy
		need         Need
		count, bytes bool
	}{
		"nothing":           {Permit(Use, ActiveMember()), Need{}, false, false},
		"a relation":        {Permit(Use).Forbid(Use, AnyOf(DirectCustomer(), ActiveMember())), Need{Relations: true}, false, false},
		"starts":            {Permit(Use, AllOf(Times(3))), Need{Usage: true}, true, false},
		"bytes":             {Permit(Use, Volume(3)), Need{Usage: true}, false, true},
		"what nobody knows": {Permit(Use, Atomic{probe, Eq, Text("1")}, nil), Need{}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := terms.Compile(tc.in)
			count, bytes := c.Metered()
			if c.Needs() != tc.need || count != tc.count || bytes != tc.bytes {
				t.Errorf("needs %+v, counts %v and %v", c.Needs(), count, bytes)
			}
		})
	}
}
