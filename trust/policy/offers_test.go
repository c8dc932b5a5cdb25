// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

const (
	asker = "did:web:pack.example"
	trade = "urn:uuid:0b6c8f2a-7d7e-4d55-9a31-2f2f6f0f1c77"
)

var concluded = time.Date(2027, 4, 1, 9, 0, 0, 0, time.UTC)

// credential is one that an issuer gave the asker for two years.
func credential(credentialType, subject string) trust.Credential {
	return trust.Credential{
		ID: "urn:example:credential:" + credentialType, Issuer: "did:web:registrar.example", Types: []string{"VerifiableCredential", credentialType},
		ValidFrom: concluded.AddDate(0, -1, 0), ValidUntil: concluded.AddDate(2, 0, 0),
		Subject: json.RawMessage(`{"id":"` + asker + `",` + subject + `}`),
	}
}

func company(number string) trust.Credential {
	return credential(trust.CorporateIdentityCredential, `"country":"JP","identifier":[{"type":"CorporateIdentifier","scheme":"`+trust.CorporateNumber+
		`","value":"`+number+`","verifiedBy":"nta-register","primary":true}]`)
}

// scene is an offer under which an asker asks; each fault changes one thing.
type scene struct {
	offer policy.Policy
	facts policy.Facts
}

func (s *scene) declare(name string, values ...string) {
	s.facts.Declared[name] = policy.Declared{Values: values}
}

func (s *scene) undeclare(name string) { delete(s.facts.Declared, name) }

func (s *scene) credentials(change func(*trust.Credential), kind string) {
	for i := range s.facts.Claims.Credentials {
		if c := &s.facts.Claims.Credentials[i]; c.Types[1] == kind {
			change(c)
		}
	}
}

type fault struct {
	name  string
	spoil func(*scene)
}

// spoilt are the faults of a credential.
func spoilt(kind string) []fault {
	void := func(why string, lasting bool) func(*scene) {
		return func(s *scene) {
			s.facts.Void = map[string]policy.Voided{"urn:example:credential:" + kind: {Why: why, Lasting: lasting}}
		}
	}
	return []fault{
		{kind + " not shown", func(s *scene) {
			s.credentials(func(c *trust.Credential) { c.Types = []string{"VerifiableCredential", "OtherCredential"} }, kind)
		}},
		{kind + " of another company", func(s *scene) {
			s.credentials(func(c *trust.Credential) {
				c.Subject = bytes.ReplaceAll(c.Subject, []byte(asker), []byte("did:web:other.example"))
			}, kind)
		}},
		{kind + " expired", func(s *scene) {
			s.credentials(func(c *trust.Credential) { c.ValidUntil = s.facts.Now }, kind)
		}},
		{kind + " not valid yet", func(s *scene) {
			s.credentials(func(c *trust.Credential) { c.ValidFrom = s.facts.Now.Add(time.Second) }, kind)
		}},
		{kind + " revoked", void("V80: the credential was revoked", true)},
		{kind + " suspended", void("V81: the credential is suspended", false)},
	}
}

func declared(name, term, other string, forbidden ...string) []fault {
	list := []fault{
		{name + " not declared", func(s *scene) { s.undeclare(term) }},
		{name + " unreadable", func(s *scene) { s.facts.Declared[term] = policy.Declared{Unreadable: true} }},
		{"another " + name, func(s *scene) { s.declare(term, other) }},
	}
	for _, iri := range forbidden {
		list = append(list,
			fault{"forbidden " + name, func(s *scene) { s.declare(term, iri) }},
			fault{"forbidden " + name + " beside a permitted one", func(s *scene) { s.declare(term, append([]string{iri}, s.facts.Declared[term].Values...)...) }})
	}
	return list
}

func over(years int) fault {
	return fault{"time over", func(s *scene) {
		s.facts.Now = concluded.AddDate(years, 0, 0).Add(time.Second)
		for i := range s.facts.Claims.Credentials {
			s.facts.Claims.Credentials[i].ValidUntil = s.facts.Now.AddDate(1, 0, 0)
		}
	}}
}

// ofTerms are the faults of any offer.
func ofTerms() []fault {
	add := func(c policy.Constraint) func(*scene) {
		return func(s *scene) { s.offer = s.offer.Forbid("use", c) }
	}
	return []fault{
		{"unregistered term", add(policy.Atomic{Left: "https://own.example/colour", Operator: policy.Eq, Right: policy.Text("blue")})},
		{"value of a wrong type", add(policy.AtMost("three years"))},
		{"operator without meaning", add(policy.Atomic{Left: policy.LeftCount, Operator: policy.Gteq, Right: policy.Text("3")})},
		{"unregistered action", func(s *scene) { s.offer = s.offer.Forbid("https://own.example/paint") }},
		{"foreign profile", func(s *scene) { s.offer.Profile = []string{"https://profile.example/v1"} }},
		{"duty in a permission", func(s *scene) {
			s.offer = s.offer.Permit("use")
			s.offer.Permissions[len(s.offer.Permissions)-1].Duties = []policy.Rule{{Action: "inform"}}
		}},
		{"another action", func(s *scene) { s.facts.Action = policy.Sell }},
		{"use forbidden", func(s *scene) { s.offer = s.offer.Forbid("use") }},
	}
}

// offers are the published ones: what has to be known for a permit, and all
// that can be wrong.
var offers = map[string]struct {
	credentials []trust.Credential
	declared    map[string]string
	faults      [][]fault
}{
	"cfp-answer": {
		credentials: []trust.Credential{credential(trust.MembershipCredential, `"role":"consumer"`), company("7999900000002")},
		declared:    map[string]string{policy.LeftPurpose: policy.PurposeCFPAggregation, policy.LeftTradeID: trade},
		faults: [][]fault{
			spoilt(trust.MembershipCredential), spoilt(trust.CorporateIdentityCredential),
			{{"another company", func(s *scene) { s.facts.Claims.Credentials[1] = company("5999900000004") }}},
			declared("purpose", policy.LeftPurpose, policy.PurposeRegulatoryCompliance, policy.PurposePriceNegotiation),
			declared("trade", policy.LeftTradeID, "urn:uuid:11111111-7d7e-4d55-9a31-2f2f6f0f1c77"),
			{over(3), {"no agreement", func(s *scene) { s.facts.Agreed = time.Time{} }}},
			ofTerms(),
		},
	},
	"cmp-verdict": {
		credentials: []trust.Credential{credential(trust.MembershipCredential, `"role":"consumer"`), company("8999900000001")},
		declared:    map[string]string{policy.LeftPurpose: policy.PurposeSCIPNotification, policy.LeftListVersion: "CL-2026-01-21"},
		faults: [][]fault{
			spoilt(trust.MembershipCredential), spoilt(trust.CorporateIdentityCredential),
			{
				{"no supply relation", func(s *scene) { s.facts.Relations = nil }},
				{"not direct", func(s *scene) { s.facts.Relations = []string{"indirect"} }},
			},
			declared("purpose", policy.LeftPurpose, policy.PurposeProductImitation),
			declared("list version", policy.LeftListVersion, "CL-2025-6-27"),
			{{"another list", func(s *scene) { s.declare(policy.LeftListVersion, "SVHC 2026") }}},
			ofTerms(),
		},
	},
	"cmp-composition": {
		credentials: []trust.Credential{company("5999900000004")},
		declared:    map[string]string{policy.LeftPurpose: policy.PurposeRegulatoryCompliance, policy.LeftContractReference: "NDA-2026-014"},
		faults: [][]fault{
			spoilt(trust.CorporateIdentityCredential),
			{{"another company", func(s *scene) { s.facts.Claims.Credentials[0] = company("7999900000002") }}},
			declared("purpose", policy.LeftPurpose, policy.PurposeSCIPNotification, policy.PurposeProductImitation),
			declared("contract", policy.LeftContractReference, "NDA-2025-001"),
			{over(1), {"no agreement", func(s *scene) { s.facts.Agreed = time.Time{} }}},
			ofTerms(),
		},
	},
	"catena-x-pcf": {
		credentials: []trust.Credential{
			credential(trust.MembershipCredential, `"memberOf":"Catena-X"`),
			credential("DataExchangeGovernanceCredential", `"contractVersion":"1.0"`),
		},
		declared: map[string]string{policy.CatenaX + "UsagePurpose": "cx.pcf.base:1"},
		faults: [][]fault{
			spoilt(trust.MembershipCredential), spoilt("DataExchangeGovernanceCredential"),
			{{"another version of the framework", func(s *scene) {
				s.facts.Claims.Credentials[1] = credential("DataExchangeGovernanceCredential", `"contractVersion":"2.0"`)
			}}},
			declared("purpose", policy.CatenaX+"UsagePurpose", "cx.circular.dpp:1"),
			ofTerms(),
		},
	},
}

func readOffer(t *testing.T, name string) policy.Policy {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "offers", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if err := contractSchema(t).Validate(value); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	p := parse(t, string(raw))
	if err := registry.CheckUsage(p); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return p
}

// TestOffers evaluates each offer as it should come out, and with one thing
// wrong at a time; what is told stands in a golden file, to be read.
func TestOffers(t *testing.T) {
	files, err := filepath.Glob("testdata/offers/*.json")
	if err != nil || len(files) != len(offers) {
		t.Errorf("%d files, %d offers, %v", len(files), len(offers), err)
	}
	for name, o := range offers {
		t.Run(name, func(t *testing.T) {
			fresh := func() *scene {
				s := &scene{offer: readOffer(t, name), facts: policy.Facts{
					Point: policy.AtTransfer, Now: concluded.AddDate(0, 2, 0), Agreed: concluded, Relations: []string{policy.DirectSupply},
					Claims:   trust.Claims{Participant: asker, Credentials: append([]trust.Credential(nil), o.credentials...)},
					Declared: map[string]policy.Declared{},
				}}
				for term, value := range o.declared {
					s.declare(term, value)
				}
				return s
			}
			var page strings.Builder
			story(&page, fresh().offer)
			permitted(t, &page, fresh)
			told := ""
			for _, list := range o.faults {
				for _, f := range list {
					s := fresh()
					f.spoil(s)
					told += denied(t, &page, f.name, s) + "\n"
				}
			}
			everyTermDenies(t, fresh().offer, told)
			testkit.Golden(t, "trust/policy/testdata/offers/"+name+".golden", page.String())
		})
	}
}

// story writes the rules of an offer.
func story(page *strings.Builder, p policy.Policy) {
	for _, part := range []struct {
		kind  string
		rules []policy.Rule
	}{{"permitted", p.Permissions}, {"forbidden", p.Prohibitions}, {"owed", p.Obligations}} {
		for _, r := range part.rules {
			fmt.Fprintf(page, "%s: %s\n", part.kind, r)
		}
	}
}

func permitted(t *testing.T, page *strings.Builder, fresh func() *scene) {
	t.Helper()
	for point := policy.AtCatalog; point <= policy.WhileRunning; point++ {
		s := fresh()
		s.facts.Point = point
		if point < policy.AtTransfer {
			s.facts.Agreed = time.Time{}
		}
		v := registry.Compile(s.offer).Explain(&s.facts)
		if !v.Permit {
			t.Errorf("at %s: %s", point, v.Reason)
		}
		fmt.Fprintf(page, "\n== %s: permit %v\n", point, v.Permit)
		for _, d := range v.Deferred {
			fmt.Fprintf(page, "later:  %s\n", d)
		}
	}
}

// denied writes what is told of a denial, and returns what the peer hears.
func denied(t *testing.T, page *strings.Builder, name string, s *scene) string {
	t.Helper()
	v := registry.Compile(s.offer).Explain(&s.facts)
	if v.Permit || v.Reason == "" || v.Safe == "" {
		t.Errorf("%s: permit %v, reason %q, safe %q", name, v.Permit, v.Reason, v.Safe)
	}
	for _, secret := range []string{"urn:example:credential", "registrar.example", asker} {
		if strings.Contains(v.Safe, secret) {
			t.Errorf("%s: the peer is told %q", name, v.Safe)
		}
	}
	fmt.Fprintf(page, "\n== %s\nreason: %s\npeer:   %s\n", name, v.Reason, v.Safe)
	if v.Lasting {
		fmt.Fprintln(page, "for good")
	}
	return v.Safe
}

// everyTermDenies looks for a fault of each constraint of the permission.
func everyTermDenies(t *testing.T, p policy.Policy, told string) {
	t.Helper()
	for _, c := range p.Permissions[0].Constraints {
		for _, part := range c.(policy.Logical).Constraints {
			a := part.(policy.Atomic)
			if _, value, _ := strings.Cut(a.String(), " "); !strings.Contains(told, value) {
				t.Errorf("no fault makes %s fail; told is\n%s", a, told)
			}
		}
	}
}
