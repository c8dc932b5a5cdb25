// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// recently is how long a transfer is believed to be permitted without another
// look at its policies. A commit of the transfer ends that at once.
const recently = 250 * time.Millisecond

// maxRecent bounds how many transfers are remembered.
const maxRecent = 10_000

// Recent remembers for a moment that a transfer may flow: many small requests
// of one transfer then cost one look, and not one each. Nothing is remembered
// of a refusal.
type Recent struct {
	Transfers
	// Generation returns a number that has moved once the transfer has.
	Generation func(contextID, id string) uint64
	Now        func() time.Time

	known sync.Map // of named, to *permit
	count atomic.Int64
}

type named struct{ context, id string }

// permit is what was said, and when. It is not changed.
type permit struct {
	run        transfer.Running
	at         time.Time
	generation uint64
}

// Running implements Transfers.
func (r *Recent) Running(ctx context.Context, contextID, id string) (transfer.Running, error) {
	now, generation, name := r.Now(), r.Generation(contextID, id), named{contextID, id}
	if found, ok := r.known.Load(name); ok {
		p := found.(*permit) //nolint:forcetypeassert // nothing else is put there
		if age := now.Sub(p.at); p.generation == generation && age >= 0 && age < recently {
			return p.run, nil
		}
	}
	run, err := r.Transfers.Running(ctx, contextID, id)
	if err != nil {
		if _, was := r.known.LoadAndDelete(name); was {
			r.count.Add(-1)
		}
		return run, err
	}
	if _, was := r.known.Swap(name, &permit{run, now, generation}); !was && r.count.Add(1) > maxRecent {
		r.known.Clear()
		r.count.Store(0)
	}
	return run, nil
}
