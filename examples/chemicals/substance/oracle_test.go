// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance_test

import (
	"testing"

	"github.com/musubi-ods/musubi/examples/chemicals/substance"
)

// disclosed is the inverter's bill with what its two suppliers may disclose of theirs.
func disclosed(t *testing.T, r *substance.Register) (substance.Bill, substance.Held) {
	t.Helper()
	_, companies := chain(t, r, "inv-9")
	held := substance.Held{Compositions: make(map[string]substance.Bill)}
	for _, id := range []string{"tape", "terminal"} {
		document, err := r.EncodeComposition(companies[id].Bill)
		if err != nil {
			t.Fatal(err)
		}
		held.Compositions[companies[id].Bill.Part] = bill(t, r, string(document))
	}
	return companies["unit"].Bill, held
}

// Lead at three levels: the terminal is above at 3.433 %, the inverter would be
// below at 0.0177 %, and only the level of the rule decides.
func TestLeadAtThreeLevels(t *testing.T) {
	r := register(t)
	b, held := disclosed(t, r)
	lead := ask(rohs, "ROHS-PB", "2026-11-01")
	a := amounts(t, r, b, lead, held)
	for _, row := range []struct {
		node, milligrams, percent string
		decimals                  int
	}{
		{"TM-4/TM-4-brass", "52.5", "3.5", 1},
		{"TM-4/TM-4-plating", "0.024", "0.08", 2},
		{"TM-4", "52.524", "3.433", 3},
		{"RC-5-frit", "", "23.208", 3},
		{"INV-9", "", "0.0177", 4},
	} {
		if got := a[row.node].Mass; row.milligrams != "" && (!got.Exact() || got.Least.String() != row.milligrams) {
			t.Errorf("%s has %s to %s mg, want %s", row.node, got.Least, got.Most, row.milligrams)
		}
		want(t, row.node+" %", a[row.node].Content.Percent(row.decimals), row.percent)
	}
	want(t, "Pb in the inverter, mg", a["INV-9"].Mass.Least.Round(3), "212.881")
	want(t, "Pb in all resistors, mg", a["RC-5"].Mass.Least.Mul(substance.MustDecimal("60")).Round(3), "2.785")

	compound := amounts(t, r, b, ask(cl2, "CL-PBO", "2026-11-01"), held)
	want(t, "PbO in a resistor, mg", compound["RC-5"].Mass.Least.String(), "0.05")
	want(t, "PbO in a resistor, %", compound["RC-5"].Content.Percent(1), "2.5")
	want(t, "PbO in the inverter, mg", compound["INV-9"].Mass.Least.String(), "3")

	for _, c := range []struct {
		q     substance.Question
		node  string
		state substance.State
	}{
		{lead, "TM-4/TM-4-brass", substance.Above},
		{lead, "TM-4/TM-4-plating", substance.Below},
		{lead, "RC-5-frit", substance.Above},
		{lead, "RC-5-body", substance.Absent},
		{ask(cl2, "CL-LEAD", "2026-11-01"), "TM-4", substance.Above},
		{ask(cl2, "CL-LEAD", "2026-11-01"), "RC-5", substance.Absent}, // PbO is not Pb on this list
		{ask(cl2, "CL-PBO", "2026-11-01"), "RC-5", substance.Above},
	} {
		want(t, c.q.Entry+" in "+c.node, finding(t, evaluate(t, r, b, c.q, held), c.node).State, c.state)
	}
}

func TestFactors(t *testing.T) {
	r := register(t)
	for cas, shown := range map[substance.CAS]string{"1317-36-8": "0.92832", "1314-41-6": "0.90666", "7439-92-1": "1.00000"} {
		factor, ok := r.Factor(cas, "Pb")
		want(t, string(cas)+" has a factor", ok, true)
		want(t, "the factor of "+string(cas), factor.Round(5), shown)
	}
	if _, ok := r.Factor("12626-81-2", "Pb"); ok {
		t.Error("a solid solution has no fixed factor")
	}
}

// Exempt to the last day of June 2027 and not a day longer.
func TestExemptionEnds(t *testing.T) {
	r := register(t)
	c, _ := chain(t, r, "inv-9")
	for day, compliance := range map[string]substance.Compliance{
		"2026-11-01": substance.Compliant,
		"2027-06-30": substance.Compliant,
		"2027-07-01": substance.NotCompliant,
	} {
		for id, result := range walk(t, r, c, ask(rohs, "ROHS-PB", day)) {
			if id == "tape" {
				want(t, "the tape", result.State, substance.Absent)
				continue
			}
			want(t, id+" on "+day, result.State, substance.Above)
			want(t, id+" on "+day, result.Compliance(), compliance)
			last, depends := result.Breaks()
			want(t, id+" depends on an exemption on "+day, depends, compliance == substance.Compliant)
			if depends {
				want(t, "its end", last.String(), "2027-06-30")
			}
		}
	}
}

// DBDPE is listed on a Wednesday. The inverter is at 0.08 %, and affected.
func TestListedOnAWednesday(t *testing.T) {
	r := register(t)
	b, held := disclosed(t, r)
	a := amounts(t, r, b, ask(cl2, "CL-DBDPE", "2025-11-05"), held)
	want(t, "mg", a["INV-9"].Mass.Least.String(), "960")
	want(t, "tape %", a["TP-12"].Content.Percent(1), "8.0")
	want(t, "harness %", a["HR-3"].Content.Percent(3), "1.129")
	want(t, "inverter %", a["INV-9"].Content.Percent(4), "0.0800")

	c, _ := chain(t, r, "inv-9")
	for _, row := range []struct {
		list, day string
		state     substance.State
	}{
		{cl1, "2025-11-06", substance.NotListed}, // not on this release, whatever the day
		{cl2, "2025-11-04", substance.NotListed},
		{cl2, "2025-11-05", substance.Above},
		{cl3, "2026-05-05", substance.Above},
	} {
		for id, result := range walk(t, r, c, ask(row.list, "CL-DBDPE", row.day)) {
			if id != "terminal" || row.state == substance.NotListed {
				want(t, id+" on "+row.day+" by "+row.list, result.State, row.state)
			}
			want(t, id+" missing", result.Missing, 0)
		}
	}
}

func TestDutyDates(t *testing.T) {
	r := register(t)
	entry, listed, err := r.Entry(cl2, "CL-DBDPE")
	if err != nil || !listed {
		t.Fatal(listed, err)
	}
	want(t, "the day of inclusion", entry.ValidFrom().Weekday().String(), "Wednesday")
	due := make(map[string]string)
	for _, duty := range entry.Duties {
		due[duty.Code] = entry.DueOn(duty).String()
	}
	want(t, "Art. 7(2)", due["REACH Art. 7(2)"], "2026-05-05")
	want(t, "Art. 33(1)", due["REACH Art. 33(1)"], "2025-11-05")
	for _, row := range []struct{ from, to string }{
		{"2025-08-31", "2026-02-28"},
		{"2027-08-31", "2028-02-29"},
		{"2026-02-04", "2026-08-04"},
		{"2025-07-31", "2026-01-31"},
		{"2025-12-31", "2026-06-30"},
	} {
		want(t, row.from+" and six months", substance.MustDate(row.from).AddMonths(6).String(), row.to)
	}
}

const coinCell = `{"part":"KF-1","version":"1","nodes":[
 {"id":"KF-1","name":"key fob","kind":"product","mass":"75 g","contents":[{"count":1,"node":"CELL"},{"count":1,"node":"CASE"}]},
 {"id":"CELL","name":"coin cell","kind":"article","mass":"3.0 g","contents":[{"count":1,"node":"EL"},{"count":1,"node":"CAN"}]},
 {"id":"EL","name":"electrolyte","kind":"material","mass":"0.300 g","substances":[
  {"name":"EGDME","cas":"110-71-4","min":"20 %","max":"20 %"},{"name":"propylene carbonate","cas":"108-32-7","min":"80 %","max":"80 %"}]},
 {"id":"CAN","name":"can and electrodes","kind":"material","mass":"2.7 g","substances":[{"name":"iron","cas":"7439-89-6","min":"100 %","max":"100 %"}]},
 {"id":"CASE","name":"case","kind":"article","mass":"72 g","contents":[{"count":1,"node":"PP"}]},
 {"id":"PP","name":"plastic","kind":"material","mass":"72 g","substances":[{"name":"PP","cas":"9003-07-0","min":"100 %","max":"100 %"}]}]}`

// The cell is at 2.0 %, the fob at 0.08 %. With a range of 1 to 10 % the lower end
// is at the limit, which is not above it.
func TestEGDMEInACoinCell(t *testing.T) {
	r := register(t)
	q := ask(cl2, "CL-EGDME", "2026-11-01")
	for _, row := range []struct {
		name, min, max, cell string
		state                substance.State
	}{
		{"exact", "20 %", "20 %", "2.0", substance.Above},
		{"range from the limit", "1 %", "10 %", "0.1 to 1.0", substance.Unknown},
		{"range above the limit", "1.0001 %", "10 %", "0.1 to 1.0", substance.Above},
		{"range to the limit", "0 %", "1 %", "0.0 to 0.1", substance.Below},
	} {
		b := bill(t, r, edit(t, coinCell, `"min":"20 %","max":"20 %"`, `"min":"`+row.min+`","max":"`+row.max+`"`))
		el := b.Nodes["EL"]
		el.Rows[1].Min, el.Rows[1].Max = substance.MustShare("80 %"), substance.MustShare("99 %")
		result := evaluate(t, r, b, q, substance.Held{})
		want(t, row.name, result.State, row.state)
		want(t, row.name+": cell %", finding(t, result, "CELL").Content.Percent(1), row.cell)
		if row.name == "exact" {
			a := amounts(t, r, b, q, substance.Held{})
			want(t, "mg", a["KF-1"].Mass.Least.String(), "60")
			want(t, "fob %", a["KF-1"].Content.Percent(2), "0.08")
		}
	}
}

// One plastic with UV-328 at 40 mg/kg, three verdicts as the limit falls.
func TestUV328OverTime(t *testing.T) {
	r := register(t)
	b := bill(t, r, edit(t, coinCell, `{"name":"PP","cas":"9003-07-0","min":"100 %","max":"100 %"}`,
		`{"name":"UV-328","cas":"25973-55-1","min":"40 mg/kg","max":"40 mg/kg"},{"name":"PP","cas":"9003-07-0","min":"99.996 %","max":"99.996 %"}`))
	for _, row := range []struct {
		day   string
		state substance.State
	}{
		{"2025-08-03", substance.NotListed},
		{"2025-08-04", substance.Below},
		{"2027-08-03", substance.Below},
		{"2027-08-04", substance.Above},
		{"2029-08-04", substance.Above},
	} {
		want(t, row.day, evaluate(t, r, b, ask(pops, "POPS-UV328", row.day), substance.Held{}).State, row.state)
	}
}
