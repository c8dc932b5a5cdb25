// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/memory"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// lease of claimed work, as in the product.
const lease = 30 * time.Second

// The dataset and offer that are negotiated.
const (
	dataset = "urn:uuid:11111111-1111-4111-8111-111111111111"
	offerID = "urn:uuid:22222222-2222-4222-8222-222222222222"
)

// side is one connector with one participant.
type side struct {
	world *world
	name  string // the participant's context: consumer or provider
	peer  *side
	own   trust.Participant
	// foreign: a peer of another make, which sends whatever its counterparty
	// has to accept.
	foreign bool

	up   bool
	life int  // counts starts
	poke bool // something happened since the last claim
	next time.Time

	store      *memory.Store
	agreements map[string]negotiation.Agreement
	plane      *plane
	inbound    []*packet // handlers at work

	core         *engine.Core
	negotiations *negotiation.Service
	transfers    *transfer.Service
}

func newSide(w *world, name string) *side {
	s := &side{
		world: w, name: name, store: memory.New(), agreements: map[string]negotiation.Agreement{},
		own: trust.Participant{Context: name, ID: "did:web:" + name + ".example", PublicURL: "https://" + name + ".example/" + name},
	}
	s.plane = newPlane(s)
	return s
}

// start begins a new incarnation over the same store.
func (s *side) start() {
	s.life++
	s.up, s.poke = true, true
	if err := s.store.TakeOver(background); err != nil {
		s.world.breaksf("%s: taking over: %v", s.name, err)
	}
	w := s.world
	store := &guarded{Store: w.plan.wrap(s, s.store), side: s, life: s.life}
	policies := &policy.Judge{Registry: policy.NewRegistry(), Now: func() time.Time { return w.now }}
	point := &transfer.PolicyPoint{Judge: policies, Agreements: s}
	var decider negotiation.Decider = &negotiator{s}
	if w.plan.rules && w.chance(0.5) {
		decider = negotiation.Rules{} // as it is: it decides within steps
	}
	s.core = engine.New(engine.Config{
		Store: store, Workers: &workers{s, s.life},
		Domains: map[engine.Kind]engine.Domain{
			engine.Negotiation: s.liberal(negotiation.NewDomain(decider, policies)),
			engine.Transfer:    s.liberal(transfer.NewDomain(&transferrer{s}, s.plane, point)),
		},
		Sender: w.plan.send(&sender{side: s, life: s.life}),
		Waiter: &waiter{side: s, life: s.life},
		Now:    func() time.Time { return w.now }, NewID: w.newID, Jitter: w.rng.Float64,
		Committed: func(engine.Change, time.Time) { s.poke = true },
	})
	now := func() time.Time { return w.now }
	participant := func(context.Context, string) (trust.Participant, error) { return s.own, nil }
	s.negotiations = negotiation.NewService(negotiation.Config{
		Core: s.core, Store: store, Agreements: s, Catalog: s, Participant: participant, Peers: s, CheckURL: url.Parse, Policies: policies, Now: now, NewID: w.newID,
	})
	s.transfers = transfer.NewService(transfer.Config{
		Core: s.core, Store: store, Agreements: s, Planes: s.plane, Policies: point, Participant: participant, Peers: s, CheckURL: url.Parse, Now: now, NewID: w.newID,
	})
}

// crash ends the incarnation: whatever runs unwinds without an effect.
func (s *side) crash() {
	s.world.sayf("FAULT %s crashes", s.name)
	s.up = false
	for _, p := range s.inbound {
		p.done, p.answer = true, engine.Answer{Err: errReset}
	}
	s.inbound = nil
	for _, t := range append([]*task(nil), s.world.tasks...) {
		if t.side == s {
			s.world.kill(t)
		}
	}
}

// process returns the side's process of a kind; there is at most one.
func (s *side) process(kind engine.Kind) (engine.Record, bool) {
	list, err := s.store.For(s.name).List(background, engine.Query{Kind: kind})
	if err != nil {
		s.world.breaksf("%s: list: %v", s.name, err)
	}
	if len(list) > 1 {
		s.world.breaksf("%s has %d processes of the kind %s", s.name, len(list), kind)
	}
	if len(list) == 0 {
		return engine.Record{}, false
	}
	return list[0], true
}

// Resolve implements negotiation.Catalog.
func (s *side) Resolve(_ context.Context, _, datasetID, offer string, _ trust.Claims) (catalog.Resolved, error) {
	if datasetID != dataset {
		return catalog.Resolved{}, catalog.ErrNotFound
	}
	return catalog.Resolved{Offer: offer, Usage: policy.Permit(policy.Use)}, nil
}

// Peer implements trust.PeerStore.
func (s *side) Peer(_ context.Context, _, id string) (trust.Peer, error) {
	if id != s.peer.own.ID {
		return trust.Peer{}, trust.ErrUnknownPeer
	}
	return trust.Peer{ID: id, URL: s.peer.own.PublicURL + "/dsp/2025-1"}, nil
}

// Peers implements trust.PeerStore.
func (s *side) Peers(context.Context, string) ([]trust.Peer, error) { return nil, nil }

// PutPeer implements trust.PeerStore.
func (s *side) PutPeer(context.Context, string, trust.Peer) error { return errors.ErrUnsupported }

// DeletePeer implements trust.PeerStore.
func (s *side) DeletePeer(context.Context, string, string) error { return errors.ErrUnsupported }

// waiter is a side's engine.Waiter in one incarnation.
type waiter struct {
	side *side
	life int
}

// Wait implements engine.Waiter.
func (x *waiter) Wait(ctx context.Context, c engine.Change, version int64, until time.Time) bool {
	s := x.side
	procs := s.store.For(c.Context)
	changed := func() bool {
		r, err := procs.Load(ctx, c.Process)
		return err == nil && r.Version != version
	}
	s.world.cov.waits++
	s.world.block(changed, until)
	return s.up && s.life == x.life && changed()
}

// liberal is the domain of a foreign peer: it may send whatever our side has
// to accept.
func (s *side) liberal(d engine.Domain) engine.Domain {
	if !s.foreign {
		return d
	}
	t := *d.Table()
	t.Rows = append([]engine.Transition(nil), t.Rows...)
	for i := range t.Rows {
		t.Rows[i].ReceiveOnly = false
	}
	if c, ok := d.(engine.Closer); ok {
		return struct {
			liberalDomain
			engine.Closer
		}{liberalDomain{d, &t}, c}
	}
	return liberalDomain{d, &t}
}

type liberalDomain struct {
	engine.Domain
	table *engine.Table
}

// Table implements engine.Domain.
func (d liberalDomain) Table() *engine.Table { return d.table }
