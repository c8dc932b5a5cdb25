// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc

import (
	"context"
	"crypto"
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

// refresher is a resolver that can forget a document, since owners change
// their keys.
type refresher interface {
	Refresh(did string) bool
}

// verify checks that the key which kid names is published for the use by the
// DID of which it is part, and that it signed, and returns the claims.
func (c *Checker) verify(ctx context.Context, token jose.Token, u use, relax relaxation) (jose.Claims, error) {
	kid := token.Header().KeyID
	key, err := c.key(ctx, kid, u, relax)
	if errors.Is(err, did.ErrNoKey) {
		if r, ok := c.DIDs.(refresher); ok && r.Refresh(did.Owner(kid)) {
			key, err = c.key(ctx, kid, u, relax)
		}
	}
	if err != nil {
		return jose.Claims{}, u.verdict(ctx, kid, err)
	}
	claims, err := token.Verify(key)
	if err != nil {
		return jose.Claims{}, trust.Refuse(u.signature, "the key %s did not sign it", kid).Because(err)
	}
	return claims, nil
}

// key finds a key in its owner's document. A document that lists no relation
// at all, as deployed wallets' documents do, allows every use if relax says
// so.
func (c *Checker) key(ctx context.Context, kid string, u use, relax relaxation) (crypto.PublicKey, error) {
	document, err := c.DIDs.Resolve(ctx, did.Owner(kid))
	if err != nil {
		return nil, err
	}
	key, err := document.Key(kid, u.relation, false)
	if errors.Is(err, did.ErrRelation) && !document.Relates() && relax.allows("the DID document lists no relation; "+string(u.relation)+" is meant") {
		return document.Key(kid, u.relation, true)
	}
	return key, err
}

// verdict gives an error of a resolver or document its number, or calls it no
// verdict.
func (u use) verdict(ctx context.Context, kid string, err error) error {
	if unavailable(ctx, err) {
		return fmt.Errorf("%w: the DID document of %s: %w", trust.ErrUnavailable, did.Owner(kid), err)
	}
	if errors.Is(err, did.ErrRelation) {
		return trust.Refuse(u.permission, "the key %s is not published for %s", kid, u.relation).Because(err)
	}
	for _, noKey := range []error{did.ErrNoKey, did.ErrManyKeys, did.ErrOwner, did.ErrKey} {
		if errors.Is(err, noKey) {
			return trust.Refuse(u.signature, "there is no key %s", kid).Because(err)
		}
	}
	return trust.Refuse("V22", "the DID %s cannot be resolved", did.Owner(kid)).Because(err)
}

// unavailable reports whether an error of somebody we asked is no verdict.
// What is not known to be one is none.
func unavailable(ctx context.Context, err error) bool {
	if ctx.Err() != nil || errors.Is(err, did.ErrUnreachable) || errors.Is(err, trust.ErrUnavailable) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	var verdict *did.Error
	return !errors.As(err, &verdict)
}
