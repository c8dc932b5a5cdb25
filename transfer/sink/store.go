// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package sink

import (
	"context"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

// Store keeps holdings; their data is in files. A holding is written once,
// then changed in what becomes of it alone, and its row stays when the data is
// gone. Times come back rounded to microseconds, in UTC.
type Store interface {
	// KeepHolding keeps a new one, which is Open, and writes its row of the
	// journal, both or neither. ErrExists.
	KeepHolding(ctx context.Context, h Holding, journal engine.Entry) error
	// Holding returns one by id. ErrNotFound.
	Holding(ctx context.Context, contextID, id string) (Holding, error)
	// Holdings returns those that q selects, newest first. A Before that names
	// none is ErrNotFound, whether or not q would select it.
	Holdings(ctx context.Context, contextID string, q Query) ([]Holding, error)
	// DueHoldings returns those of all participants in a folder that are Open
	// and whose NextTry has come, longest ago first, at most limit. Several
	// callers may get the same.
	DueHoldings(ctx context.Context, folder string, now time.Time, limit int) ([]Holding, error)
	// NextHolding returns the first NextTry of a folder's Open holdings, zero if
	// there is none, and whether any of them waits for the end of its agreement.
	NextHolding(ctx context.Context, folder string) (next time.Time, untilEnd bool, err error)
	// ExpireHoldings makes those due that are Open and UntilEnd and whose
	// agreement was ended, before they were due anyway: Due becomes that time,
	// Rule the one given, NextTry now. It returns how many. Where there are none
	// it writes nothing.
	ExpireHoldings(ctx context.Context, rule string, now time.Time) (int, error)
	// DeleteHolding records that the data of an Open one is gone, and writes
	// d.Journal, both or neither. LastError and NextTry are emptied. Of several
	// at the same time one does it; the others, and all after it, are
	// ErrDeleted and change nothing. ErrNotFound.
	DeleteHolding(ctx context.Context, contextID, id string, d Deletion) error
	// FailHolding records what went wrong with an Open one, and when it is tried
	// again; a next of zero leaves NextTry as it is. ErrNotFound, ErrDeleted.
	FailHolding(ctx context.Context, contextID, id, problem string, next time.Time) error
}

// Deletion is the end of a holding, with the row of the journal that tells of
// it.
type Deletion struct {
	At      time.Time
	Reason  string
	Journal engine.Entry
}
