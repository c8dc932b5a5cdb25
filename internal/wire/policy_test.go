// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestPolicyNormalForm: policies that say the same are equal once parsed.
func TestPolicyNormalForm(t *testing.T) {
	const want = `{"permission":[{"action":"use","constraint":[{"leftOperand":"http://www.w3.org/ns/odrl/2/spatial","operator":"isAnyOf","rightOperand":"5"}]}]}`
	for name, text := range map[string]string{
		"prefixed":           `{"permission":[{"action":"odrl:use","constraint":[{"leftOperand":"odrl:spatial","operator":"odrl:isAnyOf","rightOperand":"5"}]}]}`,
		"full IRIs":          `{"permission":[{"action":"http://www.w3.org/ns/odrl/2/use","constraint":[{"leftOperand":"http://www.w3.org/ns/odrl/2/spatial","operator":"http://www.w3.org/ns/odrl/2/isAnyOf","rightOperand":"5"}]}]}`,
		"a number":           `{"permission":[{"action":"use","constraint":[{"leftOperand":"odrl:spatial","operator":"isAnyOf","rightOperand":5}]}]}`,
		"a list of one":      `{"permission":[{"action":"use","constraint":[{"leftOperand":"odrl:spatial","operator":"isAnyOf","rightOperand":["5"]}]}]}`,
		"empty lists beside": `{"prohibition":[],"obligation":[],"permission":[{"action":"use","constraint":[{"leftOperand":"odrl:spatial","operator":"isAnyOf","rightOperand":"5"}]}]}`,
	} {
		p, err := ParsePolicy([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := p.Compact()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if string(got) != want {
			t.Errorf("%s: got  %s\nwant %s", name, got, want)
		}
	}
}

// TestCompactNormalisesWhatWeMade: our own policies need no parsing to be in
// normal form.
func TestCompactNormalisesWhatWeMade(t *testing.T) {
	p := Policy{ID: "urn:o", Type: PolicyOffer, Permission: []Rule{{Action: "odrl:use", Constraint: []Constraint{{
		LeftOperand: "odrl:dateTime", Operator: "odrl:lteq", RightOperand: json.RawMessage(`[{"@value":"2026-11-23","@type":"xsd:date"}]`),
	}}}}}
	got, err := p.Compact()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"@id":"urn:o","@type":"Offer","permission":[{"action":"use","constraint":[{"leftOperand":"http://www.w3.org/ns/odrl/2/dateTime","operator":"lteq","rightOperand":{"@type":"http://www.w3.org/2001/XMLSchema#date","@value":"2026-11-23"}}]}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestNoConditionGetsLost: what the model does not hold stays visible.
func TestNoConditionGetsLost(t *testing.T) {
	const text = `{"@id":"o","@type":"Offer","refinement":"r","permission":[{"action":"use","duty":[{"action":"x"}],"https://example.org/a":1,
		"constraint":[{"leftOperand":"x","operator":"eq","rightOperand":"y","unit":"kg"},{"leftOperand":"left","and":[{"leftOperand":"x","operator":"eq","rightOperand":"y"}]}]}]}`
	p, err := ParsePolicy([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	rule := p.Permission[0]
	for _, c := range []struct {
		extra Extra
		want  Extra
	}{
		{p.Extra, Extra{"refinement": json.RawMessage(`"r"`)}},
		{rule.Extra, Extra{"http://www.w3.org/ns/odrl/2/duty": json.RawMessage(`{"action":"x"}`), "https://example.org/a": json.RawMessage(`1`)}},
		{rule.Constraint[0].Extra, Extra{"unit": json.RawMessage(`"kg"`)}},
		{rule.Constraint[1].Extra, Extra{"http://www.w3.org/ns/odrl/2/leftOperand": json.RawMessage(`"left"`)}},
	} {
		if diff := cmp.Diff(c.want, c.extra); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
	compact, err := p.Compact()
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{`"refinement"`, `"odrl:duty"`, `"unit"`, `"odrl:leftOperand"`, `"https://example.org/a"`} {
		if !strings.Contains(string(compact), word) {
			t.Errorf("%s is lost in %s", word, compact)
		}
	}
}

// TestConstraintShapes has the oneOf of contract-schema.json decided as the
// schema does.
func TestConstraintShapes(t *testing.T) {
	const atomic, list = `"leftOperand":"x","operator":"eq","rightOperand":"y"`, `[{"leftOperand":"x","operator":"eq","rightOperand":"y"}]`
	for _, c := range []struct {
		name, members string
		ok            bool
	}{
		{"atomic", atomic, true},
		{"logical", `"and":` + list, true},
		{"neither", `"x":1`, false},
		{"both", atomic + `,"and":` + list, false},
		{"two logical ones", `"or":` + list + `,"and":` + list, false},
		{"atomic beside a broken logical one", atomic + `,"and":"x"`, true},
		{"atomic beside two logical ones", atomic + `,"or":` + list + `,"and":` + list, true},
		{"logical beside a broken atomic one", `"operator":"eq","and":` + list, true},
		{"logical over nothing", `"and":[]`, true},
		{"one instead of a list", `"xone":{` + atomic + `}`, true},
		{"null operand", `"leftOperand":"x","operator":"eq","rightOperand":null`, false},
		{"boolean operand", `"leftOperand":"x","operator":"eq","rightOperand":true`, true},
		{"unknown operator", `"leftOperand":"x","operator":"like","rightOperand":"y"`, false},
	} {
		_, err := ParsePolicy([]byte(`{"permission":[{"action":"use","constraint":[{` + c.members + `}]}]}`))
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestAnyPolicySurvivesItsCompactForm builds policies at random.
func TestAnyPolicySurvivesItsCompactForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Policy{
			ID:         "urn:uuid:1",
			Type:       rapid.SampledFrom([]string{PolicyOffer, PolicyAgreement}).Draw(t, "type"),
			Target:     rapid.StringN(1, 20, 40).Draw(t, "target"),
			Profile:    rapid.SliceOfN(rapid.String(), 1, 3).Draw(t, "profile"),
			Permission: rapid.SliceOfN(anyRule(), 1, 3).Draw(t, "permission"),
		}
		compact, err := p.Compact()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParsePolicy(compact)
		if err != nil {
			t.Fatalf("%v\n%s", err, compact)
		}
		if diff := cmp.Diff(p, again); diff != "" {
			t.Fatalf("(-made +parsed)\n%s\n%s", diff, compact)
		}
	})
}

func anyRule() *rapid.Generator[Rule] {
	return rapid.Custom(func(t *rapid.T) Rule {
		rule := Rule{Action: rapid.SampledFrom([]string{"use", "https://example.org/read"}).Draw(t, "action")}
		for range rapid.IntRange(0, 2).Draw(t, "constraints") {
			rule.Constraint = append(rule.Constraint, anyConstraint(t, 3))
		}
		return rule
	})
}

func anyConstraint(t *rapid.T, depth int) (c Constraint) {
	if depth == 0 || rapid.Bool().Draw(t, "atomic") {
		return Constraint{
			LeftOperand:  rapid.SampledFrom([]string{"partner", "https://example.org/ns/tier"}).Draw(t, "left"),
			Operator:     rapid.SampledFrom(operators).Draw(t, "operator"),
			RightOperand: json.RawMessage(appendQuoted(nil, rapid.String().Draw(t, "right"))),
		}
	}
	nested := make([]Constraint, rapid.IntRange(1, 3).Draw(t, "nested"))
	for i := range nested {
		nested[i] = anyConstraint(t, depth-1)
	}
	*c.operands(rapid.SampledFrom(logicals).Draw(t, "logical")) = nested
	return c
}
