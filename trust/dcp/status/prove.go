// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"context"
	"crypto"
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
)

// prove checks that a key which the issuer publishes for assertions signed
// the token. anyKey reports that the issuer's document says nothing of uses.
func (c *Checker) prove(ctx context.Context, token jose.Token, issuer string) (anyKey bool, err error) {
	kid := token.Header().KeyID
	if did.Owner(kid) != issuer {
		return false, trust.Refuse("V83", "the status list is signed by %.200q, not by its issuer", kid)
	}
	key, anyKey, err := c.key(ctx, issuer, kid)
	if errors.Is(err, did.ErrNoKey) && c.refresh(issuer) {
		key, anyKey, err = c.key(ctx, issuer, kid)
	}
	if err != nil {
		return false, keyError(err)
	}
	if _, err := token.Verify(key); err != nil {
		return false, trust.Refuse("V83", "the status list's signature is not good").Because(err)
	}
	return anyKey, nil
}

func (c *Checker) key(ctx context.Context, issuer, kid string) (key crypto.PublicKey, anyKey bool, err error) {
	document, err := c.cfg.DIDs.Resolve(ctx, issuer)
	if err != nil {
		return nil, false, err
	}
	key, err = document.Key(kid, did.AssertionMethod, false)
	if err != nil && !document.Relates() {
		anyKey = true
		key, err = document.Key(kid, did.AssertionMethod, true)
	}
	return key, anyKey, err
}

// refresh forgets a cached document, so that a key which is newer is found.
func (c *Checker) refresh(issuer string) bool {
	r, ok := c.cfg.DIDs.(interface{ Refresh(did string) bool })
	return ok && r.Refresh(issuer)
}

// keyError tells a verdict on the issuer's document from one that could not be
// fetched.
func keyError(err error) error {
	if _, verdict := errors.AsType[*did.Error](err); verdict && !errors.Is(err, did.ErrUnreachable) {
		return trust.Refuse("V83", "the status list's key is not one of its issuer's").Because(err)
	}
	return fmt.Errorf("%w: the key of a status list: %w", trust.ErrUnavailable, err)
}
