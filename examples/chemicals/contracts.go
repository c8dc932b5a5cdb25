// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"maps"
	"slices"
	"strconv"

	"github.com/musubi-ods/musubi/examples/chemicals/substance"
)

// need is something that a company buys: a node of its bill, or an ingredient.
type need struct{ part, supplier string }

// needs are all that a company buys, in order of the parts.
func needs(c substance.Company) []need {
	var list []need
	for _, n := range c.Bought() {
		list = append(list, need{n.ID, n.Supplier})
	}
	for _, part := range slices.Sorted(maps.Keys(c.Bill.Ingredients)) {
		list = append(list, need{part, c.Bill.Ingredients[part]})
	}
	return list
}

// contracts says which supplier has agreed to disclose its composition to which
// customers, since the data does not: each company, but for the maker of the
// final product, has such a contract with exactly one of its suppliers. It is the
// one of which it gets the most by mass, among those that buy nothing
// themselves: what they disclose is theirs alone. Of equals it is the one whose
// part comes first.
func contracts(chain substance.Chain) map[string][]string {
	buysNothing := map[string]bool{}
	for _, c := range chain.Companies {
		buysNothing[c.ID] = len(needs(c)) == 0
	}
	disclose := map[string][]string{}
	for _, c := range chain.Companies {
		if c.ID == chain.Final().ID {
			continue
		}
		best, most := "", substance.Decimal{}
		for _, n := range c.Bought() {
			if mass := delivered(c.Bill, n.Supplier); buysNothing[n.Supplier] && mass.Cmp(most) > 0 {
				best, most = n.Supplier, mass
			}
		}
		if best != "" {
			disclose[best] = append(disclose[best], c.ID)
		}
	}
	return disclose
}

// delivered is the mass in mg of what a supplier delivers for one piece of a part.
func delivered(b substance.Bill, supplier string) substance.Decimal {
	done := map[string]substance.Decimal{}
	var in func(id string) substance.Decimal
	in = func(id string) substance.Decimal {
		if mass, known := done[id]; known {
			return mass
		}
		n := b.Nodes[id]
		var mass substance.Decimal
		if n.Supplier == supplier {
			mass = n.Mass.Milligrams()
		}
		for _, line := range n.Contents {
			mass = mass.Add(in(line.Node).Mul(substance.MustDecimal(strconv.Itoa(line.Count))))
		}
		done[id] = mass
		return mass
	}
	return in(b.Part)
}
