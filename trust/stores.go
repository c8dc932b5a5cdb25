// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"context"
	"errors"
)

// Errors of the stores below.
var (
	// ErrUnknownParticipant: this connector speaks for no such participant.
	ErrUnknownParticipant = errors.New("unknown participant")
	// ErrNoKey: the participant has no such key.
	ErrNoKey = errors.New("no such key")
)

// ParticipantStore keeps the participants that this connector speaks for.
type ParticipantStore interface {
	// Participant returns one by its context. ErrUnknownParticipant.
	Participant(ctx context.Context, contextID string) (Participant, error)
	// Participants returns all, in order of their contexts.
	Participants(ctx context.Context) ([]Participant, error)
	// PutParticipant adds one, or changes all of it but its context.
	PutParticipant(ctx context.Context, p Participant) error
}

// SealedKey is a private key as it is kept: encrypted at rest by the store.
type SealedKey struct {
	ID  string // unique per participant
	Use string // "data", "journal", ...
	PEM []byte // the private key, PKCS #8 in PEM, in the clear here
}

// KeyRows keeps private keys, encrypted at rest.
type KeyRows interface {
	// CurrentKey returns the newest key for a use. ErrNoKey.
	CurrentKey(ctx context.Context, contextID, use string) (SealedKey, error)
	// KeyByID returns one. ErrNoKey.
	KeyByID(ctx context.Context, contextID, id string) (SealedKey, error)
	// FirstKey keeps k if the participant has none for its use, and returns
	// the key that is kept: replicas that make one at the same time agree.
	FirstKey(ctx context.Context, contextID string, k SealedKey) (SealedKey, error)
}
