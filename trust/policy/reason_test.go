// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/trust"
)

// TestReasons are sentences that no published offer brings about.
func TestReasons(t *testing.T) {
	direct := func(f *Facts) { f.Relations = []string{DirectSupply} }
	for name, tc := range map[string]struct {
		in     Policy
		point  Point
		facts  func(*Facts)
		reason string
	}{
		"none of an or": {
			Permit(Use, AnyOf(DirectCustomer(), AllOf(ActiveMember(), Times(1)))), AtTransfer, nil,
			"permission[0]: or(supplyRelation eq direct, and(membership eq active, count lteq 1)) does not hold: supplyRelation: the provider's records know no relation to the consumer, and: membership: the consumer has shown no MembershipCredential",
		},
		"two of a xone": {
			Permit(Use, OneOf(DirectCustomer(), Times(1))), AtTransfer, direct,
			"permission[0]: xone(supplyRelation eq direct, count lteq 1) does not hold: 2 of these hold, and one may",
		},
		"two permissions": {
			Permit(Use, DirectCustomer()).Permit(Use, Times(-1)), AtTransfer, nil,
			"permission[0]: supplyRelation eq direct does not hold: the provider's records know no relation to the consumer; or permission[1]: count lteq -1 does not hold: it is 0",
		},
		"not what is let pass here": {
			Permit(Use, DirectCustomer(), ForPurpose("x:p")).Forbid(Use, ForPurpose("x:q")), AtCatalog, nil,
			"permission[0]: supplyRelation eq direct does not hold: the provider's records know no relation to the consumer",
		},
		"a prohibition that nothing rules out": {
			Permit(Use).Forbid(Use, ForPurpose("x:q"), AnyOf(DirectCustomer(), Times(-1))), AtTransfer, nil,
			"prohibition[0] forbids the action use where purpose isAnyOf [x:q] and or(supplyRelation eq direct, count lteq -1), and nothing rules that out: " +
				"the consumer declared no purpose; the provider's records know no relation to the consumer",
		},
		"a prohibition that is met": {
			Permit(Use, ActiveMember()).Forbid(Use, DirectCustomer()), AtTransfer, direct,
			"prohibition[0] forbids the action use where supplyRelation eq direct: it is direct (by the provider's records)",
		},
		"no permission": {Permit(Derive), AtTransfer, nil, "no rule permits the action use"},
	} {
		t.Run(name, func(t *testing.T) {
			f := Facts{Point: tc.point, Now: noon, Agreed: signed}
			if tc.facts != nil {
				tc.facts(&f)
			}
			v := terms.Compile(tc.in).Explain(&f)
			if diff := cmp.Diff(tc.reason, v.Reason); diff != "" || v.Permit {
				t.Errorf("permit %v: %s", v.Permit, diff)
			}
		})
	}
}

func TestSentencesAreBounded(t *testing.T) {
	p := Permit(Use)
	for range 500 {
		p = p.When(ForTrade("x:" + strings.Repeat("道", 20)))
	}
	v := terms.Compile(p).Explain(&Facts{Point: AtTransfer, Now: noon})
	if len(v.Reason) > maxReason || len(v.Safe) > maxSafe || !strings.HasSuffix(v.Safe, "…") || strings.ToValidUTF8(v.Safe, "") != v.Safe {
		t.Errorf("%d bytes of reason, safe %q", len(v.Reason), v.Safe)
	}
}

// TestAbsenceIsLasting: only while no credential of the kind can come back.
func TestAbsenceIsLasting(t *testing.T) {
	const m, f = "urn:uuid:m", "urn:uuid:f"
	revoked, suspended := Voided{Why: "V80: revoked", Lasting: true}, Voided{Why: "V81: suspended"}
	signedRules := Permit(Use, Atomic{LeftFrameworkAgreement, Eq, Text("F:1")})
	for name, tc := range map[string]struct {
		in   Policy
		void map[string]Voided
		also []trust.Credential
		want bool
	}{
		"revoked":                                {Permit(Use, ActiveMember()), map[string]Voided{m: revoked}, nil, true},
		"suspended":                              {Permit(Use, ActiveMember()), map[string]Voided{m: suspended}, nil, false},
		"revoked, and another suspended":         {Permit(Use, ActiveMember()), map[string]Voided{m: revoked, "n": suspended}, []trust.Credential{showing("n", trust.MembershipCredential, `"role":"consumer"`)}, false},
		"suspended, and another revoked":         {Permit(Use, ActiveMember()), map[string]Voided{m: suspended, "n": revoked}, []trust.Credential{showing("n", trust.MembershipCredential, `"role":"consumer"`)}, false},
		"revoked beside what never said it":      {signedRules, map[string]Voided{f: revoked}, nil, true},
		"revoked beside a membership that could": {signedRules, map[string]Voided{f: revoked, m: suspended}, nil, false},
		"one is enough to be judged for good":    {Permit(Use, ActiveMember(), DirectCustomer()), map[string]Voided{m: revoked}, nil, true},
		"one of an or is not":                    {Permit(Use, AnyOf(ActiveMember(), DirectCustomer())), map[string]Voided{m: revoked}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			facts := known()
			facts.Void, facts.Relations = tc.void, nil
			facts.Claims.Credentials = append(facts.Claims.Credentials, tc.also...)
			if v := terms.Compile(tc.in).Explain(&facts); v.Permit || v.Lasting != tc.want {
				t.Errorf("permit %v, lasting %v, want %v: %s", v.Permit, v.Lasting, tc.want, v.Reason)
			}
		})
	}
}

func TestReadDeclared(t *testing.T) {
	for name, tc := range map[string]struct {
		in   string
		want map[string]Declared
	}{
		"a text":              {`{"odrl:purpose":"x:p"}`, map[string]Declared{LeftPurpose: {Values: []string{"x:p"}}}},
		"a value and an id":   {`{"x:a":[{"@value":"1"},{"@id":"x:2"},"3"]}`, map[string]Declared{"x:a": {Values: []string{"1", "x:2", "3"}}}},
		"one in two names":    {`{"odrl:purpose":"x:p","purpose":"x:q"}`, map[string]Declared{LeftPurpose: {Values: []string{"x:p", "x:q"}}}},
		"a number":            {`{"x:a":5}`, map[string]Declared{"x:a": {Unreadable: true}}},
		"null":                {`{"x:a":null}`, map[string]Declared{"x:a": {Unreadable: true}}},
		"a list in a list":    {`{"x:a":["1",["2"]]}`, map[string]Declared{"x:a": {Unreadable: true}}},
		"one that is no text": {`{"x:a":["1",{"b":"c"}]}`, map[string]Declared{"x:a": {Values: []string{"1"}, Unreadable: true}}},
		"nothing in a list":   {`{"x:a":[]}`, map[string]Declared{"x:a": {}}},
	} {
		t.Run(name, func(t *testing.T) {
			var members map[string]json.RawMessage
			if err := json.Unmarshal([]byte(tc.in), &members); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, ReadDeclared(members)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestDeclaredTextIsNoIRI: a contract's number is compared as it is, though it
// looks like a term.
func TestDeclaredTextIsNoIRI(t *testing.T) {
	for _, text := range []string{"read", "dct:NDA-1", "odrl:use"} {
		f := Facts{Point: AtTransfer, Now: noon, Declared: map[string]Declared{LeftContractReference: {Values: []string{text}}}}
		if v := terms.Compile(Permit(Use, UnderContract(text))).Explain(&f); !v.Permit {
			t.Error(v.Reason)
		}
	}
}
