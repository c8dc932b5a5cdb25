// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

// workers are what an incarnation of a side has free for work that a commit
// claims at once; now and then it has none.
type workers struct {
	side *side
	life int
}

var _ engine.Workers = (*workers)(nil)

// Reserve implements engine.Workers.
func (o *workers) Reserve(string) (owner string, hold time.Duration, ok bool) {
	return o.side.name, lease, o.side.world.chance(0.6)
}

// Begin implements engine.Workers.
func (o *workers) Begin(w engine.Work) {
	if o.side.up && o.side.life == o.life {
		o.side.perform(w)
	}
}

// Cancel implements engine.Workers.
func (*workers) Cancel(string) {}

// Wake implements engine.Workers.
func (o *workers) Wake() { o.side.poke = true }
