// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// leaves are constraints that come out as each result at a transfer.
var leaves = map[Result]Constraint{
	True:     Atomic{LeftDateTime, Gt, Text("2000-01-01")},
	False:    Atomic{LeftDateTime, Lt, Text("2000-01-01")},
	Unknown:  Atomic{probe, Eq, Text("1")},
	Deferred: Atomic{LeftInForceDate, Lteq, Text("contractAgreement+P1Y")},
	absent:   Atomic{LeftMembership, Eq, Text(Active)}, // False in a permission
}

// tree is a constraint and what the model makes of it.
type tree struct {
	op    string
	leaf  Result
	parts []tree
}

func (n tree) constraint() Constraint {
	if n.op == "" {
		return leaves[n.leaf]
	}
	l := Logical{Op: n.op}
	for _, p := range n.parts {
		l.Constraints = append(l.Constraints, p.constraint())
	}
	return l
}

// model judges by trying out everything that is open: what is deferred, and
// inside a prohibition what is absent, may be true or false.
func (n tree) model(prohibited bool) Result {
	if n.op == "" {
		if n.leaf == absent && !prohibited {
			return False
		}
		return n.leaf
	}
	parts := make([]Result, len(n.parts))
	for i, p := range n.parts {
		parts[i] = p.model(prohibited)
	}
	if slices.Contains(parts, Unknown) {
		return Unknown
	}
	always, never, metAnyway := true, true, true
	for later := range 1 << len(parts) {
		met := false
		for maybe := range 1 << len(parts) {
			holds := joined(n.op, parts, later, maybe)
			always, never, met = always && holds, never && !holds, met || holds
		}
		metAnyway = metAnyway && met
	}
	switch {
	case always:
		return True
	case never:
		return False
	case metAnyway: // whatever is learnt later, it may be met
		return absent
	}
	return Deferred
}

// joined evaluates with bits for what is open.
func joined(op string, parts []Result, later, maybe int) bool {
	n := 0
	for i, p := range parts {
		if p == True || p == Deferred && later>>i&1 == 1 || p == absent && maybe>>i&1 == 1 {
			n++
		}
	}
	switch op {
	case Or:
		return n > 0
	case Xone:
		return n == 1
	}
	return n == len(parts)
}

func (n tree) check(t interface {
	Helper()
	Fatalf(string, ...any)
},
) {
	t.Helper()
	r := NewRegistry()
	for kind, p := range inBoth(n.constraint()) {
		f := Facts{Point: AtTransfer, Now: noon} // without an agreement
		v := r.Compile(p).Explain(&f)
		want := n.model(kind == prohibition)
		permits := want == True
		if kind == prohibition {
			permits = want == False
		}
		got := v.Rules[len(v.Rules)-1].Constraints[0].Result
		if got != want || v.Permit != permits || v.Permit == (v.Reason != "") {
			t.Fatalf("in a %s, %s is %s and permits %v, want %s: %s", kind, n.constraint(), got, v.Permit, want, v.Reason)
		}
	}
}

func TestLogicalOperators(t *testing.T) {
	kinds := []Result{True, False, Unknown, Deferred, absent}
	if len(kinds) != len(resultNames) || len(leaves) != len(resultNames) {
		t.Fatal("a result is missing")
	}
	for op := range logicalOps {
		for _, a := range kinds {
			tree{op: op, parts: []tree{{leaf: a}}}.check(t)
			for _, b := range kinds {
				tree{op: op, parts: []tree{{leaf: a}, {leaf: b}}}.check(t)
				for _, c := range kinds {
					tree{op: op, parts: []tree{{leaf: a}, {leaf: b}, {leaf: c}}}.check(t)
				}
			}
		}
	}
}

// TestLogicalOperatorsFiveDeep goes through all that can stand in five levels
// with one branch each, beside a sibling.
func TestLogicalOperatorsFiveDeep(t *testing.T) {
	const levels = 5
	ops := slices.Sorted(maps.Keys(logicalOps))
	known := []Result{True, False, Deferred, absent}
	cases := 0
	var grow func(n tree, left int)
	grow = func(n tree, left int) {
		if left == 0 {
			cases++
			n.check(t)
			return
		}
		for i, op := range ops {
			sibling := tree{leaf: known[(i+cases+left)%len(known)]}
			grow(tree{op: op, parts: []tree{sibling, n}}, left-1)
		}
	}
	for leaf := range leaves {
		grow(tree{leaf: leaf}, levels)
	}
	if want := len(leaves) * 1024; len(ops) != 4 || cases != want {
		t.Errorf("%d cases of %v, want %d", cases, ops, want)
	}
}

func genTree(depth int) *rapid.Generator[tree] {
	return rapid.Custom(func(t *rapid.T) tree {
		if depth == 0 {
			// Unknown is rare, since it decides alone.
			return tree{leaf: rapid.SampledFrom([]Result{True, True, False, False, Deferred, Deferred, absent, absent, Unknown}).Draw(t, "leaf")}
		}
		return tree{
			op:    rapid.SampledFrom([]string{And, Or, Xone, AndSequence}).Draw(t, "op"),
			parts: rapid.SliceOfN(genTree(depth-rapid.IntRange(1, depth).Draw(t, "step")), 1, 3).Draw(t, "parts"),
		}
	})
}

func TestLogicalOperatorsNested(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { genTree(5).Draw(t, "constraint").check(t) })
}

// subsets are the sets over some values.
func subsets(of ...string) (list [][]string) {
	for bits := 1; bits < 1<<len(of); bits++ {
		var set []string
		for i, v := range of {
			if bits>>i&1 == 1 {
				set = append(set, v)
			}
		}
		list = append(list, set)
	}
	return list
}

func every(list []string, holds func(string) bool) bool {
	return !slices.ContainsFunc(list, func(v string) bool { return !holds(v) })
}

// TestOperatorsOverSets holds every operator against what it says of two sets.
func TestOperatorsOverSets(t *testing.T) {
	in := func(list []string) func(string) bool { return func(v string) bool { return slices.Contains(list, v) } }
	lies := func(of Type, what, below string) bool {
		return what == below || of == TypeIRI && strings.HasPrefix(what, below+"/")
	}
	order := func(left, right []string, fits func(int) bool) bool {
		return slices.ContainsFunc(left, func(l string) bool { return fits(strings.Compare(l, right[0])) })
	}
	meaning := map[string]func(of Type, left, right []string) bool{
		Eq:       func(_ Type, l, r []string) bool { return slices.Contains(l, r[0]) },
		Neq:      func(_ Type, l, r []string) bool { return !slices.Contains(l, r[0]) },
		Lt:       func(_ Type, l, r []string) bool { return order(l, r, func(c int) bool { return c < 0 }) },
		Lteq:     func(_ Type, l, r []string) bool { return order(l, r, func(c int) bool { return c <= 0 }) },
		Gt:       func(_ Type, l, r []string) bool { return order(l, r, func(c int) bool { return c > 0 }) },
		Gteq:     func(_ Type, l, r []string) bool { return order(l, r, func(c int) bool { return c >= 0 }) },
		IsAnyOf:  func(_ Type, l, r []string) bool { return slices.ContainsFunc(l, in(r)) },
		IsNoneOf: func(_ Type, l, r []string) bool { return !slices.ContainsFunc(l, in(r)) },
		IsAllOf:  func(_ Type, l, r []string) bool { return every(r, in(l)) },
		IsA: func(of Type, l, r []string) bool {
			return slices.ContainsFunc(l, func(v string) bool { return lies(of, v, r[0]) })
		},
		HasPart: func(of Type, l, r []string) bool {
			return every(r, func(part string) bool {
				return slices.ContainsFunc(l, func(v string) bool { return lies(of, part, v) })
			})
		},
		IsPartOf: func(of Type, l, r []string) bool {
			return every(l, func(v string) bool { return slices.ContainsFunc(r, func(w string) bool { return lies(of, v, w) }) })
		},
	}
	values := map[Type][]string{
		TypeText: {"x:/a", "x:/a/b", "x:/c"}, TypeIRI: {"x:/a", "x:/a/b", "x:/ab"},
		TypeNumber: {"1", "2", "3"}, TypeScalar: {"1", "2", "3"}, TypeVersion: {"v1", "v2", "v3"},
	}
	f := Facts{Point: WhileRunning, Now: noon}
	for of, all := range values {
		for _, operator := range of.Operators() {
			for _, left := range subsets(all...) {
				var l Left
				for _, v := range left {
					l.Values = append(l.Values, Datum{Text: v})
				}
				r := probing(t, of, l)
				for _, right := range subsets(all...) {
					if single(operator) && len(right) > 1 {
						continue
					}
					expect(t, r, f, Atomic{probe, operator, Texts(right...)}, truth(meaning[operator](of, left, right)))
				}
			}
		}
	}
}
