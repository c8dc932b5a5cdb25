// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import (
	"fmt"
	"maps"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

// Amount is how much of an entry is in a node.
type Amount struct {
	Mass    Range // mg in one piece
	Content Range // mass ÷ mass of the node
}

// Amounts computes m(n) = Σ count · m(child), from the materials outwards, for each
// node. They are figures to show and to add up; a verdict is only taken where the
// level of the entry says, so an average over a product never answers a question
// about its articles (ErrAnswer, ErrEntry, ErrList).
func (r *Register) Amounts(b Bill, q Question, held Held) (map[string]Amount, error) {
	e, err := r.evaluation(b, q, held)
	if err != nil {
		return nil, err
	}
	amounts := make(map[string]Amount, len(e.bill.Nodes))
	for id, n := range e.bill.Nodes {
		amounts[id] = Amount{e.mass(id), e.content(n)}
	}
	return amounts, nil
}

// mass is the mass of the entry in one piece of a node, in mg.
func (e *evaluation) mass(id string) Range {
	if known, done := e.masses[id]; done {
		return known
	}
	n := e.bill.Nodes[id]
	sum := e.ownMass(n)
	e.masses[id] = sum
	return sum
}

func (e *evaluation) ownMass(n Node) Range {
	whole := n.Mass.Milligrams()
	if v, answered := e.verdicts[n.ID]; answered {
		return e.told(v, n).times(whole)
	}
	if n.Kind == Material {
		return e.match.material(n).times(whole)
	}
	var sum Range
	for _, line := range n.Contents {
		sum = sum.add(e.mass(line.Node).times(count(line)))
	}
	if e.match.inRest(n) {
		sum.Most = sum.Most.Add(e.bill.rest(n))
	}
	return sum
}

func count(l Line) Decimal { return whole(l.Count) }

// content divides by the mass of the node. Where the sum of what is in it differs
// from that, within the tolerance, the true mass is between the two.
func (e *evaluation) content(n Node) Range {
	mass := e.mass(n.ID)
	least, most := n.Mass.Milligrams(), n.Mass.Milligrams()
	if n.Kind != Material && len(n.Contents) > 0 && e.bill.rest(n).IsZero() {
		contents := e.bill.contents(n)
		least, most = least.min(contents), most.max(contents)
	}
	return Range{mass.Least.Quo(most), mass.Most.Quo(least), mass.More}
}

// told is what a supplier's verdict says of the content of what it delivers. Above
// says little of the whole where it is about some article or material in it.
func (e *evaluation) told(v Verdict, n Node) Range {
	one := v.Level == Whole || n.Kind == v.Level && n.Kind != Product
	switch {
	case v.State == Absent:
		return Range{}
	case v.State == Below:
		return Range{Most: e.limit}
	case v.State == Above && one:
		return Range{Least: e.limit, Most: whole(1), More: true}
	default:
		return Range{Most: whole(1)}
	}
}

// Resolve puts in place of what is bought the compositions that the suppliers
// have disclosed, by the id of the part. The nodes of a composition get the id
// of the part and a slash before their own, so that the result is a bill to
// compute with, and none that can be passed on (ErrAnswer).
func (b Bill) Resolve(compositions map[string]Bill) (Bill, error) {
	if len(compositions) == 0 {
		return b, nil
	}
	nodes := maps.Clone(b.Nodes)
	for part, c := range compositions {
		n := b.Nodes[part]
		root := c.Root()
		switch {
		case !n.Bought():
			return Bill{}, fmt.Errorf("%w: %s is not a part that is bought", ErrAnswer, strict.Quote(part))
		case c.Part != part || root.Kind != n.Kind:
			return Bill{}, fmt.Errorf("%w: the composition is of %s %s, asked was %s %s", ErrAnswer, root.Kind, strict.Quote(c.Part), n.Kind, part)
		case !sameMass(root.Mass, n):
			return Bill{}, fmt.Errorf("%w: %s weighs %s here and %s in its composition", ErrAnswer, part, n.Mass, root.Mass)
		}
		for id, inner := range c.Nodes {
			inner.Contents = prefixed(part, inner.Contents)
			inner.ID = within(part, id)
			nodes[inner.ID] = inner
		}
		root.Contents, root.ID = prefixed(part, root.Contents), part
		delete(nodes, within(part, part))
		nodes[part] = root
	}
	resolved := Bill{b.Part, b.Version, nodes, b.Ingredients}
	if err := resolved.check(); err != nil {
		return Bill{}, fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	return resolved, nil
}

func within(part, id string) string { return part + "/" + id }

func prefixed(part string, lines []Line) []Line {
	own := make([]Line, len(lines))
	for i, line := range lines {
		own[i] = Line{line.Count, within(part, line.Node)}
	}
	return own
}

// sameMass allows the tolerance of the buyer.
func sameMass(m Mass, n Node) bool {
	here, there := n.Mass.Milligrams(), m.Milligrams()
	allowed := here.Mul(n.Tolerance.Fraction())
	return there.Cmp(here.Add(allowed)) <= 0 && there.Add(allowed).Cmp(here) >= 0
}
