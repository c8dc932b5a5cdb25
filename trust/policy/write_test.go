// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"bytes"
	"testing"

	"github.com/musubi-ods/musubi/internal/jcs"
	"github.com/musubi-ods/musubi/trust/policy"
)

func parse(t testing.TB, text string) policy.Policy {
	t.Helper()
	p, err := policy.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// write is JSON of a policy that can be written.
func write(t interface{ Fatal(...any) }, p policy.Policy) []byte {
	text, err := p.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestJSON(t *testing.T) {
	agreement := policy.Permit("use",
		atomic("odrl:dateTime", "odrl:lteq", policy.Text("2027-01-01T00:00:00Z")),
		policy.Logical{Op: policy.Or, Constraints: []policy.Constraint{
			atomic("https://own.example/b", policy.IsAnyOf, policy.Texts("y", "x")),
			atomic("https://own.example/a", policy.Eq, policy.Reference("urn:x:1")),
		}})
	agreement.ID, agreement.Type, agreement.Target = "urn:uuid:1", "Agreement", `a "quoted" id`
	agreement.Assigner, agreement.Assignee, agreement.Timestamp = "p", "c", "2026-04-01T09:00:00Z"
	agreement.Profile = []string{"https://profile.example/v1"}
	for name, tc := range map[string]struct {
		in              policy.Policy
		json, canonical string
	}{
		"nothing": {policy.Policy{}, `{}`, `{}`},
		"permit":  {policy.Permit("use"), `{"permission":[{"action":"use"}]}`, `{"permission":[{"action":"use"}]}`},
		"terms become absolute": {
			policy.Permit("read", atomic("purpose", policy.Eq, policy.Text("x"))),
			`{"permission":[{"action":"` + odrl + `read","constraint":[{"leftOperand":"` + odrl + `purpose","operator":"eq","rightOperand":"x"}]}]}`,
			`{"permission":[{"action":"` + odrl + `read","constraint":[{"leftOperand":"` + odrl + `purpose","operator":"eq","rightOperand":"x"}]}]}`,
		},
		"all of a frame": {
			agreement,
			`{"@id":"urn:uuid:1","@type":"Agreement","assignee":"c","assigner":"p","permission":[{"action":"use","constraint":[` +
				`{"leftOperand":"` + odrl + `dateTime","operator":"lteq","rightOperand":"2027-01-01T00:00:00Z"},` +
				`{"or":[{"leftOperand":"https://own.example/b","operator":"isAnyOf","rightOperand":["y","x"]},` +
				`{"leftOperand":"https://own.example/a","operator":"eq","rightOperand":{"@id":"urn:x:1"}}]}]}],` +
				`"profile":"https://profile.example/v1","target":"a \"quoted\" id","timestamp":"2026-04-01T09:00:00Z"}`,
			`{"permission":[{"action":"use","constraint":[` +
				`{"leftOperand":"` + odrl + `dateTime","operator":"lteq","rightOperand":"2027-01-01T00:00:00Z"},` +
				`{"or":[{"leftOperand":"https://own.example/a","operator":"eq","rightOperand":{"@id":"urn:x:1"}},` +
				`{"leftOperand":"https://own.example/b","operator":"isAnyOf","rightOperand":["x","y"]}]}]}],` +
				`"profile":"https://profile.example/v1"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := string(write(t, tc.in)); got != tc.json {
				t.Errorf("JSON\ngot  %s\nwant %s", got, tc.json)
			}
			if got := string(tc.in.Canonical()); got != tc.canonical {
				t.Errorf("Canonical\ngot  %s\nwant %s", got, tc.canonical)
			}
		})
	}
}

// TestHashIsStable pins the hash: agreements keep it for years.
func TestHashIsStable(t *testing.T) {
	const want = "10dab1642ee4c44fcb71f689419036ea72183fbc58ab4fbf1768b86b72a39fbc"
	if got := policy.Permit("use").Hash(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if sum, err := jcs.Hash([]byte(`{"permission":[{"action":"use"}]}`)); err != nil || sum != want {
		t.Errorf("by RFC 8785: %s, %v", sum, err)
	}
}

func TestEqual(t *testing.T) {
	const a, b = `{"leftOperand":"x:a","operator":"eq","rightOperand":"1"}`, `{"leftOperand":"x:b","operator":"eq","rightOperand":"2"}`
	in := func(right string) string {
		return one(`{"leftOperand":"x:a","operator":"isAnyOf","rightOperand":` + right + `}`)
	}
	for name, tc := range map[string]struct {
		a, b string
		same bool
	}{
		"frame":                 {`{"@id":"1","target":"t","assigner":"p","permission":[{"action":"use"}]}`, `{"@id":"2","@type":"Offer","permission":[{"action":"use"}]}`, true},
		"order of rules":        {`{"permission":[{"action":"a"},{"action":"b"}]}`, `{"permission":[{"action":"b"},{"action":"a"}]}`, true},
		"order of constraints":  {one(a + "," + b), one(b + "," + a), true},
		"order under and":       {one(`{"and":[` + a + "," + b + `]}`), one(`{"and":[` + b + "," + a + `]}`), true},
		"order under or":        {one(`{"or":[` + a + "," + b + `]}`), one(`{"or":[` + b + "," + a + `]}`), true},
		"order under xone":      {one(`{"xone":[` + a + "," + b + `]}`), one(`{"xone":[` + b + "," + a + `]}`), true},
		"order in a sequence":   {one(`{"andSequence":[` + a + "," + b + `]}`), one(`{"andSequence":[` + b + "," + a + `]}`), false},
		"order under sequence":  {one(`{"andSequence":[{"or":[` + a + "," + b + `]},` + a + `]}`), one(`{"andSequence":[{"or":[` + b + "," + a + `]},` + a + `]}`), true},
		"order of values":       {in(`["x","y"]`), in(`["y","x"]`), true},
		"value twice":           {in(`["x","y","x"]`), in(`["y","x"]`), true},
		"one value in a list":   {in(`["x"]`), in(`"x"`), true},
		"number and text":       {in(`5.0`), in(`"5"`), true},
		"order of members":      {in(`{"a":1,"b":2}`), in(`{"b":2,"a":1}`), true},
		"ordered list":          {in(`{"@list":["a","b"]}`), in(`{"@list":["b","a"]}`), false},
		"prefixed reference":    {in(`{"@id":"odrl:x"}`), in(`{"@id":"http://www.w3.org/ns/odrl/2/x"}`), true},
		"case of a language":    {in(`{"@value":"x","@language":"de-AT"}`), in(`{"@value":"x","@language":"DE-at"}`), true},
		"text and reference":    {in(`"urn:x"`), in(`{"@id":"urn:x"}`), false},
		"text and its encoding": {in(`"{\"@id\":\"urn:x\"}"`), in(`{"@id":"urn:x"}`), false},
		"another value":         {in(`"x"`), in(`"X"`), false},
		"one value more":        {in(`["x","y"]`), in(`["x"]`), false},
		"another operand":       {one(a), one(b), false},
		"and is not or":         {one(`{"and":[` + a + "," + b + `]}`), one(`{"or":[` + a + "," + b + `]}`), false},
		"xone of two alike":     {one(`{"xone":[` + a + "," + a + `]}`), one(`{"xone":[` + a + `]}`), false},
		"constraint or none":    {one(a), `{"permission":[{"action":"use"}]}`, false},
		"permit and prohibit":   {`{"permission":[{"action":"use"}]}`, `{"prohibition":[{"action":"use"}]}`, false},
		"an obligation more":    {`{"permission":[{"action":"use"}]}`, `{"permission":[{"action":"use"}],"obligation":[{"action":"use"}]}`, false},
		"a duty more":           {`{"permission":[{"action":"use"}]}`, `{"permission":[{"action":"use","duty":[{"action":"use"}]}]}`, false},
		"profile":               {`{"profile":"urn:x","permission":[{"action":"use"}]}`, `{"permission":[{"action":"use"}]}`, false},
		"order of profiles":     {`{"profile":["urn:x","urn:y"]}`, `{"profile":["urn:y","urn:x"]}`, true},
		"one profile in a list": {`{"profile":["urn:x"]}`, `{"profile":"urn:x"}`, true},
		"prefix and IRI":        {`{"permission":[{"action":"odrl:read"}]}`, `{"permission":[{"action":"` + odrl + `read"}]}`, true},
		"word and IRI":          {`{"permission":[{"action":"read"}]}`, `{"permission":[{"action":"` + odrl + `read"}]}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := parse(t, tc.a), parse(t, tc.b)
			if policy.Equal(a, b) != tc.same || policy.Equal(b, a) != tc.same || (a.Hash() == b.Hash()) != tc.same {
				t.Errorf("same should be %v\n%s\n%s", tc.same, a.Canonical(), b.Canonical())
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"@id":"1","@type":"Offer","permission":[{"action":"use"}]}`))
	f.Add([]byte(one(`{"or":[{"leftOperand":"a","operator":"isAnyOf","rightOperand":["b",1,{"@id":"c"}]},{"and":{"leftOperand":"d","operator":"lt","rightOperand":1.5}}]}`)))
	f.Add([]byte(`{"profile":["a","b"],"prohibition":[{"action":"odrl:read","duty":[{"action":"use"}]}],"obligation":[{"action":"x"}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		p, err := policy.Parse(in)
		if err != nil {
			return
		}
		again, err := policy.Parse(write(t, p))
		if err != nil || !policy.Equal(p, again) || again.ID != p.ID || again.Target != p.Target {
			t.Fatalf("JSON lost something: %s -> %s, %v", in, write(t, p), err)
		}
		rules, err := policy.Parse(p.Canonical())
		if err != nil || !policy.Equal(p, rules) || !bytes.Equal(rules.Canonical(), p.Canonical()) {
			t.Fatalf("Canonical is no fixed point: %s -> %s, %v", in, p.Canonical(), err)
		}
		for _, out := range [][]byte{write(t, p), p.Canonical()} {
			if strict, err := jcs.Transform(out); err != nil || !bytes.Equal(strict, out) {
				t.Fatalf("not RFC 8785: %s, %v", out, err)
			}
		}
	})
}
