// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

const (
	ourDataspace = "https://dataspace.example/"
	aHolder      = "did:web:a.example"
)

var aDay = time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC)

// doc is a JSON object under change.
type doc = map[string]any

// world is a credential and who judges it: what a case changes.
type world struct {
	domain     Domain
	credential Credential
	subject    doc
}

func (w *world) first() doc { return w.subject["identifier"].([]any)[0].(doc) }

// add puts one more identifier beside the first.
func (w *world) add(scheme, value string) doc {
	entry := doc{"scheme": scheme, "value": value, "verifiedBy": "gleif", "verifiedAt": "2026-10-30T02:00:00Z"}
	w.subject["identifier"] = append(w.subject["identifier"].([]any), entry)
	return entry
}

// judge is the verdict of Check.
func (w *world) judge(t *testing.T) error {
	t.Helper()
	if w.credential.Subject == nil {
		raw, err := json.Marshal(w.subject)
		if err != nil {
			t.Fatal(err)
		}
		w.credential.Subject = raw
	}
	return w.domain.Check(w.credential)
}

func aCredential(credentialType string, subject doc) *world {
	return &world{
		domain: Domain{Dataspace: ourDataspace, Now: aDay},
		credential: Credential{
			ID: "urn:uuid:c", Issuer: "did:web:issuer.example", Types: []string{"VerifiableCredential", credentialType},
			ValidFrom: aDay.AddDate(0, 0, -9), ValidUntil: aDay.AddDate(0, 11, 0),
		},
		subject: subject,
	}
}

// aMembership, aCompany and anEvaluation are good: each case spoils one thing.
func aMembership() *world {
	return aCredential(MembershipCredential, doc{
		"id": aHolder, "type": "DataspaceMember", "dataspace": ourDataspace, "membershipNumber": "M-1",
		"membershipStartDate": "2026-11-01T00:00:00Z", "role": []any{"provider", "consumer"},
	})
}

func aCompany() *world {
	return aCredential(CorporateIdentityCredential, doc{
		"id": aHolder, "type": "Corporation", "legalName": doc{"ja": "例示工業株式会社", "en": "Example Industries, Ltd."}, "country": "JP",
		"identifier": []any{doc{
			"type": "CorporateIdentifier", "scheme": CorporateNumber, "value": "7123456789012",
			"verifiedBy": "nta-register", "verifiedAt": "2026-10-30T02:00:00Z", "primary": true,
		}},
		"onboardingMethod": "seal-certificate",
	})
}

// aForeigner is a company without a corporate number.
func aForeigner() *world {
	w := aCompany()
	w.subject["country"] = "DE"
	w.first()["scheme"], w.first()["value"] = LEI, "506700GE1G29325QX363"
	return w
}

func anEvaluation() *world {
	return aCredential(SecurityEvaluationCredential, doc{
		"id": aHolder, "securityScheme": SCS, "schemeVersion": "2026-03-27", "level": 4, "assessmentType": "third-party",
		"assessor":   doc{"name": "Fictional Evaluators", "identifier": doc{"scheme": CorporateNumber, "value": "8999900000001"}},
		"assessedAt": "2026-11-01", "registrationNumber": "R-1", "evaluationScope": "the whole organisation",
	})
}

// try is one case: what it does to a good credential.
type try struct {
	name string
	of   func() *world
	do   func(*world)
}

// pair runs both halves of a check: each fault alone is refused with its
// number, each mended twin accepted.
func pair(t *testing.T, check string, refused, accepted []try) {
	t.Helper()
	t.Run("refused", func(t *testing.T) {
		for _, c := range refused {
			t.Run(c.name, func(t *testing.T) {
				w := c.of()
				c.do(w)
				wantRefusal(t, w.judge(t), check)
			})
		}
	})
	t.Run("accepted", func(t *testing.T) {
		for _, c := range accepted {
			t.Run(c.name, func(t *testing.T) {
				w := c.of()
				c.do(w)
				if err := w.judge(t); err != nil {
					t.Error(err)
				}
			})
		}
	})
}

// wantRefusal asks for a verdict with one number and one fault.
func wantRefusal(t *testing.T, err error, check string) {
	t.Helper()
	var refusal *Refusal
	if !errors.As(err, &refusal) || refusal.Check != check || refusal.Credential != "urn:uuid:c" {
		t.Fatalf("%v, want a refusal by %s of the credential", err, check)
	}
	if strings.HasSuffix(refusal.Reason, " more") {
		t.Errorf("more than one fault: %s", refusal.Reason)
	}
	if !errors.Is(err, ErrUnauthenticated) || errors.Is(err, ErrUnavailable) {
		t.Errorf("%v is no verdict", err)
	}
}

// set changes a member of the subject.
func set(name string, value any) func(*world) {
	return func(w *world) { w.subject[name] = value }
}

// drop removes one.
func drop(name string) func(*world) { return func(w *world) { delete(w.subject, name) } }

// entry changes a member of the first identifier.
func entry(name string, value any) func(*world) {
	return func(w *world) { w.first()[name] = value }
}

func asIs(*world) {}
