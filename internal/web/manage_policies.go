// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"encoding/json"

	"github.com/musubi-ods/musubi/trust/policy"
)

const exampleCheck = `{
  "policy": {"permission": [{"action": "use", "constraint": [{"leftOperand": "purpose", "operator": "eq", "rightOperand": "https://musubi-ods.github.io/musubi/policy/v1/purpose/cfp-aggregation"}]}]},
  "access": false,
  "point": "negotiation",
  "at": "2026-04-01T09:00:00Z",
  "credentials": [{"type": "MembershipCredential", "validUntil": "2027-04-01T00:00:00Z"}],
  "declared": {"purpose": ["https://musubi-ods.github.io/musubi/policy/v1/purpose/cfp-aggregation"]},
  "relations": ["direct"],
  "usage": {"started": 1, "bytes": 0}
}`

type checkInput struct {
	Policy json.RawMessage `json:"policy"`
	// Access: it is to be an access policy.
	Access bool `json:"access"`
	policy.Sample
}

func checkPolicy(c *call, in checkInput) (answer, error) {
	p, err := readPolicy("policy", in.Policy)
	if err != nil {
		return answer{}, err
	}
	point := policy.AtNegotiation
	if in.Access {
		point = policy.AtCatalog
	}
	f, err := in.Facts(point, c.m.Now().UTC())
	if err != nil {
		return answer{}, sampleProblem(err)
	}
	return answer{body: c.m.Policies.Registry.DryRun(p, in.Access, f)}, nil
}

type operandView struct {
	IRI       string        `json:"iri"`
	Prefix    bool          `json:"prefix,omitempty"` // it begins a family of names
	Name      string        `json:"name"`
	Doc       string        `json:"doc"`
	Type      policy.Type   `json:"type"`
	Operators []string      `json:"operators"`
	Source    policy.Source `json:"source"`
	From      *policy.Point `json:"from,omitempty"` // where it is known first
	Live      bool          `json:"live,omitempty"` // judged again while a transfer runs
	Enforced  bool          `json:"enforced"`
	Help      string        `json:"help,omitempty"`
}

type actionView struct {
	IRI      string `json:"iri"`
	Name     string `json:"name"`
	Doc      string `json:"doc"`
	Enforced bool   `json:"enforced"`
}

// listTerms shows what can stand in a policy.
func listTerms(c *call) (answer, error) {
	var body struct {
		Operands []operandView `json:"operands"`
		Actions  []actionView  `json:"actions"`
	}
	for _, o := range c.m.Policies.Registry.Operands() {
		v := operandView{
			IRI: o.IRI, Prefix: o.Prefix, Name: o.Name, Doc: o.Doc, Type: o.Type, Operators: o.Operators, Source: o.Source,
			Live: o.Live, Enforced: !o.AgreedOnly, Help: o.Help,
		}
		if v.Operators == nil {
			v.Operators = o.Type.Operators()
		}
		if !o.AgreedOnly {
			v.From = &o.From
		}
		body.Operands = append(body.Operands, v)
	}
	for _, a := range c.m.Policies.Registry.Actions() {
		body.Actions = append(body.Actions, actionView(a))
	}
	return answer{body: body}, nil
}
