// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"context"
	"errors"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

// Batch is what is kept together.
type Batch struct {
	// Parts replace what is kept of them, unless that counts more.
	Parts []Part
	// Bodies are new; those whose id is kept are passed over, with their rows
	// of the journal.
	Bodies []Kept
	// Told are messages by which others said all that. Where one of them was kept
	// before, nothing is: ErrTold.
	Told []Told
}

// Told is a message of a data plane of its own about a transfer.
type Told struct {
	Context, Transfer, ID string
	At                    time.Time
}

// ErrTold: what is to be kept was told before, and is kept.
var ErrTold = errors.New("it was told before")

// Kept is a body with its row of the journal.
type Kept struct {
	Body
	Journal engine.Entry
}

// Query selects transfers of which there is evidence.
type Query struct {
	Agreement string // under this one; empty: under any
	Before    string // the id of the last transfer that was seen
	Limit     int    // 0: all
}

// Store keeps evidence. Ids of transfers need not be known to it.
type Store interface {
	// KeepEvidence keeps a batch, wholly or not at all. To keep one again that
	// was kept has no effect. ErrTold.
	KeepEvidence(ctx context.Context, b Batch) error
	// EvidenceParts returns the parts of transfers of a participant, in order
	// of transfer, direction (received first) and id.
	EvidenceParts(ctx context.Context, contextID string, transfers []string) ([]Part, error)
	// EvidenceBodies returns those of a transfer whose ids are behind after, in
	// order of id, at most limit (0: all).
	EvidenceBodies(ctx context.Context, contextID, transfer, after string, limit int) ([]Body, error)
	// HasBody reports whether a body that came to its end is kept: of the same
	// transfer, direction, TrackingID and SHA256 as b. What it costs does not
	// depend on how many are.
	HasBody(ctx context.Context, b Body) (bool, error)
	// EvidenceTransfers returns the transfers that have parts, by id from the
	// highest down: since ids of transfers count up, newest first.
	EvidenceTransfers(ctx context.Context, contextID string, q Query) ([]string, error)
	// UnsealedEvidence returns transfers, of all participants, whose parts count
	// more than when they were last sealed, and whose process has not moved
	// since and is not started, or is not there. Those behind after, in order
	// of context and id, at most limit.
	UnsealedEvidence(ctx context.Context, since time.Time, after engine.Change, limit int) ([]engine.Change, error)
	// SealEvidence marks the parts of a transfer as sealed and writes the row of
	// the journal that entry makes of all of them, in one transaction. Where all
	// were sealed before, entry is not called and nothing is written (false).
	// entry may be called again, and must not use the store.
	SealEvidence(ctx context.Context, contextID, transfer string, entry func([]Part) (engine.Entry, error)) (bool, error)
	// DropBodies forgets bodies that ended before a time, longest ago first, at
	// most limit, and returns how many: of transfers whose process is at its end,
	// or not there, and whose parts are all sealed. The parts stay.
	DropBodies(ctx context.Context, before time.Time, limit int) (int, error)
	// DropTold forgets messages that were kept before a time, longest ago first,
	// at most limit, and returns how many.
	DropTold(ctx context.Context, before time.Time, limit int) (int, error)
}
