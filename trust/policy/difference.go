// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Change says what became of a term between two policies.
type Change string

// The changes.
const (
	Added   Change = "added"   // it is asked for, and was not offered
	Removed Change = "removed" // it was offered, and is not asked for
	Changed Change = "changed" // the same left operand has another operator or value
)

// Difference is one term in which what is asked for differs from what was
// offered.
type Difference struct {
	Change Change `json:"change"`
	// Place is that of the rule or list, such as permission[0] or, inside a
	// logical constraint, permission[0].and. It counts in what was offered,
	// and of a rule that was added in what is asked for.
	Place string `json:"place"`
	// Term is the left operand of a constraint, the action of a rule or the
	// IRI of a profile; empty for logical constraints.
	Term string `json:"term,omitempty"`
	// Offered and Asked are the constraint, rule or profile for people. One is
	// empty where the term was added or removed.
	Offered string `json:"offered,omitempty"`
	Asked   string `json:"asked,omitempty"`
}

// String says the difference in one line, for people.
func (d Difference) String() string {
	switch d.Change {
	case Added:
		return fmt.Sprintf("%s: %s is asked for in addition", d.Place, d.Asked)
	case Removed:
		return fmt.Sprintf("%s: %s is offered and not asked for", d.Place, d.Offered)
	case Changed:
	}
	offered := strings.TrimPrefix(d.Offered, short(d.Term)+" ") // the left operand once is enough
	return fmt.Sprintf("%s: %s is asked for instead of %s", d.Place, d.Asked, offered)
}

// Compare tells term by term how what is asked for differs from what was
// offered: rules of one kind and action, and in them constraints of one left
// operand, belong together. What is only in another order is no difference.
// There are none exactly where Equal.
func Compare(offered, asked Policy) []Difference {
	var d differences
	d.rules(string(permission), offered.Permissions, asked.Permissions)
	d.rules(string(prohibition), offered.Prohibitions, asked.Prohibitions)
	d.rules(string(obligation), offered.Obligations, asked.Obligations)
	d.profiles(profileTerms(offered), profileTerms(asked))
	return d
}

type differences []Difference

// profileTerms are the profiles as a set.
func profileTerms(p Policy) []string {
	var list []string
	for _, name := range p.Profile {
		list = append(list, expandPrefix(name))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (d *differences) profiles(offered, asked []string) {
	for _, p := range offered {
		if !slices.Contains(asked, p) {
			*d = append(*d, Difference{Change: Removed, Place: "profile", Term: p, Offered: p})
		}
	}
	for _, p := range asked {
		if !slices.Contains(offered, p) {
			*d = append(*d, Difference{Change: Added, Place: "profile", Term: p, Asked: p})
		}
	}
}

func (d *differences) rules(place string, offered, asked []Rule) {
	m := match(offered, asked, Rule.key, Rule.subject)
	for i, rule := range offered {
		at := place + "[" + strconv.Itoa(i) + "]"
		switch j := m.partner[i]; {
		case m.same[i]:
		case j < 0:
			*d = append(*d, Difference{Change: Removed, Place: at, Term: normalTerm(rule.Action), Offered: rule.String()})
		default:
			d.constraints(at, rule.Constraints, asked[j].Constraints)
			d.rules(at+".duty", rule.Duties, asked[j].Duties)
		}
	}
	for _, j := range m.left {
		at := place + "[" + strconv.Itoa(j) + "]"
		*d = append(*d, Difference{Change: Added, Place: at, Term: normalTerm(asked[j].Action), Asked: asked[j].String()})
	}
}

func (d *differences) constraints(place string, offered, asked []Constraint) {
	m := match(offered, asked, constraintKey, subject)
	for i, c := range offered {
		switch j := m.partner[i]; {
		case m.same[i]:
		case j < 0:
			*d = append(*d, Difference{Change: Removed, Place: place, Term: leftTerm(c), Offered: sayConstraint(c)})
		default:
			d.constraint(place, c, asked[j])
		}
	}
	for _, j := range m.left {
		*d = append(*d, Difference{Change: Added, Place: place, Term: leftTerm(asked[j]), Asked: sayConstraint(asked[j])})
	}
}

// constraint compares two that are related and not the same.
func (d *differences) constraint(place string, offered, asked Constraint) {
	out := Difference{Change: Changed, Place: place, Term: leftTerm(offered), Offered: offered.String(), Asked: asked.String()}
	a, _ := logicalOf(offered)
	b, ok := logicalOf(asked)
	if !ok || a.Op == AndSequence { // whose order says something, and is best seen whole
		*d = append(*d, out)
		return
	}
	d.constraints(place+"."+a.Op, a.Constraints, b.Constraints)
}

// subject is what a constraint is about: its left operand, or how it joins.
func subject(c Constraint) string {
	if l, ok := logicalOf(c); ok {
		return l.Op
	}
	return leftTerm(c)
}

func leftTerm(c Constraint) string {
	if a, ok := atomicOf(c); ok {
		return normalTerm(a.Left)
	}
	return ""
}

func (r Rule) subject() string { return normalTerm(r.Action) }

func (r Rule) key() string { return string(r.appendTo(nil, sorted)) }

func constraintKey(c Constraint) string { return string(appendConstraint(nil, c, sorted)) }

// matching says which items of two lists belong together.
type matching struct {
	same    []bool // the item of the first list is in the second, too
	partner []int  // else the related item of the second list, or -1
	left    []int  // what remains of the second list
}

// match gives each item of the first list at most one of the second: the same
// one where there is one, else the first that is about the same subject.
func match[T any](first, second []T, key, subject func(T) string) matching {
	m := matching{same: make([]bool, len(first)), partner: make([]int, len(first))}
	taken := make([]bool, len(second))
	pair := func(i int, free map[string][]int, name string) bool {
		for list := free[name]; len(list) > 0; list = free[name] {
			j := list[0]
			free[name] = list[1:]
			if !taken[j] {
				m.partner[i], taken[j] = j, true
				return true
			}
		}
		return false
	}
	keys, subjects := positions(second, key), positions(second, subject)
	for i, item := range first {
		m.partner[i] = -1
		m.same[i] = pair(i, keys, key(item))
	}
	for i, item := range first {
		if !m.same[i] {
			pair(i, subjects, subject(item))
		}
	}
	for j := range second {
		if !taken[j] {
			m.left = append(m.left, j)
		}
	}
	return m
}

func positions[T any](list []T, name func(T) string) map[string][]int {
	at := make(map[string][]int, len(list))
	for j, item := range list {
		at[name(item)] = append(at[name(item)], j)
	}
	return at
}
