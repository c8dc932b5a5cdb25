// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// firm is a company of a made-up chain, and line is what goes into its product:
// a part of another firm, or, with from < 0, a material it knows a value of. All
// texts are long and random, so that finding one somewhere means something.
type (
	object map[string]any

	firm struct {
		id, name, part, partName, unit string
		pre, main, whatIf              string
		lines                          []line
	}
	line struct {
		from                          int
		amount, name, unit, pre, main string
	}
	made struct {
		firms                           []firm // suppliers first; the last makes the final product
		distribution, endOfLife         string
		capacity, cyclesPerYear, yearsN string
	}
)

// shapes say from whom each firm buys. Firms that nobody buys from, but the
// last, would be a second final product.
var shapes = map[string][][]int{
	"alone":                              {{}},
	"chain of five":                      {{}, {0}, {1}, {2}, {3}},
	"two suppliers":                      {{}, {}, {0, 1}},
	"branches on two tiers":              {{}, {}, {}, {0, 1}, {2}, {3, 4}},
	"one supplier, two customers":        {{}, {0}, {0}, {1, 2}},
	"a supplier of its customer's buyer": {{}, {0}, {0, 1}, {0, 2}},
}

func word(r *rand.Rand) string {
	const letters = "bcdfghjklmnpqrstvwxz0123456789"
	text := []byte("q")
	for range 11 {
		text = append(text, letters[r.IntN(len(letters))])
	}
	return string(text)
}

// figure is a decimal of seven digits whose last is not 0.
func figure(r *rand.Rand) string {
	return fmt.Sprintf("%d.%04d%d", 10+r.IntN(90), r.IntN(10000), 1+r.IntN(9))
}

func makeUp(r *rand.Rand, shape [][]int) made {
	units := []string{"kg", "unit", "liter", "m3", "m2", "kWh", "MJ", "tkm"}
	m := made{
		distribution: figure(r), endOfLife: figure(r),
		capacity: figure(r), cyclesPerYear: fmt.Sprint(40 + r.IntN(40)), yearsN: fmt.Sprint(5 + r.IntN(10)),
	}
	for i, froms := range shape {
		f := firm{
			id: word(r), name: "青" + word(r), part: word(r), partName: "部品 " + word(r),
			unit: units[r.IntN(len(units))], pre: figure(r), main: figure(r),
		}
		if i == 0 || i == len(shape)/2 {
			f.whatIf = figure(r)
		}
		for _, from := range froms {
			f.lines = append(f.lines, line{from: from, amount: figure(r)})
		}
		for range r.IntN(3) {
			f.lines = append(f.lines, line{-1, figure(r), "鉱 " + word(r), units[r.IntN(len(units))], figure(r), figure(r)})
		}
		m.firms = append(m.firms, f)
	}
	return m
}

// write writes one file per firm, in the format of the README.
func (m made) write(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for i, f := range m.firms {
		own := object{"pre": f.pre, "main": f.main}
		document := object{
			"id": f.id, "name": f.name, "fictional": true, "own": own,
			"part":     object{"id": f.part, "name": f.partName, "declaredUnit": "kgCO2e/" + f.unit},
			"children": m.children(f),
		}
		if f.whatIf != "" {
			document["whatIf"] = []object{{"stage": "pre", "value": f.whatIf}}
		}
		if i == len(m.firms)-1 {
			own["distribution"], own["endOfLife"] = m.distribution, m.endOfLife
			document["energy"] = object{"capacityKWh": m.capacity, "cyclesPerYear": m.cyclesPerYear, "years": m.yearsN}
		}
		text, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d.json", i)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func (m made) children(f firm) []object {
	children := []object{}
	for _, l := range f.lines {
		if l.from >= 0 {
			s := m.firms[l.from]
			children = append(children, object{"part": s.part, "supplier": s.id, "amount": l.amount, "unit": s.unit})
			continue
		}
		children = append(children, object{
			"name": l.name, "amount": l.amount, "unit": l.unit,
			"secondary": object{"pre": l.pre, "main": l.main, "declaredUnit": "kgCO2e/" + l.unit},
		})
	}
	return children
}

// What follows is the formula, written once more from its description, for the
// whole chain at once and without a line of the program.

func rat(text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		panic(text)
	}
	return r
}

// exactly prints all digits of a sum of products, and no zeros after them.
func exactly(r *big.Rat) string {
	decimals, _ := r.FloatPrec()
	return r.FloatString(decimals)
}

// formula returns pre and main of one unit of firm i. What firm down (none: -1)
// makes adds nothing.
func (m made) formula(i, down int) (pre, main *big.Rat) {
	f := m.firms[i]
	pre, main = rat(f.pre), rat(f.main)
	for _, l := range f.lines {
		var p, q *big.Rat
		switch {
		case l.from < 0:
			p, q = rat(l.pre), rat(l.main)
		case l.from == down:
			continue
		default:
			p, q = m.formula(l.from, down)
		}
		pre.Add(pre, p.Mul(p, rat(l.amount)))
		main.Add(main, q.Mul(q, rat(l.amount)))
	}
	return pre, main
}

// total is the final product's footprint, and perKWh that rounded half up to five
// decimals.
func (m made) total(down int) *big.Rat {
	pre, main := m.formula(len(m.firms)-1, down)
	sum := pre.Add(pre, main)
	return sum.Add(sum.Add(sum, rat(m.distribution)), rat(m.endOfLife))
}

func (m made) perKWh() string {
	x := m.total(-1)
	for _, divisor := range []string{m.capacity, m.cyclesPerYear, m.yearsN} {
		x.Quo(x, rat(divisor))
	}
	x.Add(x.Mul(x, rat("100000")), rat("0.5"))
	whole := new(big.Int).Quo(x.Num(), x.Denom()).String()
	whole = fmt.Sprintf("%06s", whole)
	return whole[:len(whole)-5] + "." + whole[len(whole)-5:]
}
