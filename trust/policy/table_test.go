// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"
)

// sample is what a type, or an operand, is tried with: a value, one that it is
// not, one that is less and one that is more, and what is none of the type.
type sample struct {
	value, other, less, more string
	base                     time.Time // of the clock's types: the conclusion of the agreement
	at                       time.Time // and their value
	wrongLeft                bool      // there are left values that are none of the type
	wrongRight               Value
}

var (
	noon   = time.Date(2027, 7, 1, 12, 0, 0, 0, time.UTC)
	signed = time.Date(2027, 1, 1, 9, 0, 0, 0, time.UTC)
	aTree  = Value{object: `{"a":"b"}`}
)

var typeSamples = map[Type]sample{
	TypeText:    {value: "b", other: "c", wrongRight: typed("date", "2027-01-01")},
	TypeIRI:     {value: "x:/p/q", other: "x:/p/r", wrongRight: typed("integer", "1")},
	TypeBoolean: {value: "true", other: "false", wrongLeft: true, wrongRight: Text("yes")},
	TypeNumber:  {value: "5", other: "7", less: "4.99", more: "5.01", wrongLeft: true, wrongRight: Text("5e0")},
	TypeScalar:  {value: "5", other: "7", less: "4.99", more: "5.01", wrongRight: aTree},
	TypeVersion: {value: "CL-2025-11-05", other: "CL-2025-6-27", less: "CL-2025-9-30", more: "CL-2026-01-21", wrongRight: Text("")},
	TypeMoment:  {value: "2027-07-01", other: "2028-07-01", less: "2027-06-30", more: "2027-07-02T00:00:00Z", at: noon, wrongLeft: true, wrongRight: Text("P1Y")},
	TypeWindow:  {value: "2027-07-01T12:00:00Z", other: "2028-07-01", less: "contractAgreement+P6M", more: "contractAgreement+P7M", at: noon, base: signed, wrongLeft: true, wrongRight: Text("P1Y")},
	TypeElapsed: {value: "P6MT3H", other: "P1Y", less: "P6M", more: "P7M", at: noon, base: signed, wrongLeft: true, wrongRight: Text("-P1Y")},
}

// right returns a right operand beside which the sample's value holds, or not.
// It has to know every operator.
func (s sample) right(t testing.TB, operator string, holds bool) Value {
	pick := func(yes, no Value) Value {
		if holds {
			return yes
		}
		return no
	}
	value, other := Text(s.value), Text(s.other)
	both := List(other, value)
	switch operator {
	case Eq, IsA, HasPart:
		return pick(value, other)
	case Neq:
		return pick(other, value)
	case Lt:
		return pick(Text(s.more), value)
	case Lteq:
		return pick(value, Text(s.less))
	case Gt:
		return pick(Text(s.less), value)
	case Gteq:
		return pick(value, Text(s.more))
	case IsAllOf:
		return pick(value, both)
	case IsAnyOf, IsPartOf:
		return pick(both, other)
	case IsNoneOf:
		return pick(other, both)
	}
	t.Fatalf("the operator %s is missing in this table", operator)
	return Value{}
}

func (s sample) datum() Datum { return Datum{Text: s.value, Time: s.at, Base: s.base} }

const probe = "https://own.example/probe"

// probing is a registry with one operand more, of a type and with a value.
func probing(t testing.TB, of Type, left Left) *Registry {
	t.Helper()
	r := NewRegistry()
	err := r.RegisterOperand(Operand{
		IRI: probe, Name: "probe", Doc: "A probe.", Type: of, Source: FromRecords,
		Values: func(*Facts, string) Left { return left },
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// inBoth is a constraint in a permission, and in a prohibition beside one.
func inBoth(c Constraint) map[ruleKind]Policy {
	return map[ruleKind]Policy{permission: Permit(Use, c), prohibition: Permit(Use).Forbid(Use, c)}
}

// expect evaluates a constraint in both kinds of rule, and once more beside a
// part that holds.
func expect(t *testing.T, r *Registry, f Facts, c Constraint, want Result) {
	t.Helper()
	holding := Atomic{LeftDateTime, Gt, Text("2000-01-01")}
	for kind, p := range inBoth(c) {
		wanted := want
		if want == absent && kind == permission {
			wanted = False
		}
		permits := wanted == True
		if kind == prohibition {
			permits = wanted == False
		}
		if wanted == Deferred {
			permits = f.Point.may()
		}
		facts := f
		v := r.Compile(p).Explain(&facts)
		rule := v.Rules[len(v.Rules)-1]
		if got := rule.Constraints[0].Result; got != wanted || v.Permit != permits {
			t.Errorf("in a %s, %s is %s (permit %v), want %s: %s", kind, c, got, v.Permit, wanted, v.Reason)
		}
	}
	if want == Unknown {
		facts := f
		if r.Compile(Permit(Use, AnyOf(c, holding))).Permits(&facts) {
			t.Errorf("%s is unknown and permits beside another", c)
		}
	}
}

// declaredTypes reads the constants of type Type from the source.
func declaredTypes(t *testing.T) (list []Type) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "datatype.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if ok && len(spec.Values) == 1 {
			kind, isType := spec.Type.(*ast.Ident)
			value, isLiteral := spec.Values[0].(*ast.BasicLit)
			if isType && isLiteral && kind.Name == "Type" {
				text, err := strconv.Unquote(value.Value)
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, Type(text))
			}
		}
		return true
	})
	return list
}

// TestOperatorsOfTypes tries every operator with every type. Neither can be
// left out: types come from the source, operators from the parser's list.
func TestOperatorsOfTypes(t *testing.T) {
	types := declaredTypes(t)
	if len(types) != len(typeSamples) || len(types) < 9 {
		t.Fatalf("types %v, samples %v", types, slices.Collect(maps.Keys(typeSamples)))
	}
	facts := Facts{Point: WhileRunning, Now: noon, Agreed: signed}
	for _, of := range types {
		s, ok := typeSamples[of]
		if !ok {
			t.Fatalf("no sample of the type %s", of)
		}
		there := Left{Values: []Datum{s.datum()}}
		for operator := range operators {
			t.Run(string(of)+" "+operator, func(t *testing.T) {
				if !slices.Contains(of.Operators(), operator) {
					c := Atomic{probe, operator, Text(s.value)}
					expect(t, probing(t, of, there), facts, c, Unknown)
					expect(t, probing(t, of, Absent("none")), facts, c, Unknown)
					if probing(t, of, there).CheckUsage(Permit(Use, c)) == nil {
						t.Error("it can be offered")
					}
					return
				}
				holds := Atomic{probe, operator, s.right(t, operator, true)}
				expect(t, probing(t, of, there), facts, holds, True)
				expect(t, probing(t, of, there), facts, Atomic{probe, operator, s.right(t, operator, false)}, False)
				expect(t, probing(t, of, Absent("none")), facts, holds, absent)
				expect(t, probing(t, of, Left{WrongType: "nonsense", Values: there.Values}), facts, holds, Unknown)
				for _, left := range []Left{there, Absent("none")} {
					expect(t, probing(t, of, left), facts, Atomic{probe, operator, s.wrongRight}, Unknown)
					expect(t, probing(t, of, left), facts, Atomic{probe + "s", operator, Text(s.value)}, Unknown)
					expect(t, probing(t, of, left), facts, Atomic{probe, operator, List()}, Unknown)
				}
				if s.wrongLeft {
					expect(t, probing(t, of, Left{Values: []Datum{{Text: "nonsense"}, s.datum()}}), facts, holds, Unknown)
				}
				if single(operator) {
					expect(t, probing(t, of, there), facts, Atomic{probe, operator, Texts(s.value, s.other)}, Unknown)
				}
			})
		}
	}
}

// TestValuesWithoutOrder: texts are no numbers, and two lists no versions of
// one another.
func TestValuesWithoutOrder(t *testing.T) {
	facts := Facts{Point: WhileRunning, Now: noon}
	for _, operator := range ordering {
		text := Left{Values: []Datum{{Text: "high"}}}
		expect(t, probing(t, TypeScalar, text), facts, Atomic{probe, operator, Text("5")}, Unknown)
		expect(t, probing(t, TypeVersion, text), facts, Atomic{probe, operator, Text("CL-2025")}, Unknown)
		for _, left := range []Left{text, Absent("none"), {Values: []Datum{{Text: "5"}}}} {
			expect(t, probing(t, TypeScalar, left), facts, Atomic{probe, operator, Text("high")}, Unknown)
		}
	}
}
