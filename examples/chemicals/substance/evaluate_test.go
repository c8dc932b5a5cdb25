// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/examples/chemicals/substance"
)

// One supplier silent: unknown reaches the maker of the vehicle as a count, unless
// something is above anyway; it is never absent.
func TestSilenceIsUnknown(t *testing.T) {
	r := register(t)
	c, _ := chain(t, r, "inv-9")
	for _, row := range []struct {
		name, entry string
		silent      []string
		state       substance.State
		missing     int
		coverage    int
	}{
		{"nobody", "CL-DBDPE", nil, substance.Above, 0, 100},
		{"tape", "CL-DBDPE", []string{"tape"}, substance.Unknown, 1, 99},
		{"terminal", "CL-DBDPE", []string{"terminal"}, substance.Above, 1, 99},
		{"both", "CL-DBDPE", []string{"tape", "terminal"}, substance.Unknown, 2, 98},
		{"the inverter's maker", "CL-DBDPE", []string{"unit"}, substance.Unknown, 1, 0},
		{"nobody, of what is not in it", "CL-EGDME", nil, substance.Absent, 0, 100},
		{"tape, of what is not in it", "CL-EGDME", []string{"tape"}, substance.Unknown, 1, 99},
	} {
		v := walk(t, r, c, ask(cl2, row.entry, "2025-11-06"), row.silent...)["oem"].Answer()
		want(t, row.name, v.State, row.state)
		want(t, row.name+": missing", v.Missing, row.missing)
		want(t, row.name+": coverage", v.Coverage, row.coverage)
	}
}

// The laminate holds only a group. Without the resin's answer it is unknown for
// what is in the group, and nothing else; with it, it is decided.
func TestGroupIsUnknown(t *testing.T) {
	r := register(t)
	c, companies := chain(t, r, "sixteen")
	for _, row := range []struct {
		entry  string
		silent []string
		state  substance.State
	}{
		{"CL-DBDPE", []string{"resin"}, substance.Unknown},
		{"CL-DBDPE", nil, substance.Absent},
		{"CL-TBBPA", nil, substance.Unknown}, // above in the resin; in the laminate it depends
		{"CL-EGDME", []string{"resin"}, substance.Absent},
	} {
		result := walk(t, r, c, ask(cl2, row.entry, "2025-11-06"), row.silent...)["laminate"]
		want(t, row.entry+" in the laminate", result.State, row.state)
	}
	v := walk(t, r, c, ask(cl2, "CL-DBDPE", "2025-11-06"), "resin", "tape")["oem"].Answer()
	want(t, "the vehicle", v.State, substance.Unknown)
	want(t, "missing", v.Missing, 2)
	want(t, "the laminate's maker asks", companies["laminate"].Suppliers()[0], "resin")
}

const brass = `{"part":"BR-1","version":"1","nodes":[{"id":"BR-1","name":"brass","kind":"material","mass":"1.5 g","substances":[
 {"name":"copper","cas":"7440-50-8","min":"61.5 %","max":"61.5 %"},
 {"name":"zinc","cas":"7440-66-6","min":"35 %","max":"35 %"},
 {"name":"lead","cas":"7439-92-1","min":"3.5 %","max":"3.5 %","exemption":"6(c)"}]}]}`

func TestExemptionIsChecked(t *testing.T) {
	r := register(t)
	for _, row := range []struct {
		name, old, now, day string
		compliance          substance.Compliance
	}{
		{"good", "", "", "2026-11-01", substance.Compliant},
		{"the last day", "", "", "2027-06-30", substance.Compliant},
		{"the day after", "", "", "2027-07-01", substance.NotCompliant},
		{"before the first day there is no limit", "", "", "2006-06-30", substance.Compliant},
		{"not claimed", `,"exemption":"6(c)"`, ``, "2026-11-01", substance.NotCompliant},
		{"no such code", "6(c)", "6(d)", "2026-11-01", substance.NotCompliant},
		{"just the maximum", `"61.5 %","max":"61.5 %"`, `"61 %","max":"61 %"`, "2026-11-01", substance.Compliant},
		{"above the maximum", `"min":"3.5 %","max":"3.5 %"`, `"min":"3.5 %","max":"4.1 %"`, "2026-11-01", substance.NotCompliant},
		{"claimed for another row", `"35 %","max":"35 %"}`, `"33 %","max":"33 %"},{"name":"lead monoxide","cas":"1317-36-8","min":"2 %","max":"2 %"}`, "2026-11-01", substance.NotCompliant},
	} {
		document := brass
		if row.old != "" {
			document = edit(t, brass, row.old, row.now)
		}
		if row.name == "above the maximum" { // or else the other rows leave no room for more
			document = edit(t, document, `"61.5 %","max":"61.5 %"`, `"60 %","max":"60 %"`)
		}
		if row.name == "just the maximum" {
			document = edit(t, document, `"min":"3.5 %","max":"3.5 %"`, `"min":"4 %","max":"4 %"`)
		}
		result := evaluate(t, r, bill(t, r, document), ask(rohs, "ROHS-PB", row.day), substance.Held{})
		want(t, row.name, result.Compliance(), row.compliance)
		encode(t, result.Answer())
	}
}

// What a material does not declare may be anything, unless it is too little, or
// somebody said it is not.
func TestUndeclaredRest(t *testing.T) {
	r := register(t)
	const zinc = `"35 %","max":"35 %"`
	for _, row := range []struct {
		name, zinc, without string
		list, entry         string
		state               substance.State
	}{
		{"none", "35 %", "", cl2, "CL-DBDPE", substance.Absent},
		{"5 %", "30 %", "", cl2, "CL-DBDPE", substance.Unknown},
		{"just 0.1 %", "34.9 %", "", cl2, "CL-DBDPE", substance.Below},
		{"the declared number is not in it", "30 %", "", cl2, "CL-LEAD", substance.Above},
		{"denied by number", "30 %", `{"cas":"84852-53-9"}`, cl2, "CL-DBDPE", substance.Absent},
		{"denied by group", "30 %", `{"group":"BFR"}`, cl2, "CL-DBDPE", substance.Absent},
		{"denied by release", "30 %", `{"list":"CL-2025-11-05"}`, cl2, "CL-DBDPE", substance.Absent},
		{"denied by the release before", "30 %", `{"list":"CL-2025-06-25"}`, cl2, "CL-DBDPE", substance.Unknown},
		{"denied by the release before, on what it had", "30 %", `{"list":"CL-2025-06-25"}`, cl2, "CL-EGDME", substance.Absent},
		{"denied by another list", "30 %", `{"list":"ROHS-2025-11-21"}`, cl2, "CL-EGDME", substance.Unknown},
		{"denied by a release nobody knows", "30 %", `{"list":"CL-2024-01-01"}`, cl2, "CL-EGDME", substance.Unknown},
		{"an open entry is not denied by a number", "30 %", `{"cas":"7440-43-9"}`, rohs, "ROHS-CD", substance.Unknown},
		{"an open entry is denied by a release", "30 %", `{"list":"ROHS-2025-11-21"}`, rohs, "ROHS-CD", substance.Absent},
	} {
		document := edit(t, brass, zinc, `"`+row.zinc+`","max":"`+row.zinc+`"`)
		document = edit(t, document, `"substances"`, `"without":[`+row.without+`],"substances"`)
		result := evaluate(t, r, bill(t, r, document), ask(row.list, row.entry, "2026-11-01"), substance.Held{})
		want(t, row.name, result.State, row.state)
	}
}

// Under an open entry a number that the register does not know may be anything.
func TestUnknownNumberUnderAnOpenEntry(t *testing.T) {
	r := register(t)
	b := bill(t, r, edit(t, brass, `"name":"zinc","cas":"7440-66-6"`, `"name":"a pigment","cas":"4390-04-9"`))
	want(t, "cadmium and its compounds", evaluate(t, r, b, ask(rohs, "ROHS-CD", "2026-11-01"), substance.Held{}).State, substance.Unknown)
	want(t, "DBDPE", evaluate(t, r, b, ask(cl2, "CL-DBDPE", "2026-11-01"), substance.Held{}).State, substance.Absent)
	pzt := bill(t, r, edit(t, brass, `"name":"zinc","cas":"7440-66-6"`, `"name":"PZT","cas":"12626-81-2"`))
	a := amounts(t, r, pzt, ask(rohs, "ROHS-PB", "2026-11-01"), substance.Held{})
	want(t, "lead in a solid solution, %", a["BR-1"].Content.Percent(1), "3.5 to 38.5")
}

func TestQuestionsThatCannotBeAnswered(t *testing.T) {
	r := register(t)
	b := bill(t, r, brass)
	for name, row := range map[string]struct {
		list, entry string
		is          error
	}{
		"no such list":  {"CL-2030-01-01", "CL-DBDPE", substance.ErrList},
		"no such entry": {cl2, "CL-NOTHING", substance.ErrEntry},
	} {
		if _, err := r.Evaluate(b, ask(row.list, row.entry, "2026-11-01"), substance.Held{}); !errors.Is(err, row.is) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The document that leaves the company tells no content, no material and nobody's name.
func TestVerdictTellsNothingElse(t *testing.T) {
	r := register(t)
	c, _ := chain(t, r, "inv-9")
	for id, result := range walk(t, r, c, ask(rohs, "ROHS-PB", "2026-11-01")) {
		document := string(encode(t, result.Answer()))
		for _, secret := range []string{"3.5", "brass", "frit", "TM-4-", "RC-5", "lead", "紅葉", "1.53"} {
			if strings.Contains(document, secret) {
				t.Errorf("%s tells %s: %s", id, secret, document)
			}
		}
	}
}

func TestJoin(t *testing.T) {
	order := []substance.State{substance.NotListed, substance.Absent, substance.Below, substance.Unknown, substance.Above}
	for i, a := range order {
		for j, b := range order {
			want(t, string(a+" and "+b), a.Join(b), order[max(i, j)])
		}
	}
}
