// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import "slices"

// matcher knows which rows and which undeclared rests an entry is about.
type matcher struct {
	register *Register
	entry    Entry
	members  []CAS           // all numbers that are known to be of the entry
	absent   map[string]bool // ingredients whose supplier says that the entry is not in them
}

func newMatcher(r *Register, e Entry) matcher {
	m := matcher{register: r, entry: e, members: slices.Clone(e.Members), absent: make(map[string]bool)}
	for cas := range r.substances {
		if m.has(cas) && !slices.Contains(m.members, cas) {
			m.members = append(m.members, cas)
		}
	}
	return m
}

// has reports whether the entry covers a number that the register knows.
func (m matcher) has(cas CAS) bool {
	return slices.Contains(m.entry.Members, cas) ||
		slices.ContainsFunc(m.entry.Groups, func(group string) bool { return m.register.inGroup(cas, group) })
}

// row is the content that a row contributes to the entry, as a fraction; false
// where it has nothing to do with it.
func (m matcher) row(row Row) (Range, bool) {
	least, most := row.Min.Fraction(), row.Max.Fraction()
	if row.Group != "" {
		maybe := slices.ContainsFunc(m.members, func(cas CAS) bool { return m.register.inGroup(cas, row.Group) })
		if m.absent[row.AskOf] {
			most = Decimal{}
		}
		return Range{Most: most}, maybe
	}
	if m.has(row.CAS) {
		factor := m.factor(row.CAS)
		return Range{Least: least.Mul(factor.Least), Most: most.Mul(factor.Most)}, true
	}
	_, known := m.register.Substance(row.CAS)
	return Range{Most: most}, m.entry.Open && !known
}

// factor converts a compound to the element that the entry counts. Without a
// fixed formula it is anything from nothing to all.
func (m matcher) factor(cas CAS) Range {
	if m.entry.Element == "" {
		return Range{Least: whole(1), Most: whole(1)}
	}
	if factor, ok := m.register.Factor(cas, m.entry.Element); ok {
		return Range{Least: factor, Most: factor}
	}
	return Range{Most: whole(1)}
}

// material is the content of the entry in a material, as a fraction: that of its
// rows and, unless it cannot be there, its whole undeclared rest.
func (m matcher) material(n Node) Range {
	var sum Range
	others := Decimal{} // the least that is certainly something else
	for _, row := range n.Rows {
		content, matches := m.row(row)
		if matches {
			sum = sum.add(content)
		} else {
			others = others.Add(row.Min.Fraction())
		}
	}
	if m.inRest(n) {
		sum.Most = sum.Most.Add(whole(1).Sub(n.declared()))
	}
	sum.Most = sum.Most.min(whole(1).Sub(others)).max(sum.Least)
	return sum
}

// inRest reports whether the entry may be in what a node does not declare. A row
// with a number speaks for that number in the whole material.
func (m matcher) inRest(n Node) bool {
	if slices.ContainsFunc(n.Without, m.coversAll) {
		return false
	}
	if m.entry.Open {
		return true
	}
	for _, cas := range m.members {
		declared := slices.ContainsFunc(n.Rows, func(row Row) bool { return row.CAS == cas })
		denied := slices.ContainsFunc(n.Without, func(s Statement) bool {
			return s.CAS == cas || s.Group != "" && m.register.inGroup(cas, s.Group)
		})
		if !declared && !denied {
			return true
		}
	}
	return false
}

// coversAll reports whether a statement on a release is about all that the entry
// is today: a release that had it with fewer members is not.
func (m matcher) coversAll(s Statement) bool {
	then, listed := m.register.states[s.List][m.entry.ID]
	if !listed || m.entry.Open && !then.Open {
		return false
	}
	old := matcher{register: m.register, entry: then}
	return !slices.ContainsFunc(m.members, func(cas CAS) bool { return !old.has(cas) })
}
