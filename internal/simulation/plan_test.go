// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"math/rand/v2"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

// plan says what a schedule is like.
type plan struct {
	faults  int     // at most so many
	network float64 // how likely a packet meets one
	crash   float64 // how likely a step is a crash
	stall   float64 // how likely a step is a stall
	ghost   time.Duration

	propose  bool // the provider opens the negotiation
	rules    bool // the built-in deciders, no whims
	imported bool // the transfer is under an imported agreement and need not wait
	push     bool
	planes   bool // the consumer has a data plane as well
	contrary bool // users end the negotiation
	foreign  int  // -1: none; else the role that is of another make
	acts     int  // of users in the transfer, besides a suspension
	meddling int  // acts of users in the negotiation
	chaos    int  // steps until everybody gets reasonable

	latency time.Duration // of every packet, at most
	refuse  float64       // how likely something between the two says 400 to a first attempt, late
	strict  bool          // what was refused was not accepted: nothing else blurs it

	wrap func(*side, engine.Store) engine.Store // a seeded fault
	send func(*sender) engine.Sender            // a seeded fault
}

// planner makes a plan from the schedule's random source.
type planner func(*rand.Rand) plan

// usual is what the simulation plays.
func usual(r *rand.Rand) plan {
	p := plan{
		faults: 2 + r.IntN(8), network: 0.35, crash: 0.006, stall: 0.006, ghost: 90 * time.Second,
		propose: r.IntN(4) == 0, rules: r.IntN(3) == 0, imported: r.IntN(3) == 0, push: r.IntN(4) == 0, planes: r.IntN(2) == 0,
		contrary: r.IntN(3) == 0,
		foreign:  -1, acts: r.IntN(7), meddling: r.IntN(3), chaos: 100 + r.IntN(400),
		wrap: func(_ *side, s engine.Store) engine.Store { return s },
		send: func(s *sender) engine.Sender { return s },
	}
	if r.IntN(5) == 0 {
		p.foreign = r.IntN(2)
	}
	p.contrary = p.contrary || p.foreign >= 0
	return p
}
