// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// What is pushed to us the sender moves. The carrier only looks at it when its
// time is over, and counts what could not be when it was kept.
var _ Mover = (*Inbox)(nil)

// May implements Mover.
func (*Inbox) May(_ context.Context, j transfer.Job) error {
	if j.State == transfer.JobDone {
		return nil
	}
	return ErrHeld
}

// Move implements Mover.
func (b *Inbox) Move(ctx context.Context, h *Haul) error { return b.count(ctx, h, http.MethodPatch) }

// Over implements Mover.
func (b *Inbox) Over(_ context.Context, j transfer.Job, _ *transfer.JobFault) error {
	return b.cfg.Drafts.Drop(j)
}

// until is when the data of a flow may not be used any more.
func (b *Inbox) until(ctx context.Context, f transfer.Flow) (time.Time, error) {
	if b.cfg.Until == nil {
		return time.Time{}, nil
	}
	return b.cfg.Until(ctx, f)
}
