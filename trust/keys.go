// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"context"
	"crypto"
	"time"
)

// The uses of a participant's keys.
const (
	UseIdentity = "identity" // self-issued tokens and presentations
	UseIssuer   = "issuer"   // credentials, status lists and trust lists
	UseData     = "data"     // tokens of the built-in data plane
	UseJournal  = "journal"  // heads of the journal
)

// Key is a signing key of a participant. The private half may be in a device.
type Key struct {
	ID     string
	Signer crypto.Signer
}

// PublicKey is the half of a key that is published.
type PublicKey struct {
	ID  string
	Use string
	Key crypto.PublicKey
	// Active is from when on the key signs; it is published before that, so
	// that no counterparty still has a copy of the document without it.
	Active time.Time
	// Retired is when the next key took over; zero for the current one and
	// the next. What it signed is good for as long as it is published.
	Retired time.Time
}

// KeyStore gives a participant's keys. A service that keeps keys elsewhere
// (KMS, HSM) implements it.
type KeyStore interface {
	// SigningKey returns the current key for a use, made on first demand.
	SigningKey(ctx context.Context, contextID, use string) (Key, error)
	// VerificationKey returns the public half of a key, current or retired.
	VerificationKey(ctx context.Context, contextID, keyID string) (crypto.PublicKey, error)
	// PublicKeys returns the keys for a use that are published: the current
	// one, made if there is none, the next and those retired.
	PublicKeys(ctx context.Context, contextID, use string) ([]PublicKey, error)
}

// SealedKey is a private key as it is kept: encrypted at rest by the store.
type SealedKey struct {
	ID  string // unique per participant
	Use string // UseIdentity, ...
	PEM []byte // the private key, PKCS #8 in PEM, in the clear here
	// Active is from when on the key signs; zero: at once.
	Active time.Time
	// Retired is when it was taken out of use before another took over; zero
	// for a key in order.
	Retired time.Time
}

// KeyRows keeps private keys, encrypted at rest.
type KeyRows interface {
	// CurrentKey returns the newest key for a use that is active at a time
	// and not retired by then. ErrNoKey.
	CurrentKey(ctx context.Context, contextID, use string, at time.Time) (SealedKey, error)
	// KeyByID returns one. ErrNoKey.
	KeyByID(ctx context.Context, contextID, id string) (SealedKey, error)
	// Keys returns all keys of a participant for a use, oldest first; an
	// empty use means all.
	Keys(ctx context.Context, contextID, use string) ([]SealedKey, error)
	// FirstKey keeps k if the participant has none for its use, and returns
	// the key that is kept: replicas that make one at the same time agree.
	FirstKey(ctx context.Context, contextID string, k SealedKey) (SealedKey, error)
	// AddKey keeps one more key. ErrKeyExists where the id is taken.
	AddKey(ctx context.Context, contextID string, k SealedKey) error
	// RetireKey takes a key out of use from a time on: it signs nothing any
	// more and is published still. ErrNoKey.
	RetireKey(ctx context.Context, contextID, id string, at time.Time) error
	// DeleteKey removes a key for good. ErrNoKey.
	DeleteKey(ctx context.Context, contextID, id string) error
}
