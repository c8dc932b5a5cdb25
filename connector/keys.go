// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strconv"
	"sync"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
)

// keys is the KeyStore over the rows of the store: ES256 keys, made when they
// are first asked for.
type keys struct {
	rows  trust.KeyRows
	mu    sync.Mutex
	cache map[string]trust.Key // by context and use, or context and id
}

var _ trust.KeyStore = (*keys)(nil)

func newKeys(rows trust.KeyRows) *keys { return &keys{rows: rows, cache: map[string]trust.Key{}} }

// SigningKey implements trust.KeyStore.
func (k *keys) SigningKey(ctx context.Context, contextID, use string) (trust.Key, error) {
	return k.cached(contextID+" use "+use, func() (trust.SealedKey, error) {
		row, err := k.rows.CurrentKey(ctx, contextID, use)
		if !errors.Is(err, trust.ErrNoKey) {
			return row, err
		}
		made, err := jose.GenerateES256(rand.Reader)
		if err != nil {
			return row, err
		}
		pem, err := jose.MarshalPrivateKey(made)
		if err != nil {
			return row, err
		}
		return k.rows.FirstKey(ctx, contextID, trust.SealedKey{ID: newID(), Use: use, PEM: pem})
	})
}

// VerificationKey implements trust.KeyStore.
func (k *keys) VerificationKey(ctx context.Context, contextID, keyID string) (crypto.PublicKey, error) {
	key, err := k.cached(contextID+" id "+keyID, func() (trust.SealedKey, error) {
		return k.rows.KeyByID(ctx, contextID, keyID)
	})
	if err != nil {
		return nil, err
	}
	return key.Signer.Public(), nil
}

func (k *keys) cached(name string, load func() (trust.SealedKey, error)) (trust.Key, error) {
	k.mu.Lock()
	key, ok := k.cache[name]
	k.mu.Unlock()
	if ok {
		return key, nil
	}
	row, err := load()
	if err != nil {
		return trust.Key{}, err
	}
	signer, err := jose.ParsePrivateKey(row.PEM)
	if err != nil {
		return trust.Key{}, err
	}
	key = trust.Key{ID: row.ID, Signer: signer}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.cache[name] = key
	return key, nil
}

// signHead signs the end of a participant's journal.
func (k *keys) signHead(ctx context.Context, contextID, hash string, position int64) (string, []byte, error) {
	key, err := k.SigningKey(ctx, contextID, "journal")
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
