// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// FuzzPermit takes offers in any shape of JSON-LD through to a verdict: nothing
// panics, and a rule that applies never permits with a term that nobody
// registered. The registry is asked again, rule by rule, so that the verdict
// is not its own witness.
func FuzzPermit(f *testing.F) {
	message := func(offer string) []byte {
		return []byte(`{"@context":["` + ContextURL + `"],"@type":"ContractRequestMessage","@id":"urn:m","consumerPid":"urn:c",` +
			`"callbackAddress":"https://c.example","offer":` + offer + `}`)
	}
	for _, offer := range []string{
		`{"@id":"urn:o","@type":"Offer","target":"urn:d","permission":[{"action":"use"}]}`,
		`{"@id":"urn:o","@type":"Offer","target":"urn:d","permission":[{"action":"use","constraint":[{"leftOperand":"x:y","operator":"eq","rightOperand":"1"}]}]}`,
		`{"@id":"urn:o","@type":"Offer","target":"urn:d","permission":[{"action":"use","constraint":[{"or":[{"leftOperand":"dateTime","operator":"gt","rightOperand":"2000-01-01"},{"leftOperand":"x:y","operator":"eq","rightOperand":"1"}]}]}]}`,
		`{"@id":"urn:o","@type":"Offer","target":"urn:d","odrl:permission":{"odrl:action":{"@id":"odrl:use"},"odrl:constraint":{"odrl:leftOperand":{"@id":"odrl:dateTime"},"odrl:operator":{"@id":"odrl:lt"},"odrl:rightOperand":{"@value":"2100-01-01","@type":"xsd:date"}}}}`,
		`{"@id":"urn:o","@type":"Offer","target":"urn:d","permission":[{"action":"use"}],"prohibition":[{"action":"x:fly"}]}`,
		`{"@id":"urn:o","@type":"Offer","target":"urn:d","permission":[{"action":"use"}],"obligation":[{"action":"delete","constraint":[{"leftOperand":"x:y","operator":"eq","rightOperand":"1"}]}]}`,
		`{"@id":"urn:o","@type":"Offer","target":"urn:d","profile":"https://x.example/","permission":[{"action":"use"}]}`,
	} {
		f.Add(message(offer))
	}
	known := policy.NewRegistry()
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := DecodeAs[*ContractRequest](body)
		if err != nil {
			return
		}
		compact, err := m.Offer.Compact()
		if err != nil {
			return
		}
		p, err := policy.Parse(compact)
		if err != nil {
			return
		}
		declared := policy.ReadDeclared(map[string]json.RawMessage(m.Extra))
		for at := policy.AtCatalog; at <= policy.WhileRunning; at++ {
			facts := &policy.Facts{
				Point: at, Now: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), Agreed: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
				Claims: trust.Claims{Participant: "did:web:c.example"}, Declared: declared, Relations: []string{policy.DirectSupply},
			}
			v := known.Compile(p).Explain(facts)
			if v.Permit != known.Compile(p).Permits(facts) {
				t.Fatalf("%s: permitted and not at %s", compact, at)
			}
			if term := strange(known, p); v.Permit && term != "" {
				t.Fatalf("%s: permitted at %s with %s", compact, at, term)
			}
		}
	})
}

// strange returns a term in a rule that binds who uses the data and that is
// not in the registry.
func strange(known *policy.Registry, p policy.Policy) string {
	names := map[string]bool{}
	for _, o := range known.Operands() {
		names[o.IRI] = true
	}
	actions := map[string]bool{}
	for _, a := range known.Actions() {
		actions[a.IRI] = true
	}
	var walk func(list []policy.Constraint) string
	walk = func(list []policy.Constraint) string {
		for _, c := range list {
			switch c := c.(type) {
			case policy.Logical:
				if term := walk(c.Constraints); term != "" {
					return term
				}
			case policy.Atomic:
				if !names[c.Left] && !isClaim(c.Left) {
					return c.Left
				}
			}
		}
		return ""
	}
	for _, rules := range [][]policy.Rule{p.Permissions, p.Prohibitions, p.Obligations} {
		for i := range rules {
			r := &rules[i]
			if !actions[r.Action] {
				return r.Action
			}
			obliged := len(p.Obligations) > 0 && &rules[0] == &p.Obligations[0]
			if r.Action != policy.Use && !obliged {
				continue
			}
			if term := walk(r.Constraints); term != "" {
				return term
			}
		}
	}
	return ""
}

func isClaim(term string) bool {
	return len(term) > len(policy.LeftClaim) && term[:len(policy.LeftClaim)] == policy.LeftClaim
}
