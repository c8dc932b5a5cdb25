// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// This is the evaluation, written once more from its description, for a made-up
// chain and without a line of the program.

func rat(text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		panic(text)
	}
	return r
}

// exactly prints all digits, and no zeros after them.
func exactly(r *big.Rat) string {
	decimals, exact := r.FloatPrec()
	if !exact {
		panic(r.String())
	}
	return r.FloatString(decimals)
}

func times(r *big.Rat, n int) *big.Rat { return new(big.Rat).Mul(r, big.NewRat(int64(n), 1)) }

func (a article) mass() *big.Rat {
	sum := new(big.Rat)
	for _, x := range a.materials {
		sum.Add(sum, rat(x.mass))
	}
	return sum
}

// mass is that of a firm's part, in mg.
func (m made) mass(i int) *big.Rat {
	sum := new(big.Rat)
	for _, u := range m.own(i) {
		sum.Add(sum, times(u.mass(), u.count))
	}
	for _, b := range m.firms[i].bought {
		sum.Add(sum, times(m.mass(b.from), b.count))
	}
	return sum
}

// own are a firm's own articles; of what is an article itself there is one.
func (m made) own(i int) []article {
	list := slices.Clone(m.firms[i].articles)
	if m.kind(i) == "article" {
		list[0].count = 1
	}
	return list
}

// interval is what a mass of a substance lies in, in mg.
type interval struct{ least, most *big.Rat }

func none() interval { return interval{new(big.Rat), new(big.Rat)} }

func (a interval) add(b interval, n int) interval {
	return interval{new(big.Rat).Add(a.least, times(b.least, n)), new(big.Rat).Add(a.most, times(b.most, n))}
}

// leadInOxide is 207.2 of 207.2 + 15.999.
var leadInOxide = new(big.Rat).Quo(rat("207.2"), rat("223.199"))

// in is how much of an entry is in a material.
func (x material) in(entry string) interval {
	percent := rat(x.dbdpe)
	if entry == "ROHS-PB" {
		percent = new(big.Rat).Add(rat(x.lead), new(big.Rat).Mul(rat(x.oxide), leadInOxide))
	}
	most := percent
	if x.hidden { // half of what is not lead is declared, and the rest may be anything
		most = new(big.Rat).Add(percent, rat(x.iron))
	}
	per := func(p *big.Rat) *big.Rat { return new(big.Rat).Quo(new(big.Rat).Mul(rat(x.mass), p), rat("100")) }
	return interval{per(percent), per(most)}
}

func (a article) in(entry string) interval {
	sum := none()
	for _, x := range a.materials {
		sum = sum.add(x.in(entry), 1)
	}
	return sum
}

func (m made) in(i int, entry string) interval {
	sum := none()
	for _, a := range m.own(i) {
		sum = sum.add(a.in(entry), a.count)
	}
	for _, b := range m.firms[i].bought {
		sum = sum.add(m.in(b.from, entry), b.count)
	}
	return sum
}

var limit = rat("0.001")

// finding is the verdict on one thing, or on many together.
type finding struct {
	state   string
	exempt  bool
	endings []string
	missing int
	known   *big.Rat // mg
}

var ranks = []string{"absent", "below", "unknown", "above"}

func (f finding) join(g finding, n int) finding {
	f.state = ranks[max(slices.Index(ranks, f.state), slices.Index(ranks, g.state))]
	f.exempt, f.missing = f.exempt && g.exempt, f.missing+g.missing
	f.endings = append(slices.Clone(f.endings), g.endings...)
	slices.Sort(f.endings)
	f.endings = slices.Compact(f.endings)
	f.known = new(big.Rat).Add(f.known, times(g.known, n))
	return f
}

func judge(in interval, mass *big.Rat) finding {
	f := finding{exempt: true, known: mass}
	bound := new(big.Rat).Mul(mass, limit)
	switch {
	case in.least.Cmp(bound) > 0:
		f.state = "above"
	case in.most.Sign() == 0:
		f.state = "absent"
	case in.most.Cmp(bound) <= 0:
		f.state = "below"
	default:
		f.state, f.missing, f.known = "unknown", 1, new(big.Rat)
	}
	return f
}

// material judges lead in a material, with its exemptions.
func (x material) judge(day string) finding {
	in := x.in("ROHS-PB")
	f := judge(in, rat(x.mass))
	if f.state != "above" {
		return f
	}
	for _, row := range []struct{ percent, code string }{{x.lead, x.leadCode}, {x.oxide, x.oxideCode}} {
		switch {
		case row.percent == "0":
			continue
		case row.code == "":
			f.exempt = false
			continue
		}
		f.endings = append(f.endings, row.code)
		tooMuch := row.code == "6(c)" && in.most.Cmp(new(big.Rat).Mul(rat(x.mass), rat("0.04"))) > 0
		f.exempt = f.exempt && !tooMuch && day <= "2027-06-30"
	}
	slices.Sort(f.endings)
	f.endings = slices.Compact(f.endings)
	return f
}

// verdict is a firm's answer to an entry on a day. What is bought counts by the
// supplier's own answer, whose coverage is in whole percent, unless its
// composition is known.
func (m made) verdict(i int, entry, day string) finding {
	sum := finding{state: "absent", exempt: true, known: new(big.Rat)}
	for _, a := range m.own(i) {
		if entry == "CL-DBDPE" {
			f := judge(a.in(entry), a.mass())
			f.exempt = f.state != "above"
			sum = sum.join(f, a.count)
			continue
		}
		for _, x := range a.materials {
			sum = sum.join(x.judge(day), a.count)
		}
	}
	for _, b := range m.firms[i].bought {
		f := m.verdict(b.from, entry, day)
		if m.discloses(i) != b.from {
			f.known = new(big.Rat).Quo(times(m.mass(b.from), m.coverage(b.from, f)), rat("100"))
		}
		sum = sum.join(f, b.count)
	}
	return sum
}

func (m made) coverage(i int, f finding) int {
	if f.missing == 0 {
		return 100
	}
	percent := new(big.Rat).Quo(new(big.Rat).Mul(f.known, rat("100")), m.mass(i))
	return min(99, int(new(big.Int).Quo(percent.Num(), percent.Denom()).Int64()))
}

// discloses is which supplier discloses its composition to a firm: of those that
// buy nothing, the one of which most is bought; -1: none.
func (m made) discloses(i int) int {
	best, most := -1, new(big.Rat)
	if i == len(m.firms)-1 {
		return best
	}
	for _, b := range m.firms[i].bought {
		if mass := times(m.mass(b.from), b.count); len(m.firms[b.from].bought) == 0 && mass.Cmp(most) > 0 {
			best, most = b.from, mass
		}
	}
	return best
}

// words is how a verdict is printed.
func (m made) words(i int, entry, day string) string {
	f := m.verdict(i, entry, day)
	level, ends := "article", ""
	if entry == "ROHS-PB" {
		level = "material"
	}
	for n, code := range f.endings {
		if n > 0 {
			ends += ", "
		}
		ends += code + " to 2027-06-30"
	}
	text := f.state + ", judged by " + level
	switch {
	case f.state == "above" && f.exempt:
		text += ", exempt: " + ends
	case ends != "":
		text += ", not exempt: " + ends
	}
	if f.missing > 0 {
		text += fmt.Sprintf("; known for %d %% of its mass, answers missing: %d", m.coverage(i, f), f.missing)
	}
	return text
}

// compliance is what follows for lead.
func (m made) compliance(day string) string {
	switch f := m.verdict(len(m.firms)-1, "ROHS-PB", day); {
	case f.state == "above" && !f.exempt:
		return "not compliant"
	case f.missing > 0:
		return "unknown"
	}
	return "compliant"
}

// percentage prints a content as the program is told to.
func percentage(in interval, mass *big.Rat) string {
	one := func(r *big.Rat) string {
		p := new(big.Rat).Mul(new(big.Rat).Quo(r, mass), rat("100"))
		if p.Cmp(rat("1")) < 0 {
			return p.FloatString(4)
		}
		text := strings.TrimRight(p.FloatString(3), "0")
		if strings.HasSuffix(text, ".") {
			text += "0"
		}
		return text
	}
	if in.least.Cmp(in.most) == 0 {
		return one(in.least) + " %"
	}
	return one(in.least) + " to " + one(in.most) + " %"
}
