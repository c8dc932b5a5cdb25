// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// claimsOf makes the claims of aHolder from worlds.
func claimsOf(t *testing.T, worlds ...*world) Claims {
	t.Helper()
	claims := Claims{Participant: aHolder, Profile: "dcp", Proved: aDay}
	for _, w := range worlds {
		if err := w.judge(t); err != nil {
			t.Fatal(err)
		}
		claims.Credentials = append(claims.Credentials, w.credential)
	}
	return claims
}

// TestClaims reads each type into its struct.
func TestClaims(t *testing.T) {
	company := aCompany()
	company.add(LEI, "506700GE1G29325QX363")
	company.add(DUNS, "150483782")["verifiedBy"] = "self"
	claims := claimsOf(t, aMembership(), company, anEvaluation())

	members := claims.Memberships()
	if len(members) != 1 || members[0].Of != ourDataspace || members[0].Number != "M-1" ||
		!slices.Equal(members[0].Roles, []string{"provider", "consumer"}) || members[0].Since.IsZero() ||
		members[0].Type != DataspaceMember || members[0].Credential.Issuer != "did:web:issuer.example" {
		t.Errorf("memberships %+v", members)
	}
	identity, ok := claims.CorporateIdentity()
	if !ok || identity.LegalName["ja"] != "例示工業株式会社" || identity.Country != "JP" || identity.Onboarding != "seal-certificate" ||
		len(identity.Identifiers) != 3 || identity.Identifiers[1].VerifiedBy != "gleif" || identity.Credential.ID != "urn:uuid:c" {
		t.Errorf("company %+v", identity)
	}
	if primary, ok := claims.Primary(); !ok || primary.String() != "iso6523:0188:7123456789012" {
		t.Errorf("primary %v", primary)
	}
	want := []Identifier{{CorporateNumber, "7123456789012"}, {LEI, "506700GE1G29325QX363"}}
	if diff := cmp.Diff(want, claims.Identifiers()); diff != "" {
		t.Errorf("identifiers, without what the company alone says (-want +got):\n%s", diff)
	}
	evaluations := claims.SecurityEvaluations()
	if len(evaluations) != 1 || evaluations[0].Level != 4 || !evaluations[0].Known() || evaluations[0].Assessor.Identifier.Value != "8999900000001" ||
		evaluations[0].AssessedAt != "2026-11-01" || evaluations[0].Scope != "the whole organisation" {
		t.Errorf("evaluations %+v", evaluations)
	}
}

// TestClaimsOfOthers: only credentials of exactly the type, about exactly the
// participant, speak.
func TestClaimsOfOthers(t *testing.T) {
	for name, change := range map[string]func(*world){
		"a type that begins alike": func(w *world) { w.credential.Types = []string{w.credential.Types[1] + "X"} },
		"a part of the type":       func(w *world) { w.credential.Types = []string{"Credential", "VerifiableCredential"} },
		"about another":            func(w *world) { w.subject["id"] = "did:web:b.example" },
		"about nobody":             func(w *world) { delete(w.subject, "id") },
		"no JSON":                  func(w *world) { w.credential.Subject = json.RawMessage(`{`) },
	} {
		t.Run(name, func(t *testing.T) {
			claims := Claims{Participant: aHolder}
			for _, w := range []*world{aMembership(), aCompany(), anEvaluation()} {
				change(w)
				if w.credential.Subject == nil {
					w.credential.Subject, _ = json.Marshal(w.subject)
				}
				claims.Credentials = append(claims.Credentials, w.credential)
			}
			_, company := claims.CorporateIdentity()
			_, primary := claims.Primary()
			if company || primary || claims.Identifiers() != nil || claims.Memberships() != nil || claims.SecurityEvaluations() != nil ||
				claims.Value(CorporateIdentityCredential, "country") != nil {
				t.Error("they speak")
			}
		})
	}
}

// TestContradictions: two companies are none, one company twice is one.
func TestContradictions(t *testing.T) {
	other := aCompany()
	other.first()["value"] = "8999900000001"
	claims := claimsOf(t, aCompany(), other)
	if primary, ok := claims.Primary(); ok {
		t.Errorf("two companies are taken for %v", primary)
	}
	claims = claimsOf(t, aCompany(), aCompany())
	if primary, ok := claims.Primary(); !ok || primary.Value != "7123456789012" {
		t.Errorf("one company twice is %v", primary)
	}
	if list := claims.Identifiers(); len(list) != 1 {
		t.Errorf("identifiers %v", list)
	}
}

// TestMembershipOfOthers: the subject of another implementation may say
// nothing that we know, or say it in its own way.
func TestMembershipOfOthers(t *testing.T) {
	for name, subject := range map[string]string{
		"id alone":       `{"id":"did:web:a.example"}`,
		"members of its": `{"id":"did:web:a.example","membership":{"since":"2023-01-01T00:00:00Z"},"memberOf":"X","type":"Other"}`,
		"as a list":      `[{"id":"did:web:a.example"}]`,
	} {
		t.Run(name, func(t *testing.T) {
			c := Credential{ID: "urn:uuid:c", Types: []string{MembershipCredential}, Subject: json.RawMessage(subject)}
			if err := (Domain{Now: aDay}).Check(c); err != nil {
				t.Error(err)
			}
			if err := (Domain{Dataspace: ourDataspace, Now: aDay}).Check(c); err == nil {
				t.Error("it is taken for a membership of ours")
			}
			if got := (Claims{Participant: aHolder, Credentials: []Credential{c}}).Memberships(); len(got) != 1 || got[0].ID != aHolder {
				t.Errorf("memberships %+v", got)
			}
		})
	}
}

func TestValue(t *testing.T) {
	company := aCompany()
	company.add(LEI, "506700GE1G29325QX363")
	claims := claimsOf(t, company, anEvaluation())
	for _, c := range []struct {
		credentialType, path string
		want                 []any
	}{
		{CorporateIdentityCredential, "country", []any{"JP"}},
		{CorporateIdentityCredential, "identifier.value", []any{"7123456789012", "506700GE1G29325QX363"}},
		{CorporateIdentityCredential, "identifier.primary", []any{true}},
		{CorporateIdentityCredential, "legalName.ja", []any{"例示工業株式会社"}},
		{CorporateIdentityCredential, "Country", nil},
		{CorporateIdentityCredential, "country.x", nil},
		{CorporateIdentityCredential, "", []any{map[string]any(nil)}}, // the subject, compared below
		{SecurityEvaluationCredential, "level", []any{json.Number("4")}},
		{SecurityEvaluationCredential, "assessor.identifier.value", []any{"8999900000001"}},
		{MembershipCredential, "role", nil},
		{"Credential", "country", nil},
	} {
		got := claims.Value(c.credentialType, c.path)
		if c.path == "" {
			if len(got) != 1 || got[0].(map[string]any)["id"] != aHolder {
				t.Errorf("the subject: %v", got)
			}
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", c.credentialType, c.path, diff)
		}
	}
}

// TestWrittenAndRead: a subject that a program makes of the structs is good,
// and is read as it was.
func TestWrittenAndRead(t *testing.T) {
	membership := Membership{ID: aHolder, Type: DataspaceMember, Of: ourDataspace, Number: "M-1", Since: aDay, Roles: []string{"provider"}}
	company := CorporateIdentity{
		ID: aHolder, Type: Corporation, LegalName: map[string]string{"ja": "例示工業株式会社"}, Country: "JP", Onboarding: "gbizid-prime",
		Identifiers: []VerifiedIdentifier{{
			Type: "CorporateIdentifier", Identifier: Identifier{CorporateNumber, "7123456789012"},
			VerifiedBy: "nta-register", VerifiedAt: aDay, Primary: true,
		}},
	}
	evaluation := SecurityEvaluation{
		ID: aHolder, Scheme: SCS, Edition: "2026-03-27", Level: 3, Assessment: SelfWithExpert,
		AssessedAt: "2026-11-01", Registration: "R-1", Scope: "all",
	}
	claims := Claims{Participant: aHolder}
	for credentialType, subject := range map[string]any{
		MembershipCredential: membership, CorporateIdentityCredential: company, SecurityEvaluationCredential: evaluation,
	} {
		w := aCredential(credentialType, nil)
		w.credential.Subject, _ = json.Marshal(subject)
		w.credential.ValidUntil = aDay.AddDate(0, 6, 0)
		if err := w.judge(t); err != nil {
			t.Error(err)
		}
		claims.Credentials = append(claims.Credentials, w.credential)
	}
	gotCompany, _ := claims.CorporateIdentity()
	gotMembership, gotEvaluation := claims.Memberships()[0], claims.SecurityEvaluations()[0]
	gotCompany.Credential, gotMembership.Credential, gotEvaluation.Credential = Credential{}, Credential{}, Credential{}
	for _, pair := range [][2]any{{membership, gotMembership}, {company, gotCompany}, {evaluation, gotEvaluation}} {
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("(-written +read):\n%s", diff)
		}
	}
}
