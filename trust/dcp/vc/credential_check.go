// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
)

// readOf reads a credential that must be of a profile, if one is given.
func readOf(raw string, p Profile) (*document, error) {
	d, err := read(raw)
	if err != nil {
		return nil, refusal(err)
	}
	if p != "" && d.Profile != p {
		return d, trust.Refuse("V62", "it mixes formats: a credential in it is not of %s", p)
	}
	return d, nil
}

// judge runs the checks of one credential in the order of their numbers, but
// for those that spare us calls to hosts that only a counterparty names: whose
// key it is (V65) and whether we trust its issuer (V68) come before the
// signature, the schemas (V77) last.
func (c *Checker) judge(ctx context.Context, d *document, want Want) error {
	if err := d.checkModel(); err != nil {
		return err
	}
	if err := d.checkIssuer(); err != nil {
		return err
	}
	relax, err := c.checkTrust(ctx, d, want.Issuers)
	if err != nil {
		return err
	}
	if err := pending(ctx); err != nil {
		return err
	}
	if _, err := c.verify(ctx, d.token, ofCredential, relax); err != nil {
		return err
	}
	for _, check := range []func() error{
		func() error { return d.checkClaims(relax) },
		func() error { return d.checkSubjects(want.Holder) },
		func() error { return d.checkDates(c.Now()) },
		func() error { return d.checkContext(relax) },
		func() error { return d.checkTypes(relax) },
		d.checkTyp,
		d.checkStatus,
		func() error { return c.checkSchemas(ctx, d) },
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// checkModel is V58 for a credential: of data model 1.1 it is the claim vc and
// nothing else, of 2.0 there is none.
func (d *document) checkModel() error {
	plain := d.claims.Has("@context") || d.claims.Has("credentialSubject")
	if d.claims.Has("vc") && (plain || mediaType(d.token.Header().Type) == "vc+jwt") {
		return trust.Refuse("V58", "a credential of data model 2.0 has no claim vc")
	}
	if d.claims.Has("vp") {
		return trust.Refuse("V58", "a credential has no claim vp")
	}
	return nil
}

// checkIssuer is V65: the key is one of the issuer's, by exact comparison.
func (d *document) checkIssuer() error {
	if owner := did.Owner(d.KeyID); owner == "" || owner != d.Issuer {
		return trust.Refuse("V65", "it is signed by %.256q, its issuer is %.256q", owner, d.Issuer)
	}
	return nil
}

// checkTrust is V68: the issuer must be believed for each of the types, since
// under each of them the credential could be used. It returns how strictly the
// issuer is judged: leniently if it is so for all of the types.
func (c *Checker) checkTrust(ctx context.Context, d *document, issuers Issuers) (relaxation, error) {
	conformance, asked := trust.Lenient, false
	for _, name := range d.Types {
		if name == typeCredential {
			continue
		}
		asked = true
		if issuers == nil {
			return relaxation{}, trust.Refuse("V68", "no issuer is trusted")
		}
		trusted, how, err := issuers(ctx, d.Issuer, name)
		if _, ok := errors.AsType[*trust.Refusal](err); ok {
			return relaxation{}, err
		}
		if err != nil {
			return relaxation{}, fmt.Errorf("%w: whether the issuer %s is trusted: %w", trust.ErrUnavailable, d.Issuer, err)
		}
		if !trusted {
			return relaxation{}, trust.Refuse("V68", "the issuer %s is not trusted for %.128q", d.Issuer, name)
		}
		if !how.Lenient() {
			conformance = trust.Strict
		}
	}
	if !asked {
		return relaxation{}, trust.Refuse("V76", "it has no type but %s", typeCredential)
	}
	return c.relaxation(conformance, d.Issuer), nil
}

// checkClaims is V66: what the token says twice it says alike.
func (d *document) checkClaims(relax relaxation) error {
	if d.claims.Has("iss") && d.issuer != "" && d.claims.Issuer != d.issuer {
		return trust.Refuse("V66", "its iss %.256q is not its issuer %.256q", d.claims.Issuer, d.issuer)
	}
	// Some issuers number their tokens: only a jti that is a URI can be an id.
	if id, _ := d.body.text("id"); strings.Contains(d.claims.ID, ":") && id != "" && d.claims.ID != id {
		return trust.Refuse("V66", "its jti %.256q is not its id %.256q", d.claims.ID, id)
	}
	if d.claims.Has("sub") && d.ownID != "" && d.claims.Subject != d.ownID {
		if d.Profile == VC11 && relax.allows("the credential's sub is not its subject") {
			return nil
		}
		return trust.Refuse("V66", "its sub %.256q is not its subject %.256q", d.claims.Subject, d.ownID)
	}
	return nil
}

// checkSubjects is V69: it says nothing of anybody but its holder.
func (d *document) checkSubjects(holder string) error {
	for _, id := range d.subjects {
		if id == "" || id != holder {
			return trust.Refuse("V69", "it is about %.256q, its holder is %s", id, holder)
		}
	}
	return nil
}

// uuid is what an older implementation writes for a context: the credential's
// id.
var uuid = regexp.MustCompile(`^(urn:uuid:)?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// checkContext is V75. Contexts that follow are not looked at, and none is
// ever fetched: types are compared as they stand.
func (d *document) checkContext(relax relaxation) error {
	if s, is := text(d.body["@context"]); is {
		known := s == d.Profile.base() || s == d.ID || uuid.MatchString(s)
		if d.Profile == VC11 && known && relax.allows("the credential's @context is a string") {
			return nil
		}
		return trust.Refuse("V75", "its @context is no array")
	}
	list := d.body.list("@context")
	if len(list) == 0 {
		return trust.Refuse("V75", "it has no @context")
	}
	if first, _ := text(list[0]); first != d.Profile.base() {
		return trust.Refuse("V75", "its @context does not begin with %s", d.Profile.base())
	}
	return nil
}

// checkTypes is V76. That there is another type was seen before.
func (d *document) checkTypes(relax relaxation) error {
	if !slices.Contains(d.Types, typeCredential) && !relax.allows("the credential is not of type "+typeCredential) {
		return trust.Refuse("V76", "it is not of type %s", typeCredential)
	}
	return nil
}

// checkTyp is V78.
func (d *document) checkTyp() error {
	typ := mediaType(d.token.Header().Type)
	if typ == "" || d.Profile == VC20 && typ == "vc+jwt" || d.Profile == VC11 && typ == "jwt" {
		return nil
	}
	return trust.Refuse("V78", "the token's typ is %.64q", d.token.Header().Type)
}

// checkStatus reports entries that could not be read; what they say is judged
// elsewhere, again and again.
func (d *document) checkStatus() error {
	var refused *trust.Refusal
	if d.statusErr == nil || errors.As(d.statusErr, &refused) {
		return d.statusErr
	}
	return trust.Refuse("V91", "its credentialStatus cannot be read").Because(d.statusErr)
}
