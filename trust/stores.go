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
	// ErrKeyExists: the participant has another key of this id.
	ErrKeyExists = errors.New("a key of this id exists")
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
