// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// Mover does jobs of one kind.
type Mover interface {
	// May says whether the transfer runs: ErrHeld while it does not, a
	// *transfer.JobFault if it never will again.
	May(ctx context.Context, j transfer.Job) error
	// Move goes on with a job until it is done (nil). A *transfer.JobFault ends
	// it for good; after any other error it is tried again later, from its
	// Offset.
	Move(ctx context.Context, h *Haul) error
	// Over is told that a job failed for good: what it left is removed.
	Over(ctx context.Context, j transfer.Job, fault *transfer.JobFault) error
}

// ErrHeld: nothing can be moved until the transfer runs again.
var ErrHeld = errors.New("the transfer does not run")

// Later is an error after which a job is tried again, not before some time.
type Later struct {
	After time.Duration
	Err   error
}

func (l *Later) Error() string { return l.Err.Error() }

// Unwrap returns the reason.
func (l *Later) Unwrap() error { return l.Err }
