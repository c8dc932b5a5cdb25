// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/store"
	"github.com/musubi-ods/musubi/trust"
)

// KeyOverlap is how long a new key is published before it signs: longer than
// any counterparty believes its copy of a DID document.
const KeyOverlap = 10 * time.Minute

// Keys are the private keys in a store, for who administers it. A running
// connector sees a change within seconds.
type Keys struct {
	store      store.Store
	keys       *keys
	configured []ParticipantConfig // not in the store before the first start
}

// OpenKeys opens the store of a configuration for its keys alone. Close it.
func OpenKeys(ctx context.Context, cfg Config) (*Keys, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s, err := cfg.open(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return &Keys{store: s, keys: newKeys(s, now), configured: cfg.Participants}, nil
}

// Rotate makes a key for a use that is published at once and signs after the
// overlap (0: KeyOverlap; below zero: at once). The one before it stays
// published.
func (k *Keys) Rotate(ctx context.Context, participant, use string, overlap time.Duration) (trust.PublicKey, error) {
	if err := k.known(ctx, participant); err != nil {
		return trust.PublicKey{}, err
	}
	return k.keys.Rotate(ctx, participant, use, overlap)
}

// Import takes a key, PKCS #8 in PEM, that signs at once.
func (k *Keys) Import(ctx context.Context, participant, use string, pem []byte) (trust.PublicKey, error) {
	if err := k.known(ctx, participant); err != nil {
		return trust.PublicKey{}, err
	}
	return k.keys.Import(ctx, participant, use, pem, now())
}

// Delete removes a retired key for good: what it signed is believed no more.
func (k *Keys) Delete(ctx context.Context, participant, id string) error {
	if err := k.known(ctx, participant); err != nil {
		return err
	}
	return k.keys.Delete(ctx, participant, id)
}

// List returns all keys of a participant.
func (k *Keys) List(ctx context.Context, participant string) ([]trust.PublicKey, error) {
	if err := k.known(ctx, participant); err != nil {
		return nil, err
	}
	return k.keys.List(ctx, participant)
}

func (k *Keys) known(ctx context.Context, participant string) error {
	if slices.ContainsFunc(k.configured, func(p ParticipantConfig) bool { return p.Context == participant }) {
		return nil
	}
	_, err := k.store.Participant(ctx, participant)
	return err
}

// Close closes the store.
func (k *Keys) Close() error { return k.store.Close() }
