// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/trust/policy"
)

const (
	hiddenAtomic = `{"leftOperand":"odrl:purpose","operator":"eq","rightOperand":"x"}`
	hiddenRule   = `{"action":"use","constraint":[` + hiddenAtomic + `]}`
	hiddenNo     = `{"@id":"urn:o","odrl:prohibition":[{"odrl:action":{"@id":"odrl:use"}}]}`
)

// hiding is a request whose offer says more than a permission to use under one
// constraint, where a reader could miss it.
type hiding struct {
	name    string
	context string // beside that of DSP
	message string // members of the message
	offer   string // members of the offer beside its permission
	rule    string // members of the permission beside action and constraint
	atomic  string // members of the constraint
	reason  string // a part of what must be said, or parts between bars
	kept    bool   // or else the policy holds a prohibition
}

var hidings = []hiding{
	{name: "another node with a prohibition in a graph", message: `"@graph":[` + hiddenNo + `]`, reason: "@graph"},
	{name: "a graph in the offer", offer: `"@graph":[` + hiddenNo + `]`, reason: "@graph"},
	{name: "an included node", message: `"@included":[` + hiddenNo + `]`, reason: "@included"},
	{name: "an included node in the offer", offer: `"@included":[` + hiddenNo + `]`, reason: "@included"},
	{name: "a reverse property of the offer", offer: `"@reverse":{"odrl:inheritFrom":{"@id":"urn:p"}}`, reason: "@reverse"},
	{name: "a reverse property of the constraint", atomic: `"@reverse":{"odrl:refinement":{"@id":"urn:p"}}`, reason: "@reverse"},
	{name: "nested members", offer: `"@nest":{"prohibition":[{"action":"use"}]}`, reason: "@nest"},
	{name: "nested members of the rule", rule: `"@nest":{"odrl:duty":[{"action":"x"}]}`, reason: "@nest"},
	{name: "an index", rule: `"@index":"x"`, reason: "@index"},
	{name: "a keyword that is none", rule: `"@obligation":[{"action":"x"}]`, reason: "@obligation"},
	{name: "the offer described again beside it", message: `"https://own.example/x":` + hiddenNo, reason: "two places"},
	{name: "a rule described again beside it", message: `"https://own.example/x":{"@id":"urn:r","odrl:constraint":[` + hiddenAtomic + `]}`, rule: `"@id":"urn:r"`, reason: "two places"},
	{name: "a blank constraint described again", message: `"https://own.example/x":{"@id":"_:c","odrl:refinement":[` + hiddenAtomic + `]}`, atomic: `"@id":"_:c"`, reason: "two places"},

	{name: "a refinement of the constraint", atomic: `"odrl:refinement":[` + hiddenAtomic + `]`, reason: "refinement"},
	{name: "a refinement under a bare name", atomic: `"refinement":[` + hiddenAtomic + `]`, reason: "refinement"},
	{name: "a refinement of the offer", offer: `"odrl:refinement":[` + hiddenAtomic + `]`, reason: "refinement"},
	{name: "a unit of the constraint", atomic: `"unit":"kg"`, reason: "unit"},
	{name: "a status of the constraint by its IRI", atomic: `"http://www.w3.org/ns/odrl/2/status":"5"`, reason: "status"},
	{name: "a datatype of the constraint", atomic: `"odrl:dataType":"xsd:date"`, reason: "dataType"},
	{name: "a target of the rule", rule: `"target":"urn:other"`, reason: "target"},
	{name: "a prefixed target of the rule", rule: `"odrl:target":{"@id":"urn:other"}`, reason: "target"},
	{name: "an assignee of the rule", rule: `"assignee":"did:web:x.example"`, reason: "assignee"},
	{name: "a duty of the rule", rule: `"duty":[{"action":"x"}]`, reason: "duty"},
	{name: "a member of the rule that nobody defines", rule: `"verbot":true`, reason: "verbot"},
	{name: "a rule of another type", rule: `"@type":"Prohibition"`, reason: "@type"},
	{name: "a rule of two types", rule: `"@type":["Permission","odrl:Prohibition"]`, reason: "@type"},
	{name: "inheritance of the offer", offer: `"odrl:inheritFrom":{"@id":"urn:p"}`, reason: "inheritFrom"},
	{name: "a conflict strategy under a bare name", offer: `"conflict":"perm"`, reason: "conflict"},
	{name: "several assignees of the offer", offer: `"assignee":["did:web:a.example","did:web:b.example"]`, reason: "assignee"},
	{name: "a group with conditions as assignee", offer: `"assignee":{"@id":"urn:g","odrl:refinement":[` + hiddenAtomic + `]}`, reason: "assignee"},

	{name: "a permission under two names", offer: `"odrl:permission":[{"action":"use"}]`, reason: "permission"},
	{name: "a prohibition under a prefixed name", offer: `"odrl:prohibition":[{"action":"use"}]`, reason: "prohibition", kept: true},
	{name: "a prohibition under two prefixed names", offer: `"odrl:prohibition":[{"action":"use"}],"http://www.w3.org/ns/odrl/2/prohibition":[]`, reason: "prohibition"},
	{name: "constraints under two names", rule: `"http://www.w3.org/ns/odrl/2/constraint":[` + hiddenAtomic + `]`, reason: "constraint"},
	{name: "an operand under two names", atomic: `"odrl:rightOperand":"y"`, reason: "rightOperand"},
	{name: "an action under two names", rule: `"odrl:action":{"@id":"odrl:read"}`, reason: "action"},
	{name: "an offer under two names", message: `"dspace:offer":` + hiddenNo, reason: "offer"},
	{name: "an atomic and a logical constraint in one", atomic: `"odrl:or":[` + hiddenAtomic + `]`, reason: "or"},

	{name: "a term aliased to @nest", context: `{"verbot":"@nest"}`, offer: `"verbot":{"prohibition":[{"action":"use"}]}`, reason: "@nest"},
	{name: "a term aliased to @included", context: `{"verbot":"@included"}`, message: `"verbot":[` + hiddenNo + `]`, reason: "@included"},
	{name: "a term aliased to @graph", context: `{"verbot":{"@id":"@graph"}}`, message: `"verbot":[` + hiddenNo + `]`, reason: "@graph"},
	{name: "a term aliased to @type", context: `{"verbot":"@type"}`, rule: `"verbot":"odrl:Prohibition"`, reason: "@type"},
	{name: "a term that reverses", context: `{"gilt":{"@reverse":"odrl:inheritFrom"}}`, offer: `"gilt":{"@id":"urn:p"}`, reason: "@reverse"},
	{name: "a term that is null", context: `{"verbot":null}`, offer: `"verbot":[{"action":"use"}]`, reason: "null"},
	{name: "a term whose id is null", context: `{"refinement":{"@id":null}}`, atomic: `"refinement":[` + hiddenAtomic + `]`, reason: "null"},
	{name: "a vocabulary that is null", context: `{"@vocab":null}`, atomic: `"refinement":[` + hiddenAtomic + `]`, reason: "null"},
	{name: "an own name for the refinement", context: `{"feiner":"odrl:refinement"}`, atomic: `"feiner":[` + hiddenAtomic + `]`, reason: "refinement"},
	{name: "a vocabulary that defines refinement", context: `{"@vocab":"http://www.w3.org/ns/odrl/2/"}`, atomic: `"refinement":[` + hiddenAtomic + `]`, reason: "refinement"},
	{name: "an index container", context: `{"verbot":{"@id":"odrl:remedy","@container":"@index"}}`, rule: `"verbot":{"a":{"action":"x"}}`, reason: "@index"},
	{name: "a type container", context: `{"verbot":{"@id":"odrl:remedy","@container":["@type","@set"]}}`, rule: `"verbot":{"Duty":{"action":"x"}}`, reason: "@type"},
	{name: "a graph container", context: `{"verbot":{"@id":"odrl:remedy","@container":"@graph"}}`, rule: `"verbot":{"action":"x"}`, reason: "@graph"},
	{name: "an own prefix for what the model lacks", context: `{"o":"http://www.w3.org/ns/odrl/2/"}`, rule: `"o:remedy":[{"action":"x"}]`, reason: "remedy"},
	{name: "a context for what stands inside", rule: `"@context":{"verbot":"odrl:duty"},"verbot":[{"action":"x"}]`, reason: "@context|duty"},
	{name: "a scoped context that takes prohibition away", context: `{"x":{"@id":"dspace:offer","@context":{"prohibition":"https://own.example/x"}}}`, offer: `"prohibition":[{"action":"use"}]`, reason: "protected"},
	{name: "a foreign context that may define a member", context: `"https://own.example/terms.jsonld"`, offer: `"verbot":[{"action":"use"}]`, reason: "https://own.example/terms.jsonld"},
	{name: "a foreign context that may define an operand", context: `"https://own.example/terms.jsonld"`, offer: `"prohibition":[{"action":"read"}]`, reason: "https://own.example/terms.jsonld"},
	{name: "two lists as one sequence", context: `{"o":"http://www.w3.org/ns/odrl/2/"}`, offer: `"o:prohibition":[{"@list":[{"action":"use"}]},{"@list":[{"action":"read"}]}]`, reason: "an object"},

	{name: "an action with a refinement", offer: `"prohibition":[{"action":{"@id":"odrl:use","odrl:refinement":[` + hiddenAtomic + `]}}]`, reason: "prohibition[0].action"},
	{name: "an action with rdf:value", offer: `"prohibition":[{"action":{"http://www.w3.org/1999/02/22-rdf-syntax-ns#value":{"@id":"odrl:use"},"odrl:refinement":[` + hiddenAtomic + `]}}]`, reason: "prohibition[0].action"},
	{name: "an action with a bare refinement", context: `{}`, offer: `"prohibition":[{"action":{"@id":"odrl:use","refinement":[` + hiddenAtomic + `]}}]`, reason: "prohibition[0].action"},
	{name: "two actions", offer: `"prohibition":[{"action":["use","odrl:read"]}]`, reason: "prohibition[0].action"},
	{name: "a rule by its id alone", offer: `"prohibition":["urn:r"]`, reason: "prohibition[0]"},
	{name: "a rule that is an empty object", offer: `"prohibition":[{}]`, reason: "prohibition[0].action"},
	{name: "an action like a keyword", context: `{}`, offer: `"profile":["@home","urn:p"]`, reason: "@home"},
}

func (h hiding) body(context string) string {
	members := func(first, more string) string {
		if more == "" {
			return first
		}
		return first + "," + more
	}
	for _, c := range []string{h.context, context} {
		if c != "" {
			context = "," + c
			break
		}
	}
	atomic := members(strings.Trim(hiddenAtomic, "{}"), h.atomic)
	rule := members(`"action":"use","constraint":[{`+atomic+`}]`, h.rule)
	offer := members(`"@id":"urn:o","@type":"Offer","target":"urn:d","permission":[{`+rule+`}]`, h.offer)
	message := members(`"consumerPid":"urn:c","callbackAddress":"https://c.example","offer":{`+offer+`}`, h.message)
	return `{"@context":["` + ContextURL + `"` + context + `],"@type":"ContractRequestMessage",` + message + `}`
}

// TestNothingIsHidden reads each of them plainly and by expansion: it is
// refused, or what was carried is refused by those who judge the policy.
func TestNothingIsHidden(t *testing.T) {
	if p, err := readOfferOf(t, hiding{}.body("")); err != nil || len(p.Permissions) != 1 || len(p.Permissions[0].Constraints) == 0 {
		t.Fatalf("the offer that hides nothing: %v", err)
	}
	for _, h := range hidings {
		for way, context := range map[string]string{"plainly": "", "by expansion": `{"forced":"https://own.example/forced"}`} {
			if h.context != "" && way == "plainly" {
				continue
			}
			t.Run(h.name+"/"+way, func(t *testing.T) {
				body := h.body(context)
				p, err := readOfferOf(t, body)
				if err == nil && h.kept && len(p.Permissions) == 1 && len(p.Prohibitions) == 1 {
					return
				}
				if err == nil {
					t.Fatalf("read as\n%s\n%s", p.Canonical(), body)
				}
				if !slices.ContainsFunc(strings.Split(h.reason, "|"), func(part string) bool { return strings.Contains(err.Error(), part) }) {
					t.Errorf("says %v, which does not name %s\n%s", err, h.reason, body)
				}
			})
		}
	}
}

// readOfferOf reads an offer as far as those who judge it.
func readOfferOf(t *testing.T, body string) (policy.Policy, error) {
	t.Helper()
	d, err := Decode([]byte(body), TypeContractRequest)
	if err != nil {
		if e := AsError(err); e.Reason == "" {
			t.Error("no reason")
		}
		return policy.Policy{}, err
	}
	compact, err := policyOf(d.Message).Compact()
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Parse(compact)
	if err != nil && !errors.Is(err, policy.ErrUnsupported) && !errors.Is(err, policy.ErrMalformed) {
		t.Errorf("refused for another cause: %v", err)
	}
	return p, err
}

// TestOrderOfSequencesIsKept in every form of a list.
func TestOrderOfSequencesIsKept(t *testing.T) {
	const a, b = `{"leftOperand":"https://own.example/a","operator":"eq","rightOperand":"1"}`, `{"leftOperand":"https://own.example/b","operator":"eq","rightOperand":"1"}`
	for _, join := range []string{"andSequence", "xone"} {
		for _, form := range []string{
			`"` + join + `":[%,%]`, `"` + join + `":{"@list":[%,%]}`, `"odrl:` + join + `":[%,%]`, `"odrl:` + join + `":{"@list":[%,%]}`,
			`"odrl:` + join + `":[{"@list":[%,%]}]`, `"` + join + `":{"@set":[%,%]}`,
		} {
			read := func(first, second string) []Constraint {
				h := hiding{offer: `"prohibition":[{"action":"use","constraint":[{` + strings.Replace(strings.Replace(form, "%", first, 1), "%", second, 1) + `}]}]`}
				d := mustDecode(t, []byte(h.body("")), TypeContractRequest)
				return *policyOf(d.Message).Prohibition[0].Constraint[0].operands(join)
			}
			for _, order := range [][2]string{{a, b}, {b, a}} {
				got := read(order[0], order[1])
				if len(got) != 2 || !strings.Contains(order[0], got[0].LeftOperand) || !strings.Contains(order[1], got[1].LeftOperand) {
					t.Errorf("%s: %+v", form, got)
				}
			}
		}
	}
}
