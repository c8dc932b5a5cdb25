// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"encoding/json"
	"errors"
	"testing"
)

// FuzzParseIdentifier: what is parsed is normal, known as what it is, and
// parsed again as it is.
func FuzzParseIdentifier(f *testing.F) {
	for _, seed := range [][2]string{
		{CorporateNumber, "7123456789012"},
		{"0188", "７-1234-5678-9012"},
		{InvoiceNumber, "T7123456789012"},
		{LEI, "506700ge1g29325qx363"},
		{BPN, "BPNL00000003CRHK"},
		{GLN, "4012345000009"},
		{EUID, "DEK1101R.HRB116737"},
		{"x", "\xff"},
		{"", ""},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, scheme, value string) {
		got, err := ParseIdentifier(scheme, value, false)
		if err != nil {
			if !errors.Is(err, ErrIdentifier) || got != (Identifier{}) {
				t.Fatalf("%v, %v", got, err)
			}
			return
		}
		if err := got.Check(false); err != nil {
			t.Fatal(err)
		}
		if again, err := ParseIdentifier(got.Scheme, got.Value, false); err != nil || again != got {
			t.Fatalf("%v, then %v, %v", got, again, err)
		}
		if !got.Known() && (got.Scheme != scheme || got.Value != value) {
			t.Fatalf("%q %q was changed to %v", scheme, value, got)
		}
		got.Warnings()
	})
}

// FuzzDomain: any subject is judged, and what passes can be read.
func FuzzDomain(f *testing.F) {
	for _, w := range []*world{aMembership(), aCompany(), aForeigner(), anEvaluation()} {
		raw, _ := json.Marshal(w.subject)
		f.Add(raw)
		f.Add([]byte("[" + string(raw) + "]"))
	}
	f.Add([]byte(`{"identifier":[null,{"scheme":1}],"legalName":[],"level":1e999}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, credentialType := range []string{MembershipCredential, CorporateIdentityCredential, SecurityEvaluationCredential} {
			w := aCredential(credentialType, nil)
			w.credential.Subject = raw
			claims := Claims{Participant: aHolder, Credentials: []Credential{w.credential}}
			primary, named := claims.Primary()
			claims.Identifiers()
			claims.Memberships()
			claims.SecurityEvaluations()
			claims.Value(credentialType, "identifier.value")
			w.domain.Together(aHolder, claims.Credentials)
			ValidateSubject(credentialType, raw, w.domain)
			err := w.domain.Check(w.credential)
			var refusal *Refusal
			if err != nil && !errors.As(err, &refusal) {
				t.Fatalf("%T", err)
			}
			if err == nil && credentialType == CorporateIdentityCredential && named && (!primary.Known() || primary.Check(false) != nil) {
				t.Fatalf("accepted %v", primary)
			}
		}
	})
}
