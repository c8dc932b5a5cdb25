// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
)

// keys is the KeyStore over the rows of the store: ES256 keys, made when they
// are first asked for. Other replicas change the rows as well, so nothing is
// believed for longer than keysKnown.
type keys struct {
	rows      trust.KeyRows
	now       func() time.Time
	signing   memo[trust.Key]
	verifying memo[crypto.PublicKey]
	published memo[[]trust.PublicKey]
}

// keysKnown is how long a key is believed to be as it was read. A key that
// another replica retired may sign for so long; it stays published, so what it
// signs is good.
const keysKnown = 5 * time.Second

var _ trust.KeyStore = (*keys)(nil)

func newKeys(rows trust.KeyRows, now func() time.Time) *keys { return &keys{rows: rows, now: now} }

// SigningKey implements trust.KeyStore.
func (k *keys) SigningKey(ctx context.Context, contextID, use string) (trust.Key, error) {
	now := k.now()
	return k.signing.get(contextID, use, now, func() (trust.Key, time.Time, error) {
		row, err := k.current(ctx, contextID, use, now)
		if err != nil {
			return trust.Key{}, time.Time{}, err
		}
		signer, err := jose.ParsePrivateKey(row.PEM)
		if err != nil {
			return trust.Key{}, time.Time{}, err
		}
		until, err := k.change(ctx, contextID, use, now)
		return trust.Key{ID: row.ID, Signer: signer}, until, err
	})
}

// current returns the row that signs now, made if there is none.
func (k *keys) current(ctx context.Context, contextID, use string, now time.Time) (trust.SealedKey, error) {
	row, err := k.rows.CurrentKey(ctx, contextID, use, now)
	if !errors.Is(err, trust.ErrNoKey) {
		return row, err
	}
	made, err := generate(use, time.Time{})
	if err != nil {
		return trust.SealedKey{}, err
	}
	row, err = k.rows.FirstKey(ctx, contextID, made)
	if err != nil || !retired(row, now) {
		// One that is for later has no predecessor: it is made by a replica
		// whose clock is ahead.
		return row, err
	}
	return made, k.rows.AddKey(ctx, contextID, made)
}

// change returns when the key that signs may be another: soon, or at the very
// moment when the next takes over.
func (k *keys) change(ctx context.Context, contextID, use string, now time.Time) (time.Time, error) {
	rows, err := k.rows.Keys(ctx, contextID, use)
	until := now.Add(keysKnown)
	for _, row := range rows {
		for _, at := range []time.Time{row.Active, row.Retired} {
			if at.After(now) && at.Before(until) {
				until = at
			}
		}
	}
	return until, err
}

// VerificationKey implements trust.KeyStore.
func (k *keys) VerificationKey(ctx context.Context, contextID, keyID string) (crypto.PublicKey, error) {
	now := k.now()
	return k.verifying.get(contextID, keyID, now, func() (crypto.PublicKey, time.Time, error) {
		row, err := k.rows.KeyByID(ctx, contextID, keyID)
		if err != nil {
			return nil, time.Time{}, err
		}
		public, err := publicHalf(row)
		return public.Key, now.Add(keysKnown), err
	})
}

// PublicKeys implements trust.KeyStore.
func (k *keys) PublicKeys(ctx context.Context, contextID, use string) ([]trust.PublicKey, error) {
	now := k.now()
	list, err := k.published.get(contextID, use, now, func() ([]trust.PublicKey, time.Time, error) {
		if _, err := k.current(ctx, contextID, use, now); err != nil {
			return nil, time.Time{}, err
		}
		list, err := k.read(ctx, contextID, use)
		return list, now.Add(keysKnown), err
	})
	return slices.Clone(list), err
}

// read returns the public halves of all keys for a use, or of all.
func (k *keys) read(ctx context.Context, contextID, use string) ([]trust.PublicKey, error) {
	rows, err := k.rows.Keys(ctx, contextID, use)
	if err != nil {
		return nil, err
	}
	list := make([]trust.PublicKey, len(rows))
	for i, row := range rows {
		if list[i], err = publicHalf(row); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func publicHalf(row trust.SealedKey) (trust.PublicKey, error) {
	signer, err := jose.ParsePrivateKey(row.PEM)
	if err != nil {
		return trust.PublicKey{}, fmt.Errorf("key %s: %w", row.ID, err)
	}
	return trust.PublicKey{ID: row.ID, Use: row.Use, Key: signer.Public(), Active: row.Active, Retired: row.Retired}, nil
}

func retired(row trust.SealedKey, now time.Time) bool {
	return !row.Retired.IsZero() && !row.Retired.After(now)
}

// generate makes a key. Keys that others see are named after themselves, so
// that a name never stands for two keys, not even after a restore.
func generate(use string, active time.Time) (trust.SealedKey, error) {
	made, err := jose.GenerateES256(rand.Reader)
	if err != nil {
		return trust.SealedKey{}, err
	}
	pem, err := jose.MarshalPrivateKey(made)
	if err != nil {
		return trust.SealedKey{}, err
	}
	id := newID()
	if use == trust.UseIdentity || use == trust.UseIssuer {
		if id, err = keyID(made.Public()); err != nil {
			return trust.SealedKey{}, err
		}
	}
	return trust.SealedKey{ID: id, Use: use, PEM: pem, Active: active}, nil
}

// keyID names a key by its SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7).
func keyID(public crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(der)
	return "key-" + hex.EncodeToString(sum[:8]), nil
}

// signHead signs the end of a participant's journal.
func (k *keys) signHead(ctx context.Context, contextID, hash string, position int64) (string, []byte, error) {
	key, err := k.SigningKey(ctx, contextID, trust.UseJournal)
	if err != nil {
		return "", nil, err
	}
	digest := sha256.Sum256(headText(contextID, hash, position))
	signature, err := key.Signer.Sign(rand.Reader, digest[:], crypto.SHA256)
	return key.ID, signature, err
}

func headText(contextID, hash string, position int64) []byte {
	return []byte("musubi journal head\n" + contextID + "\n" + strconv.FormatInt(position, 10) + "\n" + hash + "\n")
}
