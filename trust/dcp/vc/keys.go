// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc

import (
	"context"
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
)

// use is what a token's key must be published for, with the numbers of the
// checks that its signature and the use are.
type use struct {
	relation              did.Relation
	signature, permission string
}

var (
	ofPresentation = use{did.Authentication, "V52", "V53"}
	ofCredential   = use{did.AssertionMethod, "V64", "V67"}
)

// refresher is a resolver that keeps documents; *did.Web.
type refresher interface {
	// Refresh forgets a document unless it is quite new.
	Refresh(did string) bool
}

// verify checks that the key which kid names is published for the use by the
// DID of which it is part, and that it signed, and returns the claims. Where
// the document at hand does not fit the token, a newer one is asked for, once:
// its owner may have changed keys.
func (c *Checker) verify(ctx context.Context, token jose.Token, u use, relax relaxation) (jose.Claims, error) {
	kid := token.Header().KeyID
	claims, err := c.verifyBy(ctx, token, u, relax)
	if mayBeStale(err) {
		if r, ok := c.DIDs.(refresher); ok && r.Refresh(did.Owner(kid)) {
			claims, err = c.verifyBy(ctx, token, u, relax)
		}
	}
	if err != nil {
		return jose.Claims{}, u.verdict(ctx, kid, err)
	}
	return claims, nil
}

func mayBeStale(err error) bool {
	return errors.Is(err, did.ErrNoKey) || errors.Is(err, jose.ErrSignature) || errors.Is(err, jose.ErrKeyAlgorithm)
}

// verifyBy verifies by the document at hand. One that lists no relation at
// all, as deployed wallets' do, allows every use if relax says so.
func (c *Checker) verifyBy(ctx context.Context, token jose.Token, u use, relax relaxation) (jose.Claims, error) {
	kid := token.Header().KeyID
	document, err := c.DIDs.Resolve(ctx, did.Owner(kid))
	if err != nil {
		return jose.Claims{}, err
	}
	key, err := document.Key(kid, u.relation, relax.lenient)
	if err != nil {
		return jose.Claims{}, err
	}
	claims, err := token.Verify(key)
	if err == nil && !document.Relates() {
		relax.allows("the DID document lists no relation; " + string(u.relation) + " is meant")
	}
	return claims, err
}

// verdicts number what is wrong with a DID or its document.
var verdicts = []struct {
	err   *did.Error
	check string
}{
	{did.ErrOwner, "V18"},
	{did.ErrMethod, "V20"},
	{did.ErrSyntax, "V21"},
	{did.ErrAddress, "V23"},
	{did.ErrScheme, "V24"},
	{did.ErrTwice, "V25"},
	{did.ErrKey, "V26"},
}

// verdict gives an error of a resolver, document or token its number, or calls
// it no verdict: what is not known to be one is none.
func (u use) verdict(ctx context.Context, kid string, err error) error {
	if _, ok := errors.AsType[*jose.Error](err); ok {
		return trust.Refuse(u.signature, "the key %s did not sign it", kid).Because(err)
	}
	_, known := errors.AsType[*did.Error](err)
	if ctx.Err() != nil || !known || errors.Is(err, did.ErrUnreachable) {
		return fmt.Errorf("%w: the DID document of %s: %w", trust.ErrUnavailable, did.Owner(kid), err)
	}
	if errors.Is(err, did.ErrRelation) {
		return trust.Refuse(u.permission, "the key %s is not published for %s", kid, u.relation).Because(err)
	}
	if errors.Is(err, did.ErrNoKey) || errors.Is(err, did.ErrManyKeys) {
		return trust.Refuse(u.signature, "there is no key %s", kid).Because(err)
	}
	for _, v := range verdicts {
		if errors.Is(err, v.err) {
			return trust.Refuse(v.check, "the DID %s does not lead to a usable key", did.Owner(kid)).Because(err)
		}
	}
	return trust.Refuse("V22", "the DID %s cannot be resolved", did.Owner(kid)).Because(err)
}
