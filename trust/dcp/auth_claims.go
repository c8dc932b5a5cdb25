// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp

import (
	"slices"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
)

// MaxTokenLife is the longest time between a token's iat and exp: it bounds
// the record of used tokens.
const MaxTokenLife = 10 * time.Minute

// judgement is what claims are judged by.
type judgement struct {
	own     trust.Participant
	now     time.Time
	lenient func() bool // whether the caller is judged leniently
	demand  Demand

	severalAudiences bool // accepted by a relaxation
}

// claims judges a token's claims, which are not proved yet: V13, V27 to V37,
// V39 and V40.
func (j *judgement) claims(c jose.Claims) (Caller, error) {
	for _, check := range []func(jose.Claims) error{j.parties, j.audience, j.times, j.identifier, j.forbidden} {
		if err := check(c); err != nil {
			return Caller{}, err
		}
	}
	caller := Caller{DID: c.Issuer, TokenID: c.ID, Expires: c.Expires}
	var isText bool
	if caller.AccessToken, isText = c.Text("token"); c.Has("token") && (!isText || caller.AccessToken == "") {
		return Caller{}, trust.Refuse("V39", "the claim token is empty or no string")
	}
	if j.demand.AccessToken && caller.AccessToken == "" {
		return Caller{}, trust.Refuse("V39", "there is no claim token")
	}
	caller.PreAuthorized, _ = c.Text("pre-authorized_code")
	return caller, nil
}

func (j *judgement) parties(c jose.Claims) error {
	switch {
	case !strings.HasPrefix(c.Issuer, "did:") || len(c.Issuer) > maxDID:
		return trust.Refuse("V27", "iss is missing or no DID")
	case c.Header.KeyID != "" && !strings.HasPrefix(c.Header.KeyID, c.Issuer+"#"):
		return trust.Refuse("V13", "kid is of another DID than iss")
	case c.Subject != c.Issuer:
		return trust.Refuse("V28", "sub is not iss")
	}
	return nil
}

func (j *judgement) audience(c jose.Claims) error {
	switch {
	case !slices.Contains(c.Audience, j.own.ID):
		return trust.Refuse("V29", "aud does not name us")
	case len(c.Audience) > 1 && !j.lenient():
		return trust.Refuse("V30", "aud names %d parties", len(c.Audience))
	}
	j.severalAudiences = len(c.Audience) > 1
	return nil
}

func (j *judgement) times(c jose.Claims) error {
	switch {
	case !c.Has("exp"):
		return trust.Refuse("V31", "there is no exp")
	case !j.now.Before(c.Expires.Add(Leeway)):
		return trust.Refuse("V32", "the token has expired")
	case !c.Has("iat"):
		return trust.Refuse("V33", "there is no iat")
	case c.IssuedAt.After(j.now.Add(Leeway)):
		return trust.Refuse("V34", "iat is in the future")
	case c.NotBefore.After(j.now.Add(Leeway)):
		return trust.Refuse("V35", "nbf is in the future")
	case c.Expires.Sub(c.IssuedAt) > MaxTokenLife:
		return trust.Refuse("V36", "the token is good for longer than %s", MaxTokenLife)
	}
	return nil
}

func (j *judgement) identifier(c jose.Claims) error {
	if c.ID == "" || len(c.ID) > maxTokenID {
		return trust.Refuse("V37", "jti is missing or has more than %d bytes", maxTokenID)
	}
	return nil
}

func (j *judgement) forbidden(c jose.Claims) error {
	if c.Has("sub_jwk") {
		return trust.Refuse("V40", "there is a claim sub_jwk")
	}
	// In data model 1.1 both are of the type that self-issued tokens have.
	if c.Has("vp") || c.Has("vc") {
		return trust.Refuse("V04", "the token is a presentation or a credential")
	}
	return nil
}
