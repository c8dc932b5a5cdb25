// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// ErrUsed: the proof is good once, and was used before. It comes from a step
// that records a UsedToken.
var ErrUsed = errors.New("the proof was used before")

// UsedToken is the record that a token of an issuer was used, kept until its
// time is over.
type UsedToken struct {
	Context string // the participant context that was called
	Issuer  string
	TokenID string
	Until   time.Time
}

// Use is a proof that still has to be recorded as used, before the call is
// answered: in the transaction of what the call does, which spares one of its
// own, or alone. While it is open, a record of the same proof is another call's,
// and must not be released. Nil, and the zero Use, have nothing to record.
type Use struct {
	Token UsedToken
	// Alone records it by itself. Its error is a Refusal if the proof was used
	// before, or wraps ErrUnavailable.
	Alone func(ctx context.Context) error

	recorded atomic.Bool
	failed   error // of Alone
}

// Open reports whether it is still to be recorded.
func (u *Use) Open() bool { return u != nil && u.Alone != nil && !u.recorded.Load() }

// Recorded says that a transaction has recorded it.
func (u *Use) Recorded() { u.recorded.Store(true) }

// Settle records it alone, if it is open. Errors are those of Alone, which is
// asked once: where it does not know whether it did it, it would take its own
// record for another call's.
func (u *Use) Settle(ctx context.Context) error {
	if !u.Open() {
		return nil
	}
	if u.failed == nil {
		if u.failed = u.Alone(ctx); u.failed == nil {
			u.Recorded()
		}
	}
	return u.failed
}
