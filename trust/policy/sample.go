// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"encoding/json"
	"maps"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

// Sample are facts as a person writes them for a dry run. Everything may be
// left out.
type Sample struct {
	// Point is where the policy is judged: catalog, negotiation, transfer or
	// running.
	Point *Point `json:"point,omitempty"`
	// At is the moment; default: now.
	At time.Time `json:"at,omitzero"`
	// Claims are what a consumer has proved, as a negotiation shows them. In
	// their place Participant and Credentials are enough.
	Claims      *trust.Claims      `json:"claims,omitempty"`
	Participant string             `json:"participant,omitempty"`
	Credentials []SampleCredential `json:"credentials,omitempty"`
	// Declared are values by absolute IRI or term of ODRL.
	Declared  map[string][]string `json:"declared,omitempty"`
	Relations []string            `json:"relations,omitempty"` // kinds, such as direct
	// Agreed is when the agreement was concluded; from the point transfer on
	// the default is At.
	Agreed time.Time `json:"agreed,omitzero"`
	Usage  Usage     `json:"usage,omitzero"`
}

// SampleCredential is a credential of a Sample. Its subject is the participant
// unless it says another id.
type SampleCredential struct {
	Type       string         `json:"type"`
	Subject    map[string]any `json:"subject,omitempty"`
	ID         string         `json:"id,omitempty"`
	Issuer     string         `json:"issuer,omitempty"`
	ValidFrom  time.Time      `json:"validFrom,omitzero"`
	ValidUntil time.Time      `json:"validUntil,omitzero"`
}

// sampleConsumer is who a sample is about, if it does not say.
const sampleConsumer = "urn:example:consumer"

// Facts makes facts of a sample; at and now are taken where it says nothing
// else. The error is an ErrMalformed.
func (s Sample) Facts(at Point, now time.Time) (*Facts, error) {
	f := &Facts{Point: at, Now: now, Agreed: s.Agreed, Usage: s.Usage, Relations: s.Relations}
	if s.Point != nil {
		f.Point = *s.Point
	}
	if !s.At.IsZero() {
		f.Now = s.At
	}
	if f.Agreed.IsZero() && f.Point >= AtTransfer {
		f.Agreed = f.Now
	}
	declared, err := Declare(s.Declared)
	if err != nil {
		return nil, err
	}
	f.Declared = ReadDeclared(declared)
	f.Claims, err = s.claims(f.Now)
	return f, err
}

func (s Sample) claims(now time.Time) (trust.Claims, error) {
	if s.Claims != nil {
		if s.Participant != "" || len(s.Credentials) > 0 {
			return trust.Claims{}, malformed("claims stand beside participant or credentials; give one of the two")
		}
		return *s.Claims, nil
	}
	c := trust.Claims{Participant: s.Participant, Profile: "sample", Proved: now}
	if c.Participant == "" {
		c.Participant = sampleConsumer
	}
	for i, one := range s.Credentials {
		made, err := one.credential(c.Participant)
		if err != nil {
			return c, malformed("credentials[%d]: %v", i, err)
		}
		c.Credentials = append(c.Credentials, made)
	}
	return c, nil
}

func (s SampleCredential) credential(participant string) (trust.Credential, error) {
	if s.Type == "" {
		return trust.Credential{}, malformed("its type is missing, such as %s", trust.MembershipCredential)
	}
	subject := map[string]any{"id": participant}
	maps.Copy(subject, s.Subject)
	raw, err := json.Marshal(subject)
	c := trust.Credential{
		ID: s.ID, Issuer: s.Issuer, Types: []string{s.Type}, ValidFrom: s.ValidFrom, ValidUntil: s.ValidUntil, Subject: raw,
	}
	if c.ID == "" {
		c.ID = "urn:example:credential:" + s.Type
	}
	if c.Issuer == "" {
		c.Issuer = "urn:example:issuer"
	}
	return c, err
}
