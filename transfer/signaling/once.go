// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/musubi-ods/musubi/transfer"
)

// A body that is pushed counts once, though either side may die between any two
// of these steps, and then does the rest, or all of them, again:
//
//	the plane's job says that the body is there
//	the movement is kept, in a batch whose id says only which body it is of
//	the job says that it is counted
//	the control plane is told, and keeps it unless it has it
//	the batch is dropped
//
// What comes again to the plane's store is the same batch, and what comes again
// to the control plane, of whichever process of it, is the same body.

var _ transfer.SureEvidence = (*Server)(nil)

// errUntold: control planes have not been told for so long that nothing more is
// taken.
var errUntold = errors.New("too much of what was moved waits for a control plane")

// MovedOnce implements transfer.SureEvidence: once it returns, the control plane
// will be told. It keeps the body, unless it has before.
func (s *Server) MovedOnce(ctx context.Context, m transfer.Movement) error {
	one := MovedOf(m)
	one.Once = true
	b := MovedBatch{ID: onceID(m), Context: m.Context, Process: m.Process, Noted: s.cfg.Now(), List: []Moved{one}}
	defer wake(s.moved.kept)
	s.moved.keeping.Lock()
	defer s.moved.keeping.Unlock()
	if _, err := s.takeMoved(ctx); err != nil {
		return fmt.Errorf("reading what was moved: %w", err)
	}
	waits, room := s.moved.waits(b.ID)
	switch {
	case waits:
		return nil
	case !room:
		return errUntold
	}
	if s.cfg.Untold != nil {
		if err := s.cfg.Untold.KeepMoved(ctx, s.moved.hold(s.cfg.Now()), []MovedBatch{b}); err != nil {
			return fmt.Errorf("keeping what was moved: %w", err)
		}
	}
	s.moved.settle([]MovedBatch{b})
	s.moved.mu.Lock()
	s.moved.held++
	s.moved.mu.Unlock()
	return nil
}

// waits reports whether a batch waits to be told, and whether one more may.
func (m *movements) waits(id string) (waits, room bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.ContainsFunc(m.batches, func(b *MovedBatch) bool { return b.ID == id }), m.held < mostMoved
}

// onceID names the batch of a body that counts once.
func onceID(m transfer.Movement) string {
	text, _ := json.Marshal([]any{m.Context, m.Process, m.Sent, m.TrackingID, m.SHA256}) // texts: cannot fail
	sum := sha256.Sum256(text)
	return "once-" + hex.EncodeToString(sum[:16])
}
