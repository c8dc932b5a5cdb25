// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"context"
	"slices"

	"github.com/musubi-ods/musubi/transfer"
)

var _ transfer.SureEvidence = (*Recorder)(nil)

// MovedOnce implements transfer.SureEvidence. Of two replicas that do so at the
// same time both may keep it.
func (r *Recorder) MovedOnce(ctx context.Context, m transfer.Movement) error {
	if err := r.movedOnce(ctx, m); err != nil {
		return err
	}
	return r.Flush(ctx)
}

func (r *Recorder) movedOnce(ctx context.Context, m transfer.Movement) error {
	r.once.Lock()
	defer r.once.Unlock()
	known, err := r.known(ctx, m)
	if err == nil && !known {
		r.Moved(ctx, m)
	}
	return err
}

// known reports whether a movement is kept, or waits to be.
func (r *Recorder) known(ctx context.Context, m transfer.Movement) (bool, error) {
	same := func(b Body) bool {
		return b.Context == m.Context && b.Transfer == m.Process && b.Direction == directionOf(m.Sent) &&
			b.Whole && b.TrackingID == m.TrackingID && b.SHA256 == m.SHA256
	}
	r.writing.Lock() // so that none is on its way to the store
	defer r.writing.Unlock()
	r.mu.Lock()
	waits := slices.ContainsFunc(r.bodies, same)
	r.mu.Unlock()
	if waits {
		return true, nil
	}
	kept, err := r.cfg.Store.EvidenceBodies(ctx, m.Context, m.Process, "", 0)
	return slices.ContainsFunc(kept, same), err
}
