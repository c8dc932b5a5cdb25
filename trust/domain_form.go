// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// ValidateSubject judges the subject of a credential that is to be issued, as
// a person or a program filled it in. Its id may be missing: the issuer sets
// it. All that is wrong is told at once, as Faults. Types that we do not know
// need only be a JSON object.
func ValidateSubject(credentialType string, subject json.RawMessage, d Domain) error {
	members := membersOf(subject)
	if members == nil || len(subject) > maxSubject {
		return Faults{{Path: "subject", Check: "V79", Text: "must be a JSON object of at most 64 KiB"}}
	}
	var faults Faults
	judge{d, true}.subject(credentialType, object{members: members, faults: &faults})
	if len(faults) == 0 {
		return nil
	}
	return faults
}

// Field is a member of a subject, for a form.
type Field struct {
	Name     string   `json:"name"` // dotted; [] is a list
	Required bool     `json:"required"`
	Values   []string `json:"values,omitempty"` // what may be chosen; empty: free
	Help     string   `json:"help"`
}

// Fields returns what a person fills in for a credential of a type; none for
// types that we do not know.
func Fields(credentialType string) []Field {
	switch credentialType {
	case MembershipCredential:
		return membershipFields()
	case CorporateIdentityCredential:
		return corporateIdentityFields()
	case SecurityEvaluationCredential:
		return securityEvaluationFields()
	}
	return nil
}

func membershipFields() []Field {
	return []Field{
		{"type", true, []string{DataspaceMember}, "what the subject is"},
		{"dataspace", true, nil, "URI of the dataspace"},
		{"membershipNumber", true, nil, "the member's number, which stays the same"},
		{"membershipStartDate", true, nil, "since when, such as 2026-04-01T00:00:00Z; not in the future"},
		{"role[]", true, slices.Clone(memberRoles), "what the member does in the dataspace"},
		{"termsDigest", false, nil, `"sha-256:" and the digest, in hex, of the rulebook that was accepted`},
	}
}

func corporateIdentityFields() []Field {
	known := []string{CorporateNumber, LEI, InvoiceNumber, DUNS, GLN, StandardCompanyCode, TDBCode, BPN, VAT, EORI, EUID}
	return []Field{
		{"type", false, nil, Corporation + ", which is meant where it is left out, or another kind of body"},
		{"legalName.<language>", true, nil, "the name as registered, by language: ja, en"},
		{"country", true, nil, "two capital letters (ISO 3166-1), such as JP"},
		{"identifier[].scheme", true, known, "which kind of number; a corporation in Japan needs " + CorporateNumber},
		{"identifier[].value", true, nil, "the number, without spaces and hyphens"},
		{"identifier[].verifiedBy", true, slices.Clone(means), "where the number was looked up; the primary one not by the company itself"},
		{"identifier[].verifiedAt", true, nil, "when, such as 2026-04-01T00:00:00Z; not more than 13 months ago"},
		{"identifier[].primary", true, []string{"true", "false"}, "true for the one that names the company"},
		{"onboardingMethod", true, slices.Clone(onboardingMeans()), "how it was verified that the holder acts for the company"},
		{"registeredAddress", false, nil, "the address as registered"},
		{"operatorId", false, nil, "the company's internal id in another system, for bridges"},
	}
}

func securityEvaluationFields() []Field {
	return []Field{
		{"securityScheme", true, []string{SCS, SecurityAction, ISO27001, TISAX}, "which scheme"},
		{"schemeVersion", true, nil, "the edition of its criteria, such as 2026-03-27"},
		{"level", true, nil, "the level, a whole number; 1 in a scheme without levels"},
		{"assessmentType", true, []string{SelfDeclared, SelfWithExpert, ThirdParty}, "who assessed"},
		{"assessor.name", false, nil, "the evaluating body; required for " + ThirdParty},
		{"assessor.identifier.scheme", false, nil, "its corporate identifier; required for " + ThirdParty},
		{"assessor.identifier.value", false, nil, "likewise"},
		{"assessedAt", true, nil, "the day from which the evaluation counts, such as 2026-11-01"},
		{"registrationNumber", true, nil, "the number under which it is registered"},
		{"registryUrl", false, nil, "where it can be looked up (https)"},
		{"evaluationScope", true, nil, "which organisation or system was evaluated"},
	}
}

// onboardingMeans are the means but for the company's own word.
func onboardingMeans() []string {
	return slices.DeleteFunc(slices.Clone(means), func(m string) bool { return m == verifiedBySelf })
}

// Evidence is what an issuer saw before it issued. It stays with the issuer:
// it may name people, so that no credential holds it.
type Evidence struct {
	Kind      string    `json:"kind"`      // as of onboardingMethod: gbizid-prime, registry-extract, seal-certificate, ...
	Reference string    `json:"reference"` // where it is filed, such as the number of an application
	At        time.Time `json:"at"`        // when it was seen
	By        string    `json:"by"`        // who saw it
}

// Check says what is wrong with evidence, as Faults.
func (e Evidence) Check(now time.Time) error {
	var faults Faults
	note := func(path, text string) { faults = append(faults, Fault{path, "V79", text}) }
	if kinds := onboardingMeans(); !slices.Contains(kinds, e.Kind) {
		note("kind", "must be one of "+strings.Join(kinds, ", "))
	}
	for path, text := range map[string]string{"reference": e.Reference, "by": e.By} {
		if strings.TrimSpace(text) == "" || len(text) > maxText || hidden(text) {
			note(path, "must be a text that can be seen, of at most 1000 bytes")
		}
	}
	if e.At.IsZero() || e.At.After(now.Add(slack)) {
		note("at", "must be given, and not lie in the future")
	}
	if len(faults) == 0 {
		return nil
	}
	slices.SortFunc(faults, func(a, b Fault) int { return strings.Compare(a.Path, b.Path) })
	return faults
}
