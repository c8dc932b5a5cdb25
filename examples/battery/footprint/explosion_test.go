// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package footprint_test

import (
	"math/big"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/examples/battery/footprint"
)

// Random chains. The roll-up goes bottom-up, company by company, through encoded
// answers; the oracle explodes the product top-down into the mass of each part it
// takes, and multiplies with own emissions only at the end.
func TestRollUpMatchesExplosion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		chain := randomChain(t)
		want := explode(chain)
		got := walk(t, chain)[chain.Final().ID]
		if got.Status() != footprint.StatusComplete {
			t.Fatalf("%s: %v", got.Status(), got.Gaps)
		}
		for stage := range want {
			total, _ := got.Totals[stage].Get()
			exact, _ := new(big.Rat).SetString(total.String())
			if exact.Cmp(want[stage]) != 0 {
				t.Fatalf("%v: %s, want %s", footprint.Stage(stage), total, want[stage].RatString())
			}
		}
	})
}

// randomChain draws up to eight companies; each but the last sells to one or more
// of those after it, in units that vary, beside secondary data.
func randomChain(t *rapid.T) footprint.Chain {
	decimal := rapid.StringMatching(`(0|[1-9][0-9]{0,3})\.[0-9]{1,5}`)
	draw := func(label string) footprint.Decimal { return footprint.MustDecimal(decimal.Draw(t, label)) }
	small := rapid.StringMatching(`[0-9]\.[0-9]{1,5}`) // eight tiers of larger amounts leave the range of an answer
	amount := func() footprint.Decimal { return footprint.MustDecimal(small.Draw(t, "amount")) }
	n := rapid.IntRange(1, 8).Draw(t, "companies")
	list := make([]footprint.Company, n)
	for i := range list {
		id, unit := "c"+strconv.Itoa(i), rapid.SampledFrom(footprint.Units).Draw(t, "unit")
		list[i] = footprint.Company{
			ID: id, Part: footprint.Part{ID: id, Unit: unit},
			Own: footprint.Stages{footprint.Known(draw("pre")), footprint.Known(draw("main"))},
			Children: []footprint.Child{{
				Part: "material", Amount: amount(), Unit: unit, SecondaryUnit: unit,
				Secondary: footprint.Stages{footprint.Known(draw("secondary pre")), footprint.Known(draw("secondary main"))},
			}},
		}
		for j := range i {
			if j == i-1 || rapid.Bool().Draw(t, "buys") { // the one before always, so that one product is final
				line := footprint.Child{Part: list[j].ID, Supplier: list[j].ID, Amount: amount(), Unit: list[j].Part.Unit}
				list[i].Children = append(list[i].Children, line)
			}
		}
	}
	chain, err := footprint.NewChain(list)
	if err != nil {
		t.Fatal(err)
	}
	return chain
}

func explode(chain footprint.Chain) [2]*big.Rat {
	rat := func(d footprint.Decimal) *big.Rat { r, _ := new(big.Rat).SetString(d.String()); return r }
	sums := [2]*big.Rat{new(big.Rat), new(big.Rat)}
	needed := map[string]*big.Rat{chain.Final().ID: big.NewRat(1, 1)}
	emit := func(amount *big.Rat, emissions footprint.Stages) {
		for stage, sum := range sums {
			d, _ := emissions[stage].Get()
			sum.Add(sum, new(big.Rat).Mul(amount, rat(d)))
		}
	}
	for _, company := range slices.Backward(chain.Companies) { // customers before their suppliers
		emit(needed[company.ID], company.Own)
		for _, child := range company.Children {
			amount := new(big.Rat).Mul(needed[company.ID], rat(child.Amount))
			if !child.Bought() {
				emit(amount, child.Secondary)
				continue
			}
			if needed[child.Supplier] == nil {
				needed[child.Supplier] = new(big.Rat)
			}
			needed[child.Supplier].Add(needed[child.Supplier], amount)
		}
	}
	return sums
}
