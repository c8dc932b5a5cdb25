// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/examples/chemicals/substance"
)

// told makes verdicts of bought parts, by part and state.
func told(q substance.Question, level substance.Kind, states map[string]substance.State) substance.Held {
	held := substance.Held{Verdicts: make(map[string]substance.Verdict)}
	for part, state := range states {
		v := substance.Verdict{Part: part, Version: "1", List: q.List, Entry: q.Entry, Date: q.Date, Level: level, State: state, Coverage: 100}
		if state == substance.Unknown {
			v.Coverage, v.Missing = 40, 3
		}
		held.Verdicts[part] = v
	}
	return held
}

func company(t *testing.T, r *substance.Register, nodes string) substance.Bill {
	t.Helper()
	c, err := r.DecodeCompany([]byte(`{"id":"c","name":"c","fictional":true,"part":"ROOT","version":"1","nodes":[` + nodes + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	return c.Bill
}

const terminalBought = `{"id":"ROOT","name":"terminal","kind":"article","mass":"2 g","contents":[{"count":1,"node":"A"},{"count":1,"node":"B"}]},
 {"id":"A","name":"brass","kind":"material","mass":"1.9 g","supplier":"a"},{"id":"B","name":"plating","kind":"material","mass":"0.1 g","supplier":"b"}`

// What the verdicts on its materials say of an article.
func TestArticleOfBoughtMaterials(t *testing.T) {
	r := register(t)
	b := company(t, r, terminalBought)
	q := ask(cl2, "CL-LEAD", "2026-11-01")
	for _, c := range []struct {
		a, b, article substance.State
		missing       int
	}{
		{substance.Absent, substance.Absent, substance.Absent, 0},
		{substance.Absent, substance.Below, substance.Below, 0},
		{substance.Below, substance.Below, substance.Below, 0},
		{substance.Above, substance.Above, substance.Above, 0},    // each strictly, so the whole too
		{substance.Above, substance.Absent, substance.Unknown, 1}, // how much, nobody said
		{substance.Unknown, substance.Absent, substance.Unknown, 3},
		{substance.Unknown, substance.Unknown, substance.Unknown, 6},
	} {
		result := evaluate(t, r, b, q, told(q, substance.Whole, map[string]substance.State{"A": c.a, "B": c.b}))
		want(t, string(c.a+" and "+c.b), result.State, c.article)
		want(t, string(c.a+" and "+c.b)+": missing", result.Missing, c.missing)
		encode(t, result.Answer())
	}
	// At the level of the material each stands on its own.
	q = ask(rohs, "ROHS-PB", "2026-11-01")
	result := evaluate(t, r, b, q, told(q, substance.Material, map[string]substance.State{"A": substance.Above, "B": substance.Unknown}))
	want(t, "by material", result.State, substance.Above)
	want(t, "by material: missing", result.Missing, 3)
	want(t, "by material: coverage", result.Coverage, 97) // 1.9 g, and 40 % of 0.1 g
}

// An assembly that holds an article above the limit is not itself above as a whole.
func TestAboveInAnAssemblyIsNotTheWhole(t *testing.T) {
	r := register(t)
	b := company(t, r, `{"id":"ROOT","name":"all","kind":"product","mass":"10 g","contents":[{"count":1,"node":"A"},{"count":1,"node":"B"}]},
		{"id":"A","name":"harness","kind":"part","mass":"5 g","supplier":"a"},{"id":"B","name":"tape","kind":"article","mass":"5 g","supplier":"b"}`)
	q := ask(cl2, "CL-DBDPE", "2026-11-01")
	a := amounts(t, r, b, q, told(q, substance.Article, map[string]substance.State{"A": substance.Above, "B": substance.Above}))
	want(t, "the harness, %", a["A"].Content.Percent(1), "0.0 to 100.0")
	want(t, "the tape, %", a["B"].Content.Percent(1), "0.1 to 100.0")
}

// What is over-delivered within the tolerance does not hide that something is missing.
func TestCoverageIsNeverFullWithAGap(t *testing.T) {
	r := register(t)
	b := company(t, r, `{"id":"ROOT","name":"all","kind":"product","mass":"100 g","tolerance":"5 %","contents":[{"count":1,"node":"A"},{"count":1,"node":"B"}]},
		{"id":"A","name":"a","kind":"article","mass":"100 g","supplier":"a"},{"id":"B","name":"b","kind":"article","mass":"4 g","supplier":"b"}`)
	q := ask(cl2, "CL-DBDPE", "2026-11-01")
	v := evaluate(t, r, b, q, told(q, substance.Article, map[string]substance.State{"A": substance.Absent})).Answer()
	want(t, "coverage", v.Coverage, 99)
	encode(t, v)
}

// A tolerance widens what is known: the true mass is between the two.
func TestToleranceWidens(t *testing.T) {
	r := register(t)
	document := edit(t, edit(t, tape, `"mass":"12.0 g"`, `"mass":"12.5 g","tolerance":"5 %"`), `"max":"9 %"`, `"max":"8 %"`)
	document = edit(t, document, `{"name":"a flame retardant","group":"BFR","min":"0 %","max":"1 %"},`, ``)
	a := amounts(t, r, bill(t, r, document), ask(cl2, "CL-DBDPE", "2026-11-01"), substance.Held{})
	want(t, "tape, %", a["TP-12"].Content.Percent(2), "7.68 to 8.00") // 0.96 g of 12.5 g, or of 12.0 g
}

// The other substances leave no room for more than they do.
func TestRangeIsBoundedByTheRest(t *testing.T) {
	r := register(t)
	b := bill(t, r, edit(t, brass, `"min":"3.5 %","max":"3.5 %"`, `"min":"1 %","max":"50 %"`))
	a := amounts(t, r, b, ask(cl2, "CL-LEAD", "2026-11-01"), substance.Held{})
	want(t, "lead, %", a["BR-1"].Content.Percent(1), "1.0 to 3.5")
}

func changedRegister(t *testing.T, old, now string) *substance.Register {
	t.Helper()
	r, err := register(t).With(decodeRelease(t, edit(t, release, old, now)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A statement on a release is about the entry as that release had it.
func TestStatementOnAnEntryThatGrew(t *testing.T) {
	const before = `"members":["84852-53-9"]`
	for name, c := range map[string]struct {
		now   string
		state substance.State
	}{
		"as it was":       {before + `,"open":false`, substance.Absent},
		"one member more": {`"members":["84852-53-9","79-94-7"]`, substance.Unknown},
		"now open":        {before + `,"open":true`, substance.Unknown},
	} {
		r := changedRegister(t, before, c.now)
		b := bill(t, r, edit(t, edit(t, brass, `"35 %","max":"35 %"`, `"30 %","max":"30 %"`), `"substances"`, `"without":[{"list":"CL-2026-02-04"}],"substances"`))
		want(t, name, evaluate(t, r, b, ask("CL-2026-06-01", "CL-DBDPE", "2026-11-01"), substance.Held{}).State, c.state)
	}
}

// A limit on a product is judged for the product; a part of it answers as a whole.
func TestLevelOfTheProduct(t *testing.T) {
	r := changedRegister(t, `"members":["80-05-7"],"level":"article"`, `"members":["7439-92-1"],"level":"product"`)
	q := ask("CL-2026-06-01", "CL-BPA", "2026-11-01")
	alone := evaluate(t, r, bill(t, r, brass), q, substance.Held{})
	want(t, "the level of a material", alone.Level, substance.Whole)
	want(t, "a material", alone.State, substance.Above)

	nested := company(t, r, `{"id":"ROOT","name":"set","kind":"product","mass":"10 g","contents":[{"count":1,"node":"IN"},{"count":1,"node":"A"}]},
		{"id":"IN","name":"tool","kind":"product","mass":"5 g","contents":[{"count":1,"node":"B"}]},
		{"id":"A","name":"a","kind":"article","mass":"5 g","supplier":"a"},{"id":"B","name":"b","kind":"article","mass":"5 g","supplier":"b"}`)
	for _, c := range []struct {
		a, b, set, tool substance.State
		coverage        int
	}{
		{substance.Below, substance.Below, substance.Below, substance.Below, 100},
		{substance.Absent, substance.Above, substance.Above, substance.Above, 0}, // the tool is, the set may be
		{substance.Above, substance.Below, substance.Unknown, substance.Below, 0},
	} {
		result := evaluate(t, r, nested, q, told(q, substance.Whole, map[string]substance.State{"A": c.a, "B": c.b}))
		want(t, "the set", result.State, c.set)
		want(t, "the tool", finding(t, result, "IN").State, c.tool)
		want(t, "coverage", result.Coverage, c.coverage)
	}
}

// When an exemption begins says the list, too.
func TestExemptionBeforeItBegins(t *testing.T) {
	r := register(t)
	r, err := r.With(decodeRelease(t, `{"id":"ROHS-2026-06-01","previous":"ROHS-2025-11-21","title":"t","basis":{"kind":"fictional","text":"a test"},"excerpt":true,"added":[],
		"changed":[{"id":"ROHS-PB","name":"lead","members":["7439-92-1"],"level":"material","limits":[{"above":"0.1 %","from":"2006-07-01"}],"effect":"restriction",
		"exemptions":[{"code":"6(c)","purpose":"copper","from":"2026-12-01","to":"2027-06-30"}],"basis":{"kind":"fictional","text":"a test"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	b := company(t, r, terminalBought)
	for day, refused := range map[string]bool{"2026-11-30": true, "2026-12-01": false} {
		q := ask("ROHS-2026-06-01", "ROHS-PB", day)
		held := told(q, substance.Material, map[string]substance.State{"A": substance.Above})
		v := held.Verdicts["A"]
		v.Exempt, v.Exemptions = true, []substance.Ending{{Code: "6(c)", To: substance.MustDate("2027-06-30")}}
		held.Verdicts["A"] = v
		_, err := r.Evaluate(b, q, held)
		if refused != (errors.Is(err, substance.ErrAnswer) && strings.Contains(err.Error(), "does not hold on")) {
			t.Errorf("%s: %v", day, err)
		}
	}
}

// A composition says more than a verdict; where both are held it is computed with.
func TestCompositionBeforeVerdict(t *testing.T) {
	r := register(t)
	b, held := disclosed(t, r)
	q := ask(cl2, "CL-DBDPE", "2026-11-01")
	held.Verdicts = told(q, substance.Article, map[string]substance.State{"TP-12": substance.Unknown}).Verdicts
	result := evaluate(t, r, b, q, held)
	want(t, "missing", result.Missing, 0)
	want(t, "the tape, %", finding(t, result, "TP-12").Content.Percent(1), "8.0")
}
