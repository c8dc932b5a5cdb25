// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"context"
	"errors"
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
	if err == nil && !known && !r.moved(ctx, m, true) {
		err = errNoRoom
	}
	return err
}

// errNoRoom: the store has not taken anything for so long that memory is full.
var errNoRoom = errors.New("there is no room for evidence")

// known reports whether a movement is kept, or waits to be. The store is not
// kept from anything else meanwhile: what is on its way there counts as known.
func (r *Recorder) known(ctx context.Context, m transfer.Movement) (bool, error) {
	b := Body{Context: m.Context, Transfer: m.Process, Direction: directionOf(m.Sent), TrackingID: m.TrackingID, SHA256: m.SHA256, Whole: true}
	r.mu.Lock()
	waits := slices.ContainsFunc(r.bodies, b.Same) || slices.ContainsFunc(r.flying, b.Same)
	r.mu.Unlock()
	if waits {
		return true, nil
	}
	return r.cfg.Store.HasBody(ctx, b)
}
