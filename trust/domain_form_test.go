// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
)

// TestValidateSubject tells all that is wrong at once.
func TestValidateSubject(t *testing.T) {
	d := Domain{Now: aDay}
	for credentialType, good := range map[string]func() *world{
		MembershipCredential: aMembership, CorporateIdentityCredential: aCompany, SecurityEvaluationCredential: anEvaluation,
	} {
		w := good()
		delete(w.subject, "id") // the issuer sets it
		raw, _ := json.Marshal(w.subject)
		if err := ValidateSubject(credentialType, raw, d); err != nil {
			t.Errorf("%s: %v", credentialType, err)
		}
	}
	for _, c := range []struct {
		credentialType, subject string
		want                    []string // path and check of each fault
	}{
		{MembershipCredential, `{}`, []string{"type V79", "dataspace C01", "membershipNumber V79", "membershipStartDate C02", "role C02"}},
		{MembershipCredential, `[]`, []string{"subject V79"}},
		{MembershipCredential, `{"a":1`, []string{"subject V79"}},
		{
			CorporateIdentityCredential,
			`{"legalName":{"ja":""},"country":"JP","onboardingMethod":"self","identifier":[
			  {"scheme":"iso6523:0188","value":"１２３","verifiedBy":"self","verifiedAt":"2026-11-01T00:00:00Z","primary":true},
			  {"scheme":"iso6523:0199","value":"x","verifiedBy":"gleif"}]}`,
			[]string{
				"legalName.ja C18", "onboardingMethod V79", "identifier[0].value C04", "identifier[1].verifiedAt C11",
				"identifier[1].value C06", "identifier[0] C03",
			},
		},
		{
			SecurityEvaluationCredential, `{"securityScheme":"urn:jp:scs","level":5,"assessmentType":"third-party","evaluationScope":"all"}`,
			[]string{"schemeVersion V79", "level C14", "assessor C14", "assessedAt V79", "registrationNumber V79"},
		},
		{"OtherCredential", `{"anything":1}`, nil},
		{"OtherCredential", `1`, []string{"subject V79"}},
	} {
		err := ValidateSubject(c.credentialType, json.RawMessage(c.subject), d)
		var faults Faults
		if err != nil && !errors.As(err, &faults) {
			t.Fatalf("%T", err)
		}
		var got []string
		for _, f := range faults {
			got = append(got, f.Path+" "+f.Check)
			if f.Text == "" || !strings.Contains(err.Error(), f.Text) {
				t.Errorf("%v is not told in %v", f, err)
			}
		}
		if strings.Join(got, ", ") != strings.Join(c.want, ", ") {
			t.Errorf("%s %s:\n got %v\nwant %v", c.credentialType, c.subject, got, c.want)
		}
	}
	if err := ValidateSubject(MembershipCredential, json.RawMessage(`{"dataspace":"https://other.example/"}`), Domain{Dataspace: ourDataspace, Now: aDay}); !strings.Contains(err.Error(), "ours is") {
		t.Error(err)
	}
}

// TestFields: a form has each member that the code demands, and none that it
// does not know.
func TestFields(t *testing.T) {
	first := regexp.MustCompile(`^[A-Za-z]+`)
	for credentialType, empty := range map[string]string{
		MembershipCredential: `{}`, SecurityEvaluationCredential: `{"assessor":{}}`,
		CorporateIdentityCredential: `{"identifier":[{}]}`,
	} {
		fields := Fields(credentialType)
		required := map[string]bool{}
		for _, f := range fields {
			if f.Help == "" || f.Name == "" {
				t.Errorf("%s: %+v", credentialType, f)
			}
			required[first.FindString(f.Name)] = f.Required || required[first.FindString(f.Name)]
		}
		var faults Faults
		errors.As(ValidateSubject(credentialType, json.RawMessage(empty), Domain{Now: aDay}), &faults)
		missing := map[string]bool{}
		for _, f := range faults {
			missing[first.FindString(f.Path)] = true
		}
		delete(missing, "assessor") // required for some assessments only
		for name := range missing {
			if !required[name] {
				t.Errorf("%s: %s is demanded, and no form asks for it", credentialType, name)
			}
		}
		for name, need := range required {
			if need && !missing[name] {
				t.Errorf("%s: the form demands %s, the code does not", credentialType, name)
			}
		}
	}
	if Fields("Other") != nil {
		t.Error("a form for a type that we do not know")
	}
}

func TestEvidence(t *testing.T) {
	good := Evidence{Kind: "registry-extract", Reference: "file 1", At: aDay, By: "registrar"}
	if err := good.Check(aDay); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Evidence){
		"kind": func(e *Evidence) { e.Kind = "self" }, "reference": func(e *Evidence) { e.Reference = " " },
		"by": func(e *Evidence) { e.By = "a\u202eb" }, "at": func(e *Evidence) { e.At = aDay.AddDate(0, 0, 1) },
	} {
		e := good
		change(&e)
		var faults Faults
		if !errors.As(e.Check(aDay), &faults) || len(faults) != 1 || faults[0].Path != name {
			t.Errorf("%s: %v", name, faults)
		}
	}
	var faults Faults
	if !errors.As(Evidence{}.Check(aDay), &faults) || len(faults) != 4 {
		t.Errorf("nothing at all: %v", faults)
	}
}

// TestLatestEnd is what an issuer asks before it issues.
func TestLatestEnd(t *testing.T) {
	for _, c := range []struct{ credentialType, subject, want string }{
		{MembershipCredential, `{}`, "2027-11-10"},
		{CorporateIdentityCredential, `{}`, "2027-11-10"},
		{SecurityEvaluationCredential, `{"securityScheme":"urn:jp:scs","level":3,"assessedAt":"2026-06-01"}`, "2027-06-02"},
		{SecurityEvaluationCredential, `{"securityScheme":"urn:jp:scs","level":4,"assessedAt":"2026-06-01"}`, "2029-06-02"},
		{SecurityEvaluationCredential, `{"securityScheme":"urn:example:other","level":4}`, "2029-11-10"},
		{"OtherCredential", `{}`, "0001-01-01"},
	} {
		if got := LatestEnd(c.credentialType, json.RawMessage(c.subject), aDay).Format("2006-01-02"); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.credentialType, c.subject, got, c.want)
		}
	}
}
