// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcptest

import (
	"time"

	"github.com/musubi-ods/musubi/trust"
)

// Dataspace is that of the memberships below.
const Dataspace = "https://dataspace.example/battery"

// Number is a corporate number with a right check digit: a textbook value
// that belongs to no company.
const Number = "7123456789012"

// Membership is the subject of a good MembershipCredential.
func (p *Party) Membership() map[string]any {
	return map[string]any{
		"id": p.DID, "type": "DataspaceMember", "dataspace": Dataspace, "membershipNumber": "M-1",
		"membershipStartDate": stamp(p.World.Clock.Now().Add(-24 * time.Hour)), "role": []any{"provider", "consumer"},
	}
}

// Corporation is the subject of a good CorporateIdentityCredential.
func (p *Party) Corporation(number string) map[string]any {
	verified := stamp(p.World.Clock.Now().Add(-24 * time.Hour))
	return map[string]any{
		"id": p.DID, "type": "Corporation", "country": "JP", "onboardingMethod": "seal-certificate",
		"legalName": map[string]any{"ja": "例示工業株式会社", "en": "Example Industries, Ltd."},
		"identifier": []any{map[string]any{
			"type": "CorporateIdentifier", "scheme": trust.CorporateNumber, "value": number,
			"verifiedBy": "nta-register", "verifiedAt": verified, "primary": true,
		}},
	}
}

// Subject returns a good subject of a type.
func (p *Party) Subject(credentialType string) map[string]any {
	switch credentialType {
	case trust.MembershipCredential:
		return p.Membership()
	case trust.CorporateIdentityCredential:
		return p.Corporation(Number)
	}
	return map[string]any{"id": p.DID}
}

// Credential returns a good credential of data model 1.1, good for a day, that
// the party issues to a holder. Each edit may spoil it.
func (p *Party) Credential(holder *Party, credentialType string, edit ...func(*Draft)) string {
	p.World.T.Helper()
	now := p.World.Clock.Now()
	from, until := now.Add(-time.Hour), now.Add(24*time.Hour)
	id := "urn:uuid:" + p.World.NewID()
	d := NewDraft(p.Issuer, map[string]any{
		"iss": p.DID, "sub": holder.DID, "jti": id, "nbf": from.Unix(), "iat": from.Unix(), "exp": until.Unix(),
		"vc": map[string]any{
			"@context": []any{"https://www.w3.org/2018/credentials/v1"}, "id": id,
			"type": []any{"VerifiableCredential", credentialType}, "issuer": p.DID,
			"issuanceDate": stamp(from), "expirationDate": stamp(until),
			"credentialSubject": holder.Subject(credentialType),
		},
	})
	return edited(p, d, edit)
}

// Credential20 is Credential in data model 2.0.
func (p *Party) Credential20(holder *Party, credentialType string, edit ...func(*Draft)) string {
	p.World.T.Helper()
	now := p.World.Clock.Now()
	d := NewDraft(p.Issuer, map[string]any{
		"@context": []any{"https://www.w3.org/ns/credentials/v2"}, "id": "urn:uuid:" + p.World.NewID(),
		"type": []any{"VerifiableCredential", credentialType}, "issuer": p.DID,
		"validFrom": stamp(now.Add(-time.Hour)), "validUntil": stamp(now.Add(24 * time.Hour)),
		"credentialSubject": holder.Subject(credentialType),
	})
	d.Header["typ"], d.Header["cty"] = "vc+jwt", "vc"
	return edited(p, d, edit)
}

// VC returns the claim vc of a draft of data model 1.1, to be spoilt.
func (d *Draft) VC() map[string]any { return d.Claims["vc"].(map[string]any) }

// Presentation returns a good presentation of data model 1.1 of the party for
// an audience, good for a minute.
func (p *Party) Presentation(audience string, credentials []string, edit ...func(*Draft)) string {
	p.World.T.Helper()
	now := p.World.Clock.Now()
	d := NewDraft(p.Key, map[string]any{
		"iss": p.DID, "sub": p.DID, "aud": audience, "jti": p.World.NewID(),
		"nbf": now.Unix(), "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
		"vp": map[string]any{
			"@context": []any{"https://www.w3.org/2018/credentials/v1"}, "type": "VerifiablePresentation",
			"holder": p.DID, "verifiableCredential": anys(credentials),
		},
	})
	return edited(p, d, edit)
}

// Presentation20 is Presentation in data model 2.0.
func (p *Party) Presentation20(audience string, credentials []string, edit ...func(*Draft)) string {
	p.World.T.Helper()
	now := p.World.Clock.Now()
	enveloped := make([]any, len(credentials))
	for i, c := range credentials {
		enveloped[i] = map[string]any{
			"@context": "https://www.w3.org/ns/credentials/v2", "type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt," + c,
		}
	}
	d := NewDraft(p.Key, map[string]any{
		"@context": []any{"https://www.w3.org/ns/credentials/v2"}, "type": []any{"VerifiablePresentation"},
		"holder": p.DID, "aud": audience, "jti": p.World.NewID(), "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
		"verifiableCredential": enveloped,
	})
	d.Header["typ"], d.Header["cty"] = "vp+jwt", "vp"
	return edited(p, d, edit)
}

func edited(p *Party, d *Draft, edit []func(*Draft)) string {
	p.World.T.Helper()
	for _, e := range edit {
		e(d)
	}
	return d.Sign(p.World.T)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
