// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// refuseCredential demands that each change of a credential is refused: alone,
// and as one of a presentation.
func (trials trial) refuseCredential(t *testing.T, check string, p vc.Profile) {
	t.Helper()
	for name, edits := range trials {
		t.Run(name, func(t *testing.T) {
			raw := issue(t, p, edits...)
			refused(t, check, newWorld(t).judgeCredential(t, raw))
			refused(t, check, newWorld(t).judge(t, present(t, p, []string{issue(t, p), raw})))
		})
	}
}

// acceptCredential demands that none is refused.
func (trials trial) acceptCredential(t *testing.T, p vc.Profile) {
	t.Helper()
	for name, edits := range trials {
		t.Run(name, func(t *testing.T) {
			raw := issue(t, p, edits...)
			accepted(t, newWorld(t).judgeCredential(t, raw))
			accepted(t, newWorld(t).judge(t, present(t, p, []string{issue(t, p), raw})))
		})
	}
}

func TestV64_CredentialSignature(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			forger, unknown := keys[otherDID](), keys[issuerDID]()
			forger.ID, unknown.ID = issuerDID+"#key-1", issuerDID+"#key-2"
			trial{
				"another's key":  {signedBy(forger)},
				"an unknown key": {signedBy(unknown)},
				"a bad claim":    {set("exp", "tomorrow")},
			}.refuseCredential(t, "V64", p)
			good := issue(t, p)
			for name, raw := range map[string]string{
				"a missing part": good[:strings.LastIndexByte(good, '.')],
				"a space":        good + " ",
				"empty":          "",
				"too long":       good + strings.Repeat("A", vc.MaxCredential),
			} {
				t.Run(name, func(t *testing.T) { refused(t, "V64", newWorld(t).judgeCredential(t, raw)) })
			}
		})
	})
	t.Run("accepted", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) { trial{"as issued": nil}.acceptCredential(t, p) })
	})
}

func TestV65_KeyIsIssuers(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			relative := keys[issuerDID]()
			relative.ID = "key-1"
			like := keys[issuerDID]() // a dot is a dot
			like.ID = strings.Replace(issuerDID, ".", "x", 1) + "#key-1"
			trial{
				"another's key":          {signedBy(keys[otherDID]())},
				"a key without a DID":    {signedBy(relative)},
				"a DID that is alike":    {signedBy(like)},
				"an issuer that is none": {say("issuer", 7), set("iss", nil)},
				"no issuer":              {say("issuer", nil), set("iss", nil)},
			}.refuseCredential(t, "V65", p)
		})
		t.Run("nobody is asked for it", func(t *testing.T) {
			w := newWorld(t)
			refused(t, "V65", w.judgeCredential(t, issue(t, vc.VC20, signedBy(keys[otherDID]()))))
			if len(w.resolved) != 0 {
				t.Errorf("resolved %v", w.resolved)
			}
		})
	})
	t.Run("accepted", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			trial{
				"a string":  {say("issuer", issuerDID)},
				"an object": {say("issuer", map[string]any{"id": issuerDID, "name": "Example (fictional)"})},
			}.acceptCredential(t, p)
		})
		trial{"iss alone": {say("issuer", nil)}}.acceptCredential(t, vc.VC11)
	})
}

func TestV66_ClaimsAgree(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			trial{
				"iss": {set("iss", otherDID)},
				"sub": {set("sub", otherDID)},
				"jti": {set("jti", "urn:uuid:01926d8e-0000-7000-8000-00000000ffff")},
				"id":  {say("id", 7)},
			}.refuseCredential(t, "V66", p)
		})
	})
	t.Run("accepted", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			trial{
				"all":                   {set("iss", issuerDID), set("sub", holderDID), set("jti", draft().ID)},
				"none":                  {set("iss", nil), set("sub", nil), set("jti", nil)},
				"a number of the token": {set("jti", "5bd9c1a5-3f7a-4b4e-8c62-0d4b9a1d7f10")},
			}.acceptCredential(t, p)
		})
		trial{
			"jti alone": {say("id", nil)},
			"sub alone": {say("credentialSubject", map[string]any{"membershipNumber": "M-1"})},
		}.acceptCredential(t, vc.VC11)
	})
}

func TestV67_AssertionMethod(t *testing.T) {
	key := keys[issuerDID]().Signer.Public()
	t.Run("refused", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			w := newWorld(t).lenient() // even so: the document lists relations
			w.publish(t, issuerDID, key, did.Authentication, did.CapabilityInvocation)
			refused(t, "V67", w.judgeCredential(t, issue(t, p)))
			w = newWorld(t)
			w.want.Conformance = trust.Lenient // of the holder, not of the issuer
			w.publish(t, issuerDID, key)
			refused(t, "V67", w.judgeCredential(t, issue(t, p)))
		})
	})
	t.Run("accepted", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			w := newWorld(t)
			w.publish(t, issuerDID, key, did.AssertionMethod)
			accepted(t, w.judgeCredential(t, issue(t, p)))
		})
	})
}

func TestV68_IssuerTrustedForType(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			both := []string{"VerifiableCredential", "MembershipCredential", "SecurityEvaluationCredential"}
			trial{
				"for none of its types": {say("type", []string{"VerifiableCredential", "SecurityEvaluationCredential"})},
				"for one of two":        {say("type", both)},
				"for a part of a name":  {say("type", []string{"VerifiableCredential", "Membership"})},
			}.refuseCredential(t, "V68", p)
			w := newWorld(t)
			clear(w.trusted)
			refused(t, "V68", w.judgeCredential(t, issue(t, p)))
			w.want.Issuers = nil
			refused(t, "V68", w.judgeCredential(t, issue(t, p)))
			if len(w.resolved) != 0 {
				t.Errorf("an issuer that is not trusted was resolved: %v", w.resolved)
			}
		})
	})
	t.Run("accepted", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			both := []string{"VerifiableCredential", "MembershipCredential", "CorporateIdentityCredential"}
			trial{"for both": {say("type", both)}}.acceptCredential(t, p)
		})
	})
}

func TestV69_SubjectIsHolder(t *testing.T) {
	mine, others := map[string]any{"id": holderDID}, map[string]any{"id": otherDID}
	t.Run("refused", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			trial{
				"somebody else's":     {say("credentialSubject", others), set("sub", nil)},
				"one of two":          {say("credentialSubject", []any{mine, others})},
				"without an id":       {say("credentialSubject", map[string]any{"a": 1}), set("sub", nil)},
				"one without an id":   {say("credentialSubject", []any{mine, map[string]any{"a": 1}})},
				"none":                {say("credentialSubject", nil)},
				"an empty array":      {say("credentialSubject", []any{})},
				"a string":            {say("credentialSubject", holderDID)},
				"an id of two":        {say("credentialSubject", map[string]any{"id": []string{holderDID}})},
				"an id by its letter": {say("credentialSubject", map[string]any{"ID": holderDID}), set("sub", nil)},
			}.refuseCredential(t, "V69", p)
		})
	})
	t.Run("accepted", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			trial{
				"an object": {say("credentialSubject", mine)},
				"an array":  {say("credentialSubject", []any{mine})},
				"several":   {say("credentialSubject", []any{mine, mine})},
			}.acceptCredential(t, p)
		})
	})
}

func stamp(d time.Duration) string { return now.Add(d).Format(time.RFC3339Nano) }

// names of the dates in each data model.
var (
	begins = map[vc.Profile]string{vc.VC11: "issuanceDate", vc.VC20: "validFrom"}
	ends   = map[vc.Profile]string{vc.VC11: "expirationDate", vc.VC20: "validUntil"}
)

func TestV70_TokenExpired(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			trial{"at the end": {set("exp", unix(-5*time.Second))}, "long ago": {set("exp", 1)}}.refuseCredential(t, "V70", p)
		})
	})
	t.Run("accepted", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			trial{
				"within leeway": {set("exp", unix(-4*time.Second))},
				"without exp":   {set("exp", nil)},
				"a fraction":    {set("exp", float64(unix(0))+0.25)},
			}.acceptCredential(t, p)
		})
	})
}

func TestV71_CredentialExpired(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			trial{
				"100 s ago":                 {say(ends[p], stamp(-100*time.Second))},
				"at the end":                {say(ends[p], stamp(-5*time.Second))},
				"by the other model's name": {say("validUntil", stamp(-time.Hour)), say("expirationDate", stamp(time.Hour))},
				"in another zone":           {say(ends[p], "2026-11-01T20:59:00+09:00")},
			}.refuseCredential(t, "V71", p)
		})
	})
	t.Run("accepted", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			trial{
				"later":           {say(ends[p], stamp(100*time.Second))},
				"within leeway":   {say(ends[p], stamp(-4*time.Second))},
				"null":            {say(ends[p], json.RawMessage("null"))},
				"none":            {say(ends[p], nil)},
				"in another zone": {say(ends[p], "2026-11-01T21:01:00+09:00")},
			}.acceptCredential(t, p)
		})
	})
}

func TestV72_NotYetValid(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			trial{
				"an hour later":     {say(begins[p], stamp(time.Hour))},
				"beyond leeway":     {say(begins[p], stamp(6*time.Second))},
				"nbf":               {set("nbf", unix(6*time.Second))},
				"iat":               {set("iat", unix(6*time.Second))},
				"by the other name": {say("validFrom", stamp(time.Hour)), say("issuanceDate", stamp(-time.Hour))},
			}.refuseCredential(t, "V72", p)
		})
	})
	t.Run("accepted", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			trial{
				"within leeway": {say(begins[p], stamp(5*time.Second)), set("iat", unix(5*time.Second)), set("nbf", unix(5*time.Second))},
				"a fraction":    {say(begins[p], stamp(-time.Millisecond))},
			}.acceptCredential(t, p)
		})
		trial{"none in data model 2.0": {say("validFrom", nil)}}.acceptCredential(t, vc.VC20)
	})
}

func TestV73_IssuanceDate(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		trial{
			"none":              {say("issuanceDate", nil), set("nbf", nil)},
			"null":              {say("issuanceDate", json.RawMessage("null")), set("nbf", nil)},
			"validFrom is none": {say("issuanceDate", nil), set("nbf", nil), say("validFrom", stamp(-time.Hour))},
		}.refuseCredential(t, "V73", vc.VC11)
	})
	t.Run("accepted", func(t *testing.T) {
		trial{"alone": {set("nbf", nil)}, "nbf in its place": {say("issuanceDate", nil)}}.acceptCredential(t, vc.VC11)
	})
}

func TestV74_Dates(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			for _, bad := range []any{"", "2026-10-01", "2026-10-01T00:00:00", "yesterday", 1767225600, "2026-13-01T00:00:00Z", []string{stamp(0)}, "2026-10-01 00:00:00Z", "0001-01-01T00:00:00Z", "0001-01-01T09:00:00+09:00", "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z"} {
				trial{"begin": {say(begins[p], bad)}, "end": {say(ends[p], bad)}}.refuseCredential(t, "V74", p)
			}
		})
	})
	t.Run("accepted", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			for _, good := range []string{"2026-10-01T00:00:00Z", "2026-10-01T09:00:00+09:00", "2026-10-01T00:00:00.123456789Z"} {
				trial{good: {say(begins[p], good)}}.acceptCredential(t, p)
			}
		})
	})
}

func TestV75_Context(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			base := map[vc.Profile]string{vc.VC11: base11, vc.VC20: base20}[p]
			trial{
				"none":            {say("@context", nil), set("@context", nil), say("type", []string{"VerifiableCredential", "MembershipCredential"})},
				"not first":       {say("@context", []string{"https://x.example", base})},
				"empty":           {say("@context", []string{})},
				"a string":        {say("@context", base)},
				"another version": {say("@context", []string{"https://www.w3.org/ns/credentials/v3"})},
				"an object":       {say("@context", []any{map[string]any{"@base": base}})},
			}.refuseCredential(t, "V75", p)
		})
	})
	t.Run("accepted", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			base := map[vc.Profile]string{vc.VC11: base11, vc.VC20: base20}[p]
			trial{
				"alone":        {say("@context", []string{base})},
				"with unknown": {say("@context", []any{base, "https://x.example/unknown", map[string]any{"a": "b"}})},
			}.acceptCredential(t, p)
		})
	})
}

func TestV76_Types(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			many := []string{"VerifiableCredential"}
			for range 40 {
				many = append(many, "MembershipCredential")
			}
			trial{
				"no VerifiableCredential": {say("type", []string{"MembershipCredential"})},
				"nothing else":            {say("type", []string{"VerifiableCredential"})},
				"none":                    {say("type", nil)},
				"no string":               {say("type", []any{"VerifiableCredential", "MembershipCredential", 7})},
				"too many":                {say("type", many)},
			}.refuseCredential(t, "V76", p)
		})
	})
	t.Run("accepted", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			trial{
				"in this order":    {say("type", []string{"VerifiableCredential", "MembershipCredential"})},
				"in another order": {say("type", []string{"MembershipCredential", "VerifiableCredential"})},
			}.acceptCredential(t, p)
		})
	})
}

// schemas is a judge of schemas that knows some by their ids.
type schemas struct {
	known map[string]error
	asked []string
}

func (s *schemas) Validate(_ context.Context, schema vc.Schema, document json.RawMessage) error {
	var top map[string]json.RawMessage
	if err := json.Unmarshal(document, &top); err != nil {
		return err
	}
	_, whole := top["credentialSubject"]
	s.asked = append(s.asked, fmt.Sprintf("%s whole=%t", schema.Type, whole))
	err, known := s.known[schema.ID]
	if !known {
		return errors.New("there is no such schema")
	}
	return err
}

func TestV77_Schema(t *testing.T) {
	named := func(id string) func(*claims) {
		return say("credentialSchema", map[string]any{"id": id, "type": "JsonSchema"})
	}
	judge := func(t *testing.T, known map[string]error, p vc.Profile, edit func(*claims)) error {
		w := newWorld(t)
		w.checker.Schemas = &schemas{known: known}
		return w.judgeCredential(t, issue(t, p, edit))
	}
	good := map[string]error{"urn:good": nil}
	t.Run("refused", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			refused(t, "V77", judge(t, map[string]error{"urn:bad": errors.New("foo is required")}, p, named("urn:bad")))
			refused(t, "V77", judge(t, good, p, named("urn:missing")))
			trial{"no judge of schemas": {named("urn:good")}}.refuseCredential(t, "V77", p)
			anything := map[string]error{"urn:good": nil, "": nil}
			for name, value := range map[string]any{
				"without an id":     map[string]any{"type": "JsonSchema"},
				"without a type":    map[string]any{"id": "urn:good"},
				"an id of no text":  map[string]any{"id": 7, "type": "JsonSchema"},
				"a type of no text": map[string]any{"id": "urn:good", "type": 7},
				"a string":          "urn:good",
				"too many":          slices.Repeat([]any{map[string]any{"id": "urn:good", "type": "JsonSchema"}}, 9),
			} {
				t.Run(name, func(t *testing.T) { refused(t, "V77", judge(t, anything, p, say("credentialSchema", value))) })
			}
			two := []any{map[string]any{"id": "urn:good", "type": "JsonSchema"}, map[string]any{"id": "urn:missing", "type": "JsonSchema"}}
			refused(t, "V77", judge(t, good, p, say("credentialSchema", two)))
		})
	})
	t.Run("accepted", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			accepted(t, judge(t, good, p, named("urn:good")))
			accepted(t, judge(t, good, p, say("credentialSchema", []any{map[string]any{"id": "urn:good", "type": "JsonSchema"}})))
			accepted(t, judge(t, nil, p, say("credentialSchema", nil)))
			accepted(t, judge(t, good, p, say("credentialSchema", slices.Repeat([]any{map[string]any{"id": "urn:good", "type": "JsonSchema"}}, 8))))
		})
	})
}

// A schema of the older kind describes the subjects.
func TestSchemaDescribes(t *testing.T) {
	byProfile(t, func(t *testing.T, p vc.Profile) {
		s := &schemas{known: map[string]error{"urn:good": nil}}
		w := newWorld(t)
		w.checker.Schemas = s
		of := func(kind string) map[string]any { return map[string]any{"id": "urn:good", "type": kind} }
		mine := map[string]any{"id": holderDID, "foo": "bar"}
		accepted(t, w.judgeCredential(t, issue(t, p, say("credentialSubject", []any{mine, mine}),
			say("credentialSchema", []any{of("JsonSchema"), of("JsonSchemaValidator2018")}))))
		want := []string{"JsonSchema whole=true", "JsonSchemaValidator2018 whole=false", "JsonSchemaValidator2018 whole=false"}
		if diff := cmp.Diff(want, s.asked); diff != "" {
			t.Errorf("-want +asked:\n%s", diff)
		}
	})
}

func TestV78_Typ(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		byProfile(t, func(t *testing.T, p vc.Profile) {
			trial{"older": {typed("vc+ld+jwt")}, "a presentation's": {typed("vp+jwt")}, "another": {typed("at+jwt")}}.refuseCredential(t, "V78", p)
		})
		trial{"of data model 1.1": {typed("JWT")}}.refuseCredential(t, "V78", vc.VC20)
	})
	t.Run("accepted", func(t *testing.T) {
		trial{"vc+jwt": {typed("vc+jwt")}, "in full": {typed("application/vc+jwt")}, "none": {typed("")}}.acceptCredential(t, vc.VC20)
		trial{"JWT": {typed("JWT")}, "none": {typed("")}}.acceptCredential(t, vc.VC11)
	})
}
