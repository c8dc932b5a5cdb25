// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"context"
	"errors"
	"slices"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust/policy"
)

// agreementID is that of the imported agreement.
const agreementID = "urn:uuid:33333333-3333-4333-8333-333333333333"

// user has a user of a side do something, as an activity of its own. What is
// refused is refused; a crash is the user's bad luck.
func (s *side) user(what string, f func(ctx context.Context) error) {
	w := s.world
	name := "user of " + s.name + " to " + what
	for _, t := range w.tasks {
		if t.name == name {
			return // it is being done
		}
	}
	w.spawn(s, name, func() {
		err := f(background)
		w.sayf("%s: user: %s: %v", s.name, what, err)
		if err != nil && !errors.Is(err, errCrashed) && !errors.Is(err, engine.ErrRefused) {
			w.breaksf("%s: user's %s: %v", s.name, what, err)
		}
	})
}

// open has the negotiation opened.
func (w *world) open() {
	p := negotiation.Proposal{Dataset: dataset, Terms: negotiation.Terms{OfferID: offerID, Policy: policy.Permit(policy.Use)}}
	s, do := w.consumer, (*negotiation.Service).Open
	if w.plan.propose {
		s, do = w.provider, (*negotiation.Service).Propose
	}
	p.Peer = s.peer.own.ID
	s.user("negotiate", func(ctx context.Context) error {
		if _, has := s.process(engine.Negotiation); has { //nolint:contextcheck // there is one context, background
			return nil
		}
		_, err := do(s.negotiations, ctx, s.name, p)
		return err
	})
}

// agreement is the one the transfer is to be made under, if there is one.
func (w *world) agreement() string {
	if w.plan.imported {
		return agreementID
	}
	if r, ok := w.consumer.process(engine.Negotiation); ok && r.State == negotiation.Finalized {
		for id, a := range w.consumer.agreements {
			if a.Final && id != agreementID {
				return id
			}
		}
	}
	return ""
}

// importAgreement lets the transfer begin without the negotiation.
func (w *world) importAgreement() {
	w.plan.imported = true
	for _, s := range w.sides() {
		s.agreements[agreementID] = negotiation.Agreement{
			Policy: []byte(`{"permission":[{"action":"use"}]}`), PolicyHash: "use",
			Context: s.name, ID: agreementID, Role: s.name, Peer: s.peer.own.ID, Target: dataset, Imported: true, Final: true,
		}
	}
}

// request has the transfer requested.
func (w *world) request(agreement string) {
	s := w.consumer
	args := transfer.RequestArgs{Agreement: agreement, Format: "HttpData-PULL"}
	if w.plan.push {
		args.Format = "HttpData-PUSH"
		if !w.plan.planes {
			args.DataAddress = &transfer.DataAddress{EndpointType: transfer.EndpointTypeHTTP, Endpoint: s.own.PublicURL + "/inbox"}
		}
	}
	s.user("request the transfer", func(ctx context.Context) error {
		if _, has := s.process(engine.Transfer); has { //nolint:contextcheck // there is one context, background
			return nil
		}
		_, err := s.transfers.Request(ctx, s.name, args)
		return err
	})
}

// eager is a user who wants something as soon as the process is in a state,
// and tries again until it is accepted.
type eager struct {
	side  *side
	kind  engine.Kind
	act   negotiation.Act
	when  engine.State // empty: any
	tries int
}

// want adds one.
func (w *world) want(s *side, kind engine.Kind, acts ...negotiation.Act) *eager {
	e := &eager{side: s, kind: kind, act: acts[w.rng.IntN(len(acts))], tries: 15}
	w.eager = append(w.eager, e)
	return e
}

// contrary has users end the negotiation in some state, at either side or both.
func (w *world) contrary() {
	s := w.sides()[w.rng.IntN(2)]
	states := []engine.State{negotiation.Requested, negotiation.Offered, negotiation.Offered, negotiation.Accepted, negotiation.Agreed, negotiation.Verified}
	if foreign := w.plan.foreign; foreign >= 0 && w.chance(0.8) { // where nobody else does
		s = w.sides()[foreign]
		states = [][]engine.State{{negotiation.Accepted, negotiation.Verified, negotiation.Verified}, {negotiation.Agreed}}[foreign]
	}
	when := states[w.rng.IntN(len(states))]
	w.want(s, engine.Negotiation, negotiation.Terminate).when = when
	if w.chance(0.4) {
		w.want(s.peer, engine.Negotiation, negotiation.Terminate).when = when
	}
}

// insist has an eager user try again.
func (w *world) insist() {
	i := w.rng.IntN(len(w.eager))
	e := w.eager[i]
	r, has := e.side.process(e.kind)
	if !has || e.when != "" && r.State != e.when && !r.Final {
		return
	}
	if e.tries--; e.tries < 0 || r.Final {
		w.eager = slices.Delete(w.eager, i, i+1)
		return
	}
	e.side.act(e.kind, negotiation.Decision{Act: e.act, Reason: "a user insists"})
}

// accepted forgets who wanted what was done.
func (w *world) accepted(s *side, kind engine.Kind, act negotiation.Act) {
	w.eager = slices.DeleteFunc(w.eager, func(e *eager) bool { return e.side == s && e.kind == kind && e.act == act })
}

// act has a user act on the process of a kind, if the side has one.
func (s *side) act(kind engine.Kind, d negotiation.Decision) {
	s.user(string(kind)+" "+string(d.Act), func(ctx context.Context) error {
		r, ok := s.process(kind) //nolint:contextcheck // there is one context, background
		if !ok {
			return nil
		}
		var err error
		if kind == engine.Negotiation {
			_, err = s.negotiations.Act(ctx, s.name, r.ID, d)
		} else {
			_, err = s.transfers.Act(ctx, s.name, r.ID, d)
		}
		if err == nil {
			s.world.accepted(s, kind, d.Act)
		}
		return err
	})
}

// approve has a user go along.
func (s *side) approve(kind engine.Kind) {
	s.user("approve the "+string(kind), func(ctx context.Context) error {
		r, ok := s.process(kind) //nolint:contextcheck // there is one context, background
		if !ok {
			return nil
		}
		var err error
		if kind == engine.Negotiation {
			_, err = s.negotiations.Approve(ctx, s.name, r.ID)
		} else {
			_, err = s.transfers.Approve(ctx, s.name, r.ID)
		}
		return err
	})
}

// meddle has some user do something in the negotiation.
func (w *world) meddle() {
	w.plan.meddling--
	s := w.sides()[w.rng.IntN(2)]
	acts := []negotiation.Act{negotiation.Request, negotiation.Accept, negotiation.Verify}
	if s == w.provider {
		acts = []negotiation.Act{negotiation.Offer, negotiation.Agree, negotiation.Finalize}
	}
	d := negotiation.Decision{Act: acts[w.rng.IntN(len(acts))]}
	if w.chance(0.1) {
		d = negotiation.Decision{Act: negotiation.Terminate, Reason: "a user wants it so"}
	}
	if d.Act == negotiation.Offer || d.Act == negotiation.Request {
		d.Terms = w.terms()
	}
	s.act(engine.Negotiation, d)
}

// stir has some user do something in the transfer.
func (w *world) stir() {
	w.plan.acts--
	s := w.sides()[w.rng.IntN(2)]
	d := negotiation.Decision{Reason: "a user wants it so"}
	switch k := w.rng.IntN(20); {
	case k < 9:
		d.Act = negotiation.Suspend
	case k < 17:
		d.Act = negotiation.Start
	case k < 19:
		d.Act = negotiation.Complete
	default:
		d.Act = negotiation.Terminate
	}
	s.act(engine.Transfer, d)
	if w.chance(0.3) {
		w.want(s.peer, engine.Transfer, negotiation.Suspend, negotiation.Start, negotiation.Complete, negotiation.Terminate)
	}
}
