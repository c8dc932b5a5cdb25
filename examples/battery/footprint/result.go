// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package footprint

// Gap is something that is not in a total. Only the company that rolled up sees
// it; downstream sees the sum of the counts.
type Gap struct {
	Part   string
	Reason string
	Count  int // numbers missing, at least 1
}

// String names the part and says why it is missing.
func (g Gap) String() string { return g.Part + ": " + g.Reason }

// Result is a company's footprint as far as it knows it, per declared unit.
type Result struct {
	Part   Part
	Totals Stages // withheld where nothing is known; absent where there is no such stage
	Gaps   []Gap
}

// Missing counts the numbers that the totals lack, in all tiers.
func (r Result) Missing() int {
	missing := 0
	for _, gap := range r.Gaps {
		missing += gap.Count
	}
	return missing
}

// Status says whether the totals are complete.
func (r Result) Status() Status { return statusOf(r.Missing(), r.Totals[:]...) }

// Total sums the stages. Unless Status is Complete it is a lower bound, and
// withheld when not even that is known.
func (r Result) Total() Value {
	var sum term
	for _, total := range r.Totals {
		sum.add(total, one)
	}
	return sum.total()
}

// Answer is what the company tells a customer of the result.
func (c Company) Answer(r Result) Answer {
	a := Answer{Part: c.Part.ID, Unit: c.Part.Unit, Pre: r.Totals[Pre], Main: r.Totals[Main], Missing: r.Missing()}
	if c.Withhold {
		a.Pre, a.Main, a.Missing = Withheld(), Withheld(), 1
	}
	return a
}
