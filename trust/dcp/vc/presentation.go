// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
)

// presentation is a presentation of either data model, signed by its holder.
type presentation struct {
	profile     Profile
	tokens      []jose.Claims // one; in an envelope two, the outer first
	body        members
	credentials []string
}

// presentation judges all of an entry but its credentials: V52 to V63.
func (c *Checker) presentation(ctx context.Context, entry json.RawMessage, want Want) (*presentation, error) {
	raw, ok := text(entry)
	if !ok {
		return nil, trust.Refuse("V52", "the presentation is no token; presentations with embedded proofs are not supported")
	}
	relax := c.relaxation(want.Conformance, want.Holder)
	p, err := c.open(ctx, raw, want.Holder, relax)
	if err != nil {
		return nil, err
	}
	for _, check := range []func() error{
		p.checkForm,
		func() error { return p.checkHolder(want.Holder) },
		func() error { return p.checkAudience(want.Audience, relax) },
		func() error { return p.checkTimes(c.Now(), relax) },
		func() error { return p.checkContext(relax) },
		p.readCredentials,
	} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// open verifies an entry's token, and the one inside if it is an envelope.
func (c *Checker) open(ctx context.Context, raw, holder string, relax relaxation) (*presentation, error) {
	claims, err := c.signed(ctx, raw, holder, relax)
	if err != nil {
		return nil, err
	}
	p, err := readPresentation(claims)
	if err != nil || !p.envelops() {
		return p, err
	}
	id, _ := p.body.text("id")
	inner, ok := strings.CutPrefix(id, dataPresentation)
	if !ok {
		return nil, trust.Refuse("V59", "the envelope's id does not begin with %s", dataPresentation)
	}
	if claims, err = c.signed(ctx, inner, holder, relax); err != nil {
		return nil, err
	}
	around := p.tokens
	if p, err = readPresentation(claims); err != nil {
		return nil, err
	}
	if p.profile != VC20 || p.envelops() {
		return nil, trust.Refuse("V59", "what is in the envelope is no presentation of data model 2.0")
	}
	p.tokens = append(around, p.tokens...)
	return p, nil
}

// signed returns the claims of a token that the holder signed with a key for
// authentication.
func (c *Checker) signed(ctx context.Context, raw, holder string, relax relaxation) (jose.Claims, error) {
	if len(raw) > MaxPresentation {
		return jose.Claims{}, trust.Refuse("V05", "the presentation is longer than %d bytes", MaxPresentation)
	}
	token, err := jose.Parse(raw, MaxPresentation)
	if err != nil {
		return jose.Claims{}, trust.Refuse("V52", "the presentation is no usable token").Because(err)
	}
	// Before its signature: whose key it is must not send us to other hosts
	// than the holder's.
	if owner := did.Owner(token.Header().KeyID); owner == "" || owner != holder {
		return jose.Claims{}, trust.Refuse("V54", "the presentation is signed by %.256q and sent by %s", owner, holder)
	}
	if err := pending(ctx); err != nil {
		return jose.Claims{}, err
	}
	return c.verify(ctx, token, ofPresentation, relax)
}

// readPresentation tells the data model: 1.1 has a claim vp, of 2.0 the
// payload is the presentation.
func readPresentation(claims jose.Claims) (*presentation, error) {
	payload := claims.Payload()
	body, err := object(payload)
	if err != nil {
		return nil, trust.Refuse("V58", "the presentation %v", err)
	}
	p := &presentation{profile: VC20, body: body, tokens: []jose.Claims{claims}}
	inside, has := body["vp"]
	plain := claims.Has("@context") || claims.Has("type") || claims.Has("verifiableCredential")
	if has && (plain || mediaType(claims.Header.Type) == "vp+jwt") {
		return nil, trust.Refuse("V58", "a presentation of data model 2.0 has no claim vp")
	}
	if claims.Has("vc") {
		return nil, trust.Refuse("V58", "a presentation has no claim vc")
	}
	if !has && !plain {
		return nil, trust.Refuse("V58", "the token has no claim vp")
	}
	if has {
		p.profile = VC11
		if p.body, err = object(inside); err != nil {
			return nil, trust.Refuse("V58", "the claim vp %v", err)
		}
	}
	return p, nil
}

// envelops reports whether it is the envelope of a presentation. One that has
// credentials as well is none.
func (p *presentation) envelops() bool {
	types, err := p.body.types()
	return err == nil && p.profile == VC20 && len(types) == 1 && types[0] == typeEnvelopedPresentation
}
