// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/trust"
)

// checkForm is V59.
func (p *presentation) checkForm() error {
	types, err := p.body.types()
	if err != nil || !slices.Contains(types, typePresentation) {
		return trust.Refuse("V59", "its type is not %s", typePresentation)
	}
	for _, claims := range p.tokens {
		switch mediaType(claims.Header.Type) {
		case "", "jwt":
		case "vp+jwt": // of data model 1.1 it was refused before
		default:
			return trust.Refuse("V59", "the token's typ is %.64q", claims.Header.Type)
		}
	}
	return nil
}

// checkHolder is V55 and V61: what a presentation says of its holder is the
// signer, who is the sender.
func (p *presentation) checkHolder(holder string) error {
	named, err := p.body.id("holder")
	if p.profile == VC11 {
		if p.tokens[0].Issuer != holder {
			return trust.Refuse("V55", "its iss %.256q is not its signer %s", p.tokens[0].Issuer, holder)
		}
		if err != nil || named != "" && named != holder {
			return trust.Refuse("V55", "its holder %.256q is not its signer %s", named, holder)
		}
		return nil
	}
	if err != nil || named != holder {
		return trust.Refuse("V61", "its holder %.256q is not its signer %s", named, holder)
	}
	for _, claims := range p.tokens {
		if claims.Has("iss") && claims.Issuer != holder {
			return trust.Refuse("V61", "its iss %.256q is not its holder %s", claims.Issuer, holder)
		}
	}
	return nil
}

// checkAudience is V56: a presentation is for one verifier, or could be shown
// to another by it.
func (p *presentation) checkAudience(audience string, relax relaxation) error {
	named := false
	for _, claims := range p.tokens {
		if !claims.Has("aud") {
			continue
		}
		named = true
		if !slices.Contains(claims.Audience, audience) {
			return trust.Refuse("V56", "it is for %.256q, not for %s", claims.Audience, audience)
		}
		if len(claims.Audience) > 1 && !relax.allows("the presentation is for several audiences") {
			return trust.Refuse("V56", "it is for several audiences")
		}
	}
	if !named && (p.profile == VC11 || !relax.allows("the presentation names no audience")) {
		return trust.Refuse("V56", "it names no audience")
	}
	return nil
}

// checkContext is the first half of V62: the context is that of the data
// model. Others may stand before it.
func (p *presentation) checkContext(relax relaxation) error {
	if !p.body.has("@context") && p.profile == VC11 && relax.allows("the presentation has no @context") {
		return nil
	}
	for _, item := range p.body.list("@context") {
		if s, _ := text(item); s == p.profile.base() {
			return nil
		}
	}
	return trust.Refuse("V62", "its @context does not have %s", p.profile.base())
}

// readCredentials is V60, V63 and what can be told of V62 before credentials
// are read.
func (p *presentation) readCredentials() error {
	list := p.body.list("verifiableCredential")
	if len(list) == 0 {
		return trust.Refuse("V60", "it has no credentials")
	}
	if len(list) > MaxCredentials {
		return trust.Refuse("V60", "it has more than %d credentials", MaxCredentials)
	}
	for _, item := range list {
		raw, ok := text(item)
		if p.profile == VC20 {
			var err error
			if raw, err = enveloped(item); err != nil {
				return err
			}
		} else if !ok {
			return trust.Refuse("V62", "it mixes formats: a credential in it is no token")
		}
		p.credentials = append(p.credentials, raw)
	}
	return nil
}

// enveloped takes a token out of an EnvelopedVerifiableCredential (VCDM 2.0,
// section 4.13.1).
func enveloped(item json.RawMessage) (string, error) {
	m, err := object(item)
	if err != nil {
		return "", trust.Refuse("V63", "a credential in it has no envelope")
	}
	types, err := m.types()
	if err != nil || !slices.Contains(types, typeEnvelopedCredential) {
		return "", trust.Refuse("V63", "a credential in it is no %s", typeEnvelopedCredential)
	}
	id, _ := m.text("id")
	raw, ok := strings.CutPrefix(id, dataCredential)
	if !ok {
		return "", trust.Refuse("V63", "the id of an envelope does not begin with %s", dataCredential)
	}
	return raw, nil
}
