// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"context"
	"errors"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust/policy"
)

// errWhim is a decider that fails and is asked again.
var errWhim = errors.New("ask me later")

// think is the time a decider takes, in which anything else may happen.
func (s *side) think() error {
	s.world.pause()
	if s.dead() {
		return errCrashed
	}
	if !s.world.calm && s.world.chance(0.03) {
		return errWhim
	}
	return nil
}

// negotiator decides for a side: by the built-in rules, or with whims.
type negotiator struct{ side *side }

// Decide implements negotiation.Decider.
func (d *negotiator) Decide(ctx context.Context, n negotiation.Negotiation) (negotiation.Decision, error) {
	if err := d.side.think(); err != nil {
		return negotiation.Decision{}, err
	}
	w := d.side.world
	if w.plan.rules {
		return negotiation.Rules{}.Decide(ctx, n)
	}
	usual, _ := negotiation.Rules{}.Decide(ctx, n)
	if usual.Person { // the rules leave other terms to a person
		usual = negotiation.Decision{Act: goAlong(n)}
	}
	if w.calm || usual.Act == negotiation.Terminate {
		return usual, nil
	}
	return d.whim(n, usual), nil
}

func goAlong(n negotiation.Negotiation) negotiation.Act {
	switch n.Role + " " + n.State {
	case "provider REQUESTED", "provider ACCEPTED":
		return negotiation.Agree
	case "provider VERIFIED":
		return negotiation.Finalize
	case "consumer OFFERED":
		return negotiation.Accept
	case "consumer AGREED":
		return negotiation.Verify
	}
	return negotiation.Wait
}

// whim is something else than the usual, now and then.
func (d *negotiator) whim(n negotiation.Negotiation, usual negotiation.Decision) negotiation.Decision {
	w := d.side.world
	switch w.rng.IntN(12) {
	case 0, 1:
		usual.After = w.between(0, 40*time.Second)
	case 2:
		return negotiation.Decision{Person: usual.Act != negotiation.Wait}
	case 3, 4, 5:
		if len(n.History) > 8 {
			return usual
		}
		if n.Role == "provider" && n.State == string(negotiation.Requested) {
			return negotiation.Decision{Act: negotiation.Offer, Terms: w.terms()}
		}
		if n.Role == "consumer" && n.State == string(negotiation.Offered) {
			return negotiation.Decision{Act: negotiation.Request, Terms: w.terms()}
		}
	case 6:
		if w.chance(0.3) {
			return negotiation.Decision{Act: negotiation.Terminate, Reason: "a whim"}
		}
	}
	return usual
}

// terms are new terms, which differ from the last ones by their id.
func (w *world) terms() *negotiation.Terms {
	return &negotiation.Terms{OfferID: w.newID(), Policy: policy.Permit(policy.Use)}
}

// transferrer decides for a side of a transfer.
type transferrer struct{ side *side }

// Decide implements transfer.Decider.
func (d *transferrer) Decide(ctx context.Context, p transfer.Process) (negotiation.Decision, error) {
	if err := d.side.think(); err != nil {
		return negotiation.Decision{}, err
	}
	w := d.side.world
	usual, err := transfer.Rules{Agreements: d.side}.Decide(ctx, p)
	if err != nil || w.calm || w.plan.rules || usual.Act == negotiation.Terminate {
		return usual, err
	}
	switch w.rng.IntN(10) {
	case 0:
		usual.After = w.between(0, 40*time.Second)
	case 1:
		return negotiation.Decision{Person: usual.Act != negotiation.Wait}, nil
	case 2:
		if w.chance(0.1) {
			return negotiation.Decision{Act: negotiation.Terminate, Reason: "a whim"}, nil
		}
	case 3:
		if usual.Act == negotiation.Wait && p.State == string(transfer.Started) && w.chance(0.3) {
			return negotiation.Decision{Act: negotiation.Suspend, Reason: "a whim"}, nil
		}
	}
	return usual, nil
}

var _ engine.Waiter = (*waiter)(nil)
