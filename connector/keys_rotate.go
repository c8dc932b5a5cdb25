// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
)

var (
	// errKeyUse marks a use that there is not, or a key that cannot serve it.
	errKeyUse = errors.New("the key cannot be used so")
	// errKeyInUse marks a key that signs, or will.
	errKeyInUse = errors.New("the key is not retired yet")
)

// Rotate adds a key that is published at once and signs from the end of the
// overlap on, when the present one retires; that one stays published. An
// overlap of zero means KeyOverlap, a negative one none: no other key is to
// be used any more. (If one was stolen, it is to be deleted as well: what it
// signs is believed for as long as it is published.) Where there is no key
// yet, one is made that signs at once.
func (k *keys) Rotate(ctx context.Context, contextID, use string, overlap time.Duration) (trust.PublicKey, error) {
	if err := checkUse(use); err != nil {
		return trust.PublicKey{}, err
	}
	if overlap == 0 {
		overlap = KeyOverlap
	}
	made, err := generate(use, k.now().Add(max(overlap, 0)))
	if err != nil {
		return trust.PublicKey{}, err
	}
	return k.add(ctx, contextID, made)
}

// Import adds a key of the operator's own, PKCS #8 in PEM, which signs from a
// time on, as Rotate does. A key that is there already is left as it is, also
// a retired one: a key that is imported at each start does not undo a rotation.
// The errors wrap jose.ErrKey for a text that is no such key and
// trust.ErrKeyExists for a key that serves another use.
func (k *keys) Import(ctx context.Context, contextID, use string, pem []byte, active time.Time) (trust.PublicKey, error) {
	if err := checkUse(use); err != nil {
		return trust.PublicKey{}, err
	}
	signer, err := jose.ParsePrivateKey(pem)
	if err != nil {
		return trust.PublicKey{}, err
	}
	if key, ok := signer.Public().(*ecdsa.PublicKey); use == trust.UseJournal && (!ok || key.Curve != elliptic.P256()) {
		return trust.PublicKey{}, fmt.Errorf("%w: the journal is signed by a P-256 key", errKeyUse)
	}
	id, err := keyID(signer.Public())
	if err != nil {
		return trust.PublicKey{}, err
	}
	if found, err := k.found(ctx, contextID, id, use); !errors.Is(err, trust.ErrNoKey) {
		return found, err
	}
	text, err := jose.MarshalPrivateKey(signer)
	if err != nil {
		return trust.PublicKey{}, err
	}
	if now := k.now(); active.Before(now) {
		active = now // what was signed before was signed by another
	}
	added, err := k.add(ctx, contextID, trust.SealedKey{ID: id, Use: use, PEM: text, Active: active})
	if errors.Is(err, trust.ErrKeyExists) { // another replica was first
		return k.found(ctx, contextID, id, use)
	}
	return added, err
}

func (k *keys) found(ctx context.Context, contextID, id, use string) (trust.PublicKey, error) {
	row, err := k.rows.KeyByID(ctx, contextID, id)
	if err != nil {
		return trust.PublicKey{}, err
	}
	if row.Use != use {
		return trust.PublicKey{}, fmt.Errorf("%w: it is the participant's for %s", trust.ErrKeyExists, row.Use)
	}
	return publicHalf(row)
}

// add keeps a key and retires the others of its use when it becomes active.
// The order matters: between the two steps there are two keys, never none.
func (k *keys) add(ctx context.Context, contextID string, row trust.SealedKey) (trust.PublicKey, error) {
	defer k.forget(contextID)
	others, err := k.rows.Keys(ctx, contextID, row.Use)
	if err != nil {
		return trust.PublicKey{}, err
	}
	if len(others) == 0 {
		row.Active = k.now() // there is nothing to overlap with
	}
	row.Active = row.Active.UTC().Truncate(time.Microsecond) // as it is kept
	if err := k.rows.AddKey(ctx, contextID, row); err != nil {
		return trust.PublicKey{}, err
	}
	for _, other := range others {
		if other.Retired.IsZero() || other.Retired.After(row.Active) {
			if err := k.rows.RetireKey(ctx, contextID, other.ID, row.Active); err != nil {
				return trust.PublicKey{}, err
			}
		}
	}
	return publicHalf(row)
}

// List returns the public halves of all keys of a participant, oldest first.
func (k *keys) List(ctx context.Context, contextID string) ([]trust.PublicKey, error) {
	return k.read(ctx, contextID, "")
}

// Delete removes a retired key for good. Nothing that it signed can be
// verified any more: for an issuer's key, all credentials of it are revoked.
// Errors wrap trust.ErrNoKey, or errKeyInUse for a key that is not retired.
func (k *keys) Delete(ctx context.Context, contextID, id string) error {
	row, err := k.rows.KeyByID(ctx, contextID, id)
	if err != nil {
		return err
	}
	if !retired(row, k.now()) {
		return fmt.Errorf("%s: %w", id, errKeyInUse)
	}
	defer k.forget(contextID)
	return k.rows.DeleteKey(ctx, contextID, id)
}

func (k *keys) forget(contextID string) {
	k.signing.forget(contextID)
	k.verifying.forget(contextID)
	k.published.forget(contextID)
}

func checkUse(use string) error {
	switch use {
	case trust.UseIdentity, trust.UseIssuer, trust.UseData, trust.UseJournal:
		return nil
	}
	return fmt.Errorf("%w: %.40q is no use; %s, %s, %s and %s are", errKeyUse, use,
		trust.UseIdentity, trust.UseIssuer, trust.UseData, trust.UseJournal)
}
