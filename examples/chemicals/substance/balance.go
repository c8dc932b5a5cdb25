// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import "fmt"

// balance refuses contents that weigh more than the whole. Contents that weigh
// less leave an undeclared rest, which is allowed, and in which anything may be.
func (b Bill) balance(n Node) error {
	if n.Kind == Material {
		if declared := n.declared(); declared.Cmp(whole(1)) > 0 {
			return fmt.Errorf("%w: %s: the substances add up to at least %s %%", ErrBalance, n.ID, percent(declared))
		}
		return nil
	}
	if contents := b.contents(n); contents.Cmp(n.most()) > 0 {
		return fmt.Errorf("%w: %s weighs %s mg, what is in it %s mg, which is %s %%; is a mass in mg that should be in g?",
			ErrBalance, n.ID, n.Mass.Milligrams(), contents, percent(contents.Quo(n.Mass.Milligrams())))
	}
	return nil
}

// declared is the least that the rows of a material add up to, as a fraction.
func (n Node) declared() Decimal {
	var sum Decimal
	for _, row := range n.Rows {
		sum = sum.Add(row.Min.Fraction())
	}
	return sum
}

// contents is the mass in mg of what a node is made of.
func (b Bill) contents(n Node) Decimal {
	var sum Decimal
	for _, line := range n.Contents {
		sum = sum.Add(whole(line.Count).Mul(b.Nodes[line.Node].Mass.Milligrams()))
	}
	return sum
}

// most is the mass in mg with the tolerance.
func (n Node) most() Decimal {
	return n.Mass.Milligrams().Mul(whole(1).Add(n.Tolerance.Fraction()))
}

// rest is the mass in mg of which nothing is known: none where the difference is
// within the tolerance.
func (b Bill) rest(n Node) Decimal {
	mass := n.Mass.Milligrams()
	if n.Kind == Material {
		return mass.Mul(whole(1).Sub(n.declared()))
	}
	contents := b.contents(n)
	least := mass.Mul(whole(1).Sub(n.Tolerance.Fraction()))
	if contents.Cmp(least) >= 0 {
		return Decimal{}
	}
	return mass.Sub(contents)
}

// percent prints a fraction for people.
func percent(fraction Decimal) string {
	const shown = 4
	hundred := fraction.Mul(whole(100))
	if short := hundred.Round(shown); !MustDecimal(short).Equal(hundred) {
		return short
	}
	return hundred.String()
}
