// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp

import (
	"context"
	"crypto"
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
)

// refresher is a Resolver that keeps documents; *did.Web.
type refresher interface {
	// Refresh forgets a document unless it is quite new.
	Refresh(did string) bool
}

// prove finds the key in the caller's document and checks the signature: V08,
// V10, V14 to V26. Where the document at hand does not fit the token, a newer
// one is asked for, once: the caller may have changed its key.
func (a *Authenticator) prove(ctx context.Context, own trust.Participant, t token, lenient func() bool) (*did.Document, error) {
	document, err := a.proveBy(ctx, own, t, lenient)
	if err == nil || !mayBeStale(err) {
		return document, err
	}
	if kept, ok := a.DIDs.(refresher); ok && kept.Refresh(t.claims.Issuer) {
		return a.proveBy(ctx, own, t, lenient)
	}
	return nil, err
}

func mayBeStale(err error) bool {
	return errors.Is(err, did.ErrNoKey) || errors.Is(err, jose.ErrSignature) || errors.Is(err, jose.ErrKeyAlgorithm)
}

func (a *Authenticator) proveBy(ctx context.Context, own trust.Participant, t token, lenient func() bool) (*did.Document, error) {
	document, err := a.DIDs.Resolve(ctx, t.claims.Issuer)
	if err != nil {
		return nil, unresolved(err)
	}
	if document.ID != t.claims.Subject {
		return nil, trust.Refuse("V19", "sub is not the id of the DID document")
	}
	kid := t.claims.Header.KeyID
	relaxed := !document.Relates() && lenient()
	key, err := document.Key(kid, did.CapabilityInvocation, relaxed)
	if err != nil {
		return nil, unusable(err, kid)
	}
	if err := verify(t, key); err != nil {
		return nil, err
	}
	if relaxed {
		a.relaxed(own, t.claims.Issuer, "a DID document without verification relationships")
	}
	return document, nil
}

func verify(t token, key crypto.PublicKey) error {
	_, err := t.Verify(key)
	if err == nil {
		return nil
	}
	header, _ := parts(t.raw)
	switch {
	case errors.Is(err, jose.ErrWeakKey):
		return trust.Refuse("V26", "the key is not well formed or too weak").Because(err)
	case has(header, "jwk", "jku", "x5u", "x5c"):
		return trust.Refuse("V10", "the token brings a key along, and is not signed by the one in the DID document").Because(err)
	}
	return trust.Refuse("V08", "the token is not signed by its key, or not by an algorithm of that key").Because(err)
}

// verdicts number what is wrong with a DID or its document. Their order does
// not matter.
var verdicts = []struct {
	err   *did.Error
	check string
}{
	{did.ErrID, "V19"},
	{did.ErrMethod, "V20"},
	{did.ErrSyntax, "V21"},
	{did.ErrNotFound, "V22"},
	{did.ErrDocument, "V22"},
	{did.ErrAddress, "V23"},
	{did.ErrScheme, "V24"},
	{did.ErrTwice, "V25"},
	{did.ErrKey, "V26"},
	{did.ErrNoKey, "V14"},
	{did.ErrManyKeys, "V15"},
	{did.ErrOwner, "V18"},
}

// unresolved tells verdicts on a DID from a document that is out of reach now.
func unresolved(err error) error {
	for _, v := range verdicts {
		if errors.Is(err, v.err) {
			return trust.Refuse(v.check, "the DID of the caller does not lead to a usable document").Because(err)
		}
	}
	if verdict, ok := errors.AsType[*did.Error](err); ok {
		return trust.Refuse("V22", "the DID of the caller does not lead to a usable document").Because(verdict)
	}
	return fmt.Errorf("%w: the DID document of the caller: %w", trust.ErrUnavailable, err)
}

// unusable numbers why the key that the token names may not be used.
func unusable(err error, kid string) error {
	const reason = "the DID document has no key for this token"
	if errors.Is(err, did.ErrRelation) {
		if kid == "" {
			return trust.Refuse("V16", reason).Because(err)
		}
		return trust.Refuse("V17", reason).Because(err)
	}
	for _, v := range verdicts {
		if errors.Is(err, v.err) {
			return trust.Refuse(v.check, reason).Because(err)
		}
	}
	return trust.Refuse("V14", reason).Because(err)
}
