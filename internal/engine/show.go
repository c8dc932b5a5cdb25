// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
)

// ErrUnanswered: the answer to the message of ours that opened the process has
// been waited for long enough.
var ErrUnanswered = errors.New("a message of ours is on its way; ask again")

// Show returns a process as its counterparty may see it, which asks. It may do so
// as soon as it has our first message; what it is told names its own pid, which
// is in the answer to that: Show waits for it. ErrNotFound also where the process
// is another peer's, or where the peer has none.
func (c *Core) Show(ctx context.Context, kind Kind, contextID, id, peer string) (Record, error) {
	for procs, until := c.Store.For(contextID), c.Now().Add(inboundWait); ; {
		r, err := procs.Load(ctx, id)
		switch {
		case err != nil:
			return Record{}, err
		case r.Kind != kind:
			return Record{}, ErrNotFound
		case r.Peer != peer:
			return Record{}, ErrAnotherParty
		case r.PeerPID != "":
			return r, nil
		case !r.Sent():
			return Record{}, ErrNotFound
		}
		if !c.Now().Before(until) || !c.Waiter.Wait(ctx, Change{contextID, id}, r.Version, until) {
			return Record{}, ErrUnanswered
		}
	}
}
