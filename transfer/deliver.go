// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"
	"errors"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

// busyWait bounds how long a consumer's message waits for the answer to one
// of ours. It is the engine's own patience with a peer that is ahead.
const busyWait = 5 * time.Second

// deliver gives a message to the engine. One that has to wait (mustWait) is
// judged again after each commit of the process; ErrBusy ends the wait.
func (s *Service) deliver(ctx context.Context, in engine.Inbound) (engine.Record, error) {
	until := s.Now().Add(busyWait)
	judged := int64(-1) // the version that a refusal is known to be about
	for {
		out, err := s.Core.Receive(ctx, in)
		var no *engine.Refusal
		if !errors.As(err, &no) || no.Code != "illegal-transition" {
			return out, err
		}
		r, loadErr := s.Store.For(in.Context).Load(ctx, in.Process)
		switch {
		case loadErr != nil:
			return out, loadErr
		case mustWait(r, in.Message):
			c := engine.Change{Context: in.Context, Process: in.Process}
			if !s.Now().Before(until) || !s.Core.Waiter.Wait(ctx, c, r.Version, until) {
				return out, ErrBusy
			}
			judged = -1
		case r.Version == judged:
			return out, err
		default:
			// It may have had to wait when it was judged, and no longer.
			judged = r.Version
		}
	}
}
