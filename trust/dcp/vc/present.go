// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc

import (
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
)

// PresentationDraft is a presentation to be made: of credentials of one
// profile. All is required.
type PresentationDraft struct {
	ID          string
	Holder      string
	Audience    string
	Issued      time.Time
	Expires     time.Time
	Credentials []string
}

// backdate is taken from the time of issue: verifiers without leeway refuse
// what is from a clock that is ahead of theirs.
const backdate = time.Second

// presented are the claims that every token of a presentation has.
type presented struct {
	Issuer   string `json:"iss"`
	Audience string `json:"aud"`
	ID       string `json:"jti"`
	IssuedAt int64  `json:"iat"`
	Expires  int64  `json:"exp"`
}

type presentation11 struct {
	presented
	Subject      string `json:"sub"`
	NotBefore    int64  `json:"nbf"`
	Presentation struct {
		Context     []string `json:"@context"`
		ID          string   `json:"id"`
		Type        string   `json:"type"` // a string: some readers take no array
		Holder      string   `json:"holder"`
		Credentials []string `json:"verifiableCredential"`
	} `json:"vp"`
}

type presentation20 struct {
	presented
	Context     []string   `json:"@context"`
	ID          string     `json:"id"`
	Type        string     `json:"type"`
	Holder      string     `json:"holder"`
	Credentials []envelope `json:"verifiableCredential"`
}

// envelope is a credential inside of a presentation of data model 2.0.
type envelope struct {
	Context string `json:"@context"`
	ID      string `json:"id"`
	Type    string `json:"type"`
}

// outer is the token around a presentation of data model 2.0.
type outer struct {
	presented
	Context []string `json:"@context"`
	ID      string   `json:"id"`
	Type    string   `json:"type"`
}

// Present signs a presentation. In VC20 it is a vp+jwt with audience and end,
// inside the EnvelopedVerifiablePresentation that deployed verifiers demand.
// The time of issue is written a second early, in whole seconds. Errors wrap
// ErrCredential where the draft is at fault.
func Present(d PresentationDraft, p Profile, key jose.Key) (string, error) {
	if err := d.check(p); err != nil {
		return "", err
	}
	common := presented{d.Holder, d.Audience, d.ID, d.Issued.Add(-backdate).Unix(), d.Expires.Unix()}
	if p == VC11 {
		claims := presentation11{presented: common, Subject: d.Holder, NotBefore: common.IssuedAt}
		vp := &claims.Presentation
		vp.Context, vp.ID, vp.Type, vp.Holder = []string{p.base()}, d.ID, typePresentation, d.Holder
		vp.Credentials = d.Credentials
		return sign(claims, key, d.Holder, "JWT", "")
	}
	inner := presentation20{
		presented: common, Context: []string{p.base()},
		ID: d.ID, Type: typePresentation, Holder: d.Holder,
	}
	for _, raw := range d.Credentials {
		inner.Credentials = append(inner.Credentials, envelope{p.base(), dataCredential + raw, typeEnvelopedCredential})
	}
	token, err := sign(inner, key, d.Holder, "vp+jwt", "vp")
	if err != nil {
		return "", err
	}
	around := outer{common, []string{p.base()}, dataPresentation + token, typeEnvelopedPresentation}
	return sign(around, key, d.Holder, "vp+jwt", "vp")
}

func (d PresentationDraft) check(p Profile) error {
	switch {
	case p != VC11 && p != VC20:
		return unusablef("there is no profile %q", p)
	case d.ID == "" || d.Holder == "" || d.Audience == "" || len(d.Credentials) == 0:
		return unusablef("a presentation needs an id, a holder, an audience and credentials")
	case len(d.Credentials) > MaxCredentials:
		return unusablef("a presentation has at most %d credentials", MaxCredentials)
	case !d.Expires.After(d.Issued) || d.Issued.IsZero():
		return unusablef("a presentation has a time and ends after it")
	}
	for _, raw := range d.Credentials {
		c, err := read(raw)
		if err != nil {
			return err
		}
		if c.Profile != p {
			return unusablef("credential %s is of another profile than %s", c.ID, p)
		}
	}
	return nil
}
