// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/trust/policy"
)

const odrl = policy.Namespace

func atomic(left, operator string, right policy.Value) policy.Atomic {
	return policy.Atomic{Left: left, Operator: operator, Right: right}
}

// one wraps a constraint in the smallest policy around it.
func one(constraint string) string {
	return `{"permission":[{"action":"use","constraint":[` + constraint + `]}]}`
}

func TestParseFrame(t *testing.T) {
	got, err := policy.Parse([]byte(`{
	  "@context": ["https://w3id.org/dspace/2025/1/context.jsonld"],
	  "@id": "urn:uuid:1", "@type": "odrl:Agreement", "target": "asset-1",
	  "assigner": "did:web:p.example", "assignee": "did:web:c.example", "timestamp": "2026-04-01T09:00:00Z",
	  "profile": "https://profile.example/v1", "obligation": [], "prohibition": null,
	  "permission": [{"@type": "Permission", "action": "odrl:use"}],
	  "dspace:callbackAddress": "https://c.example/"
	}`))
	if err != nil {
		t.Fatal(err)
	}
	want := policy.Permit("use")
	want.ID, want.Type, want.Target = "urn:uuid:1", "Agreement", "asset-1"
	want.Assigner, want.Assignee, want.Timestamp = "did:web:p.example", "did:web:c.example", "2026-04-01T09:00:00Z"
	want.Profile = []string{"https://profile.example/v1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestParseConstraint gives each spelling that peers use, and what it means.
func TestParseConstraint(t *testing.T) {
	a, b := atomic("x:a", policy.Eq, policy.Text("1")), atomic("x:b", policy.Eq, policy.Text("2"))
	const jsonA = `{"leftOperand":"x:a","operator":"eq","rightOperand":"1"}`
	const jsonB = `{"leftOperand":"x:b","operator":"eq","rightOperand":"2"}`
	right := func(v policy.Value) policy.Constraint { return atomic("x:a", policy.Eq, v) }
	object := func(text string) policy.Value {
		p, err := policy.Parse([]byte(one(`{"leftOperand":"x:a","operator":"eq","rightOperand":` + text + `}`)))
		if err != nil {
			t.Fatal(err)
		}
		return p.Permissions[0].Constraints[0].(policy.Atomic).Right
	}
	for name, tc := range map[string]struct {
		json string
		want policy.Constraint
	}{
		"plain":                 {jsonA, a},
		"typed":                 {`{"@type":"Constraint","@id":"_:b0",` + jsonA[1:], a},
		"operator with prefix":  {strings.Replace(jsonA, `"eq"`, `"odrl:eq"`, 1), a},
		"operator as IRI":       {strings.Replace(jsonA, `"eq"`, `"`+odrl+`eq"`, 1), a},
		"operand bare":          {strings.Replace(jsonA, "x:a", "dateTime", 1), atomic(odrl+"dateTime", policy.Eq, policy.Text("1"))},
		"operand with prefix":   {strings.Replace(jsonA, "x:a", "odrl:dateTime", 1), atomic(odrl+"dateTime", policy.Eq, policy.Text("1"))},
		"operand of a peer":     {strings.Replace(jsonA, "x:a", "inForceDate", 1), atomic("inForceDate", policy.Eq, policy.Text("1"))},
		"operand in dct":        {strings.Replace(jsonA, "x:a", "dct:language", 1), atomic("http://purl.org/dc/terms/language", policy.Eq, policy.Text("1"))},
		"and":                   {`{"and":[` + jsonA + `,` + jsonB + `]}`, policy.Logical{Op: policy.And, Constraints: []policy.Constraint{a, b}}},
		"and without its list":  {`{"and":` + jsonA + `}`, policy.Logical{Op: policy.And, Constraints: []policy.Constraint{a}}},
		"or without its list":   {`{"or":` + jsonA + `}`, policy.Logical{Op: policy.Or, Constraints: []policy.Constraint{a}}},
		"xone":                  {`{"xone":[` + jsonA + `],"and":null}`, policy.Logical{Op: policy.Xone, Constraints: []policy.Constraint{a}}},
		"sequence":              {`{"andSequence":[` + jsonB + `,` + jsonA + `]}`, policy.Logical{Op: policy.AndSequence, Constraints: []policy.Constraint{b, a}}},
		"nested":                {`{"or":[{"and":[` + jsonA + `]},` + jsonB + `]}`, policy.Logical{Op: policy.Or, Constraints: []policy.Constraint{policy.Logical{Op: policy.And, Constraints: []policy.Constraint{a}}, b}}},
		"number":                {strings.Replace(jsonA, `"1"`, `1`, 1), a},
		"number with fraction":  {strings.Replace(jsonA, `"1"`, `1.50`, 1), right(policy.Text("1.5"))},
		"number with zero":      {strings.Replace(jsonA, `"1"`, `1.0e0`, 1), a},
		"number small":          {strings.Replace(jsonA, `"1"`, `1e-30`, 1), right(policy.Text("1e-30"))},
		"number negative zero":  {strings.Replace(jsonA, `"1"`, `-0.0`, 1), right(policy.Text("0"))},
		"boolean":               {strings.Replace(jsonA, `"1"`, `true`, 1), right(policy.Text("true"))},
		"list":                  {strings.Replace(jsonA, `"1"`, `["1",2,false]`, 1), right(policy.Texts("1", "2", "false"))},
		"list of one":           {strings.Replace(jsonA, `"1"`, `["1"]`, 1), a},
		"value object":          {strings.Replace(jsonA, `"1"`, `{"@value":"1"}`, 1), a},
		"value object, number":  {strings.Replace(jsonA, `"1"`, `{"@value":1}`, 1), a},
		"value object, string":  {strings.Replace(jsonA, `"1"`, `{"@value":"1","@type":"xsd:string"}`, 1), a},
		"value object, typed":   {strings.Replace(jsonA, `"1"`, `{"@type":"xsd:int","@value":1}`, 1), right(object(`{"@value":"1","@type":"http://www.w3.org/2001/XMLSchema#int"}`))},
		"reference":             {strings.Replace(jsonA, `"1"`, `{"@id":"urn:x"}`, 1), right(policy.Reference("urn:x"))},
		"empty text":            {strings.Replace(jsonA, `"1"`, `""`, 1), right(policy.Text(""))},
		"text that looks typed": {strings.Replace(jsonA, `"1"`, `"odrl:use"`, 1), right(policy.Text("odrl:use"))},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := policy.Parse([]byte(one(tc.json)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(policy.Permit("use", tc.want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseRules(t *testing.T) {
	got, err := policy.Parse([]byte(`{
	  "permission": [{"action": "read", "duty": [{"action": "odrl:compensate"}], "constraint": []}],
	  "prohibition": [{"action": "https://own.example/resell"}],
	  "obligation": [{"action": "delete"}]
	}`))
	if err != nil {
		t.Fatal(err)
	}
	want := policy.Policy{
		Permissions:  []policy.Rule{{Action: odrl + "read", Duties: []policy.Rule{{Action: odrl + "compensate"}}}},
		Prohibitions: []policy.Rule{{Action: "https://own.example/resell"}},
		Obligations:  []policy.Rule{{Action: odrl + "delete"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseRefuses(t *testing.T) {
	const atom = `{"leftOperand":"x:a","operator":"eq","rightOperand":"1"}`
	with := func(right string) string { return one(strings.Replace(atom, `"1"`, right, 1)) }
	for name, tc := range map[string]struct {
		json  string
		want  error
		place string
	}{
		"not JSON":               {`{`, policy.ErrMalformed, ""},
		"a list":                 {`[]`, policy.ErrMalformed, ""},
		"null":                   {`null`, policy.ErrMalformed, ""},
		"a member twice":         {`{"permission":[],"permission":[{"action":"use"}]}`, policy.ErrMalformed, ""},
		"text behind":            {`{} {}`, policy.ErrMalformed, ""},
		"permission an object":   {`{"permission":{"action":"use"}}`, policy.ErrMalformed, "permission"},
		"permission a text":      {`{"permission":"use"}`, policy.ErrMalformed, "permission"},
		"rule a text":            {`{"permission":["use"]}`, policy.ErrMalformed, "permission[0]"},
		"rule null":              {`{"permission":[null]}`, policy.ErrMalformed, "permission[0]"},
		"no action":              {`{"permission":[{}]}`, policy.ErrMalformed, "permission[0].action"},
		"action an object":       {`{"permission":[{"action":{"@id":"use"}}]}`, policy.ErrMalformed, "permission[0].action"},
		"target a number":        {`{"target":1}`, policy.ErrMalformed, "target"},
		"type a list":            {`{"@type":["Offer"]}`, policy.ErrMalformed, "@type"},
		"profile with number":    {`{"profile":["a",1]}`, policy.ErrMalformed, "profile"},
		"profile empty":          {`{"profile":[""]}`, policy.ErrMalformed, "profile[0]"},
		"rules in other words":   {`{"odrl:permission":[{"action":"use"}]}`, policy.ErrUnsupported, "odrl:permission"},
		"rules as IRI":           {`{"` + odrl + `prohibition":[{"action":"use"}]}`, policy.ErrUnsupported, odrl + "prohibition"},
		"inheritance":            {`{"inheritFrom":"urn:x"}`, policy.ErrUnsupported, "inheritFrom"},
		"target in a rule":       {`{"permission":[{"action":"use","target":"x"}]}`, policy.ErrUnsupported, "permission[0].target"},
		"a name of nothing":      {`{"permission":[{"":1}]}`, policy.ErrUnsupported, `permission[0].""`},
		"a name with controls":   {`{"permission":[{"[\u001b]":1}]}`, policy.ErrUnsupported, `permission[0]."[\x1b]"`},
		"a name of any length":   {`{"permission":[{"` + strings.Repeat("x", 9999) + `":1}]}`, policy.ErrUnsupported, `permission[0]."xxx`},
		"remedy":                 {`{"prohibition":[{"action":"use"},{"action":"use","remedy":[]}]}`, policy.ErrUnsupported, "prohibition[1].remedy"},
		"duty's constraint":      {`{"permission":[{"action":"use","duty":[{"action":"a","constraint":[1]}]}]}`, policy.ErrMalformed, "permission[0].duty[0].constraint[0]"},
		"constraint an object":   {`{"permission":[{"action":"use","constraint":` + atom + `}]}`, policy.ErrMalformed, "permission[0].constraint"},
		"constraint a text":      {one(`"x"`), policy.ErrMalformed, "permission[0].constraint[0]"},
		"constraint empty":       {one(`{}`), policy.ErrMalformed, "permission[0].constraint[0].rightOperand"},
		"both shapes":            {one(`{"and":[` + atom + `],` + atom[1:]), policy.ErrMalformed, "permission[0].constraint[0]"},
		"two logical":            {one(`{"and":[` + atom + `],"or":[` + atom + `]}`), policy.ErrMalformed, "permission[0].constraint[0]"},
		"joins nothing":          {one(`{"or":[]}`), policy.ErrMalformed, "permission[0].constraint[0].or"},
		"joins a text":           {one(`{"or":"x"}`), policy.ErrMalformed, "permission[0].constraint[0].or[0]"},
		"fault in depth":         {one(`{"or":[` + atom + `,{"and":[` + atom + `,{"xone":[1]}]}]}`), policy.ErrMalformed, "permission[0].constraint[0].or[1].and[1].xone[0]"},
		"operator unknown":       {one(strings.Replace(atom, `"eq"`, `"in"`, 1)), policy.ErrMalformed, "permission[0].constraint[0].operator"},
		"operator by other case": {one(strings.Replace(atom, `"eq"`, `"EQ"`, 1)), policy.ErrMalformed, "permission[0].constraint[0].operator"},
		"no operator":            {one(`{"leftOperand":"a","rightOperand":"1"}`), policy.ErrMalformed, "permission[0].constraint[0].operator"},
		"no left operand":        {one(`{"operator":"eq","rightOperand":"1"}`), policy.ErrMalformed, "permission[0].constraint[0].leftOperand"},
		"member by other case":   {one(strings.Replace(atom, "leftOperand", "LeftOperand", 1)), policy.ErrUnsupported, "permission[0].constraint[0].LeftOperand"},
		"refinement":             {one(`{"unit":"kg",` + atom[1:]), policy.ErrUnsupported, "permission[0].constraint[0].unit"},
		"refinement of and":      {one(`{"and":` + atom + `,"unit":"kg"}`), policy.ErrUnsupported, "permission[0].constraint[0].unit"},
		"right null":             {with(`null`), policy.ErrMalformed, "permission[0].constraint[0].rightOperand"},
		"right empty list":       {with(`[]`), policy.ErrMalformed, "permission[0].constraint[0].rightOperand"},
		"right nested list":      {with(`[["a"]]`), policy.ErrMalformed, "permission[0].constraint[0].rightOperand[0]"},
		"right list with null":   {with(`["a",null]`), policy.ErrMalformed, "permission[0].constraint[0].rightOperand[1]"},
		"right @value object":    {with(`{"@value":{}}`), policy.ErrMalformed, "permission[0].constraint[0].rightOperand.@value"},
		"right too exact":        {with(`1234567890.123456`), policy.ErrUnsupported, "permission[0].constraint[0].rightOperand"},
		"right too exact inside": {with(`{"a":[{"b":0.1234567890123456}]}`), policy.ErrUnsupported, "permission[0].constraint[0].rightOperand.a[0].b"},
		"right underflow":        {with(`1e-310`), policy.ErrUnsupported, "permission[0].constraint[0].rightOperand"},
		"right to zero":          {with(`1e-9999`), policy.ErrUnsupported, "permission[0].constraint[0].rightOperand"},
		"right overflow":         {with(`1e999`), policy.ErrMalformed, ""},
		"too deep":               {one(strings.Repeat(`{"and":[`, 17) + atom + strings.Repeat(`]}`, 17)), policy.ErrTooLarge, ""},
		"a thousand deep":        {one(strings.Repeat(`{"and":[`, 1000) + atom + strings.Repeat(`]}`, 1000)), policy.ErrTooLarge, ""},
		"too many":               {one(strings.Repeat(atom+",", 4096) + atom), policy.ErrTooLarge, ""},
		"too many values":        {with(`[` + strings.Repeat(`"",`, 4096) + `""]`), policy.ErrTooLarge, "permission[0].constraint[0].rightOperand"},
		"too long when written":  {`{"permission":[` + strings.Repeat(`{"action":"odrl:`+strings.Repeat("x", 40)+`"},`, 4000) + `{"action":"use"}]}`, policy.ErrTooLarge, ""},
		"too long":               {`{"@id":"` + strings.Repeat("x", 256<<10) + `"}`, policy.ErrTooLarge, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := policy.Parse([]byte(tc.json))
			if !errors.Is(err, tc.want) {
				t.Fatalf("got %v, want %v", err, tc.want)
			}
			if !strings.HasPrefix(err.Error(), "policy: "+tc.place) || len(err.Error()) > 400 {
				t.Errorf("%.400s does not name %s", err, tc.place)
			}
			if diff := cmp.Diff(policy.Policy{}, p); diff != "" {
				t.Errorf("a refused policy was returned: %s", diff)
			}
		})
	}
}

func TestPolicyInsideAMessage(t *testing.T) {
	var message struct {
		Offer policy.Policy `json:"offer"`
	}
	if err := json.Unmarshal([]byte(`{"offer":{"@id":"o","permission":[{"action":"use"}]}}`), &message); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"offer":{"@id":"o","permission":[{"action":"use"}]}}`; string(out) != want {
		t.Errorf("got %s, want %s", out, want)
	}
	if err := json.Unmarshal([]byte(`{"offer":{"permission":[{}]}}`), &message); !errors.Is(err, policy.ErrMalformed) {
		t.Errorf("got %v", err)
	}
}
