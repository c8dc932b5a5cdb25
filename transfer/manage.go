// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// RequestArgs ask for a transfer as consumer.
type RequestArgs struct {
	Agreement string
	Format    string // of one of the dataset's distributions
	// DataAddress is where the provider shall push to. Nil for a pull, and for
	// a push to a data plane of ours, which then makes the address.
	DataAddress *DataAddress
	// Declare is what we say to the provider's policy beside what the
	// agreement holds, by name: an absolute IRI or a term of ODRL, such as
	// "purpose".
	Declare map[string][]string
	// Labels select a data plane of ours, which has to have all of them.
	Labels []string
}

// Request starts a transfer as consumer: a TransferRequestMessage goes to the
// provider as soon as it can.
func (s *Service) Request(ctx context.Context, contextID string, args RequestArgs) (Process, error) {
	own, err := s.Participant(ctx, contextID)
	if err != nil {
		return Process{}, err
	}
	a, err := s.Agreements.Agreement(ctx, contextID, args.Agreement)
	switch {
	case err != nil:
		return Process{}, err
	case a.Role != string(consumer):
		return Process{}, engine.Refusef("not-consumer", "under this agreement we are not the consumer")
	case !a.Final:
		return Process{}, engine.Refusef("agreement-not-final", "the agreement is not finalized")
	case !a.InForce():
		return Process{}, engine.Refusef("agreement-ended", "the agreement was ended: negotiate another one")
	case args.Format == "":
		return Process{}, engine.Refusef("format-missing", "name the format of one of the dataset's distributions")
	}
	r := engine.Record{
		Context: contextID, ID: s.NewID(), Kind: engine.Transfer, Role: consumer,
		Peer: a.Peer, Subject: a.ID, Updated: s.Now(),
	}
	if r.Address, r.Foreign, err = s.addressOf(ctx, a); err != nil {
		return Process{}, err
	}
	d := data{
		Dataset: a.Target, Format: args.Format, OwnID: own.ID, Callback: negotiation.CallbackBase(own),
		Address: args.DataAddress, Claims: a.Claims,
	}
	if err := s.choose(r, &d, args.Labels); err != nil {
		return Process{}, err
	}
	if d.Declared, err = policy.Declare(args.Declare); err != nil {
		return Process{}, engine.Refusef("declaration-invalid", "%v", err)
	}
	if err := d.write(&r); err != nil {
		return Process{}, err
	}
	if r, err = s.Core.Open(ctx, r, engine.Act{Message: request}); err != nil {
		return Process{}, err
	}
	return view(r)
}

// choose picks the consumer's plane, where there is one. What is pushed to an
// address of the user's is none of ours.
func (s *Service) choose(r engine.Record, d *data, labels []string) error {
	if d.Address != nil {
		return nil
	}
	d.Labels = labels
	name, ok := choose(s.Planes, d.flowOf(r, engine.Call{}))
	switch {
	case !ok && len(labels) > 0:
		return engine.Refusef("data-plane-unknown", "no data plane serves %q with the labels %q", d.Format, labels)
	case !ok && Push(d.Format):
		return engine.Refusef("data-address-missing", "a push needs the address to push to")
	}
	d.Plane = name
	return nil
}

// addressOf is where the provider is: as configured, else as it was when the
// agreement was concluded.
func (s *Service) addressOf(ctx context.Context, a negotiation.Agreement) (address string, foreign bool, err error) {
	peer, err := s.Peers.Peer(ctx, a.Context, a.Peer)
	switch {
	case err == nil:
		return peer.URL, false, nil
	case !errors.Is(err, trust.ErrUnknownPeer):
		return "", false, err
	case a.Address == "":
		return "", false, engine.Refusef("peer-unknown", "no address of %s is known: add it as a peer", a.Peer)
	}
	return a.Address, a.Foreign, nil
}

// Act does what a user decided: start (also to resume), suspend, complete,
// terminate. An *engine.Refusal says why it is not possible now; nothing is
// changed then.
func (s *Service) Act(ctx context.Context, contextID, id string, d negotiation.Decision) (Process, error) {
	r, err := s.load(ctx, contextID, id)
	if err != nil {
		return Process{}, err
	}
	r.Updated = s.Now() // a user's delay counts from now
	a, err := act(r, d)
	if err != nil {
		return Process{}, err
	}
	if err := explain(r, a); err != nil {
		return Process{}, err
	}
	if err := s.mayStart(ctx, r, a); err != nil {
		return Process{}, err
	}
	if r, err = s.Core.Do(ctx, contextID, id, a); err != nil {
		return Process{}, err
	}
	return view(r)
}

// explain refuses, in words that help, what the engine would refuse or drop.
func explain(r engine.Record, a engine.Act) error {
	starting := r.Pending != nil && r.Pending.Message == start ||
		r.Call != nil && r.Call.Act != nil && r.Call.Act.Message == start
	switch {
	case a.Message == start && starting:
		return engine.Refusef("busy", "the transfer is being started already")
	case a.Message == suspension && r.Role == consumer && load(r).AwaitStart:
		return engine.Refusef("awaits-start", "the provider has not sent the new address of the resumed transfer yet: suspend it then, or terminate it")
	}
	return nil
}

// Approve starts what waits for it: a request, or a transfer that the
// consumer resumed.
func (s *Service) Approve(ctx context.Context, contextID, id string) (Process, error) {
	p, err := s.Get(ctx, contextID, id)
	if err != nil {
		return Process{}, err
	}
	if !p.startable() || p.Pending != "" {
		return Process{}, engine.Refusef("nothing-to-approve", "the transfer is in state %s and waits for: %s", p.State, p.WaitingFor)
	}
	return s.Act(ctx, contextID, id, negotiation.Decision{Act: negotiation.Start})
}

func (s *Service) load(ctx context.Context, contextID, id string) (engine.Record, error) {
	r, err := s.Store.For(contextID).Load(ctx, id)
	if err == nil && r.Kind != engine.Transfer {
		return r, engine.ErrNotFound
	}
	return r, err
}

// Get returns a transfer with its history and its data address.
func (s *Service) Get(ctx context.Context, contextID, id string) (Process, error) {
	r, err := s.load(ctx, contextID, id)
	if err != nil {
		return Process{}, err
	}
	p, err := view(r)
	if err != nil {
		return p, err
	}
	p.DataAddress = load(r).Address
	history, err := s.Store.For(contextID).History(ctx, id)
	p.History = exchanges(history)
	return p, err
}

// Filter selects transfers; empty fields select all.
type Filter struct {
	Role, State, Peer, Agreement string
	Open                         bool   // only those not at their end
	Before                       string // the id of the last one seen
	Limit                        int    // default 100, at most 1000
}

// List returns transfers, newest first, without histories and data addresses.
func (s *Service) List(ctx context.Context, contextID string, f Filter) ([]Process, error) {
	records, err := s.Store.For(contextID).List(ctx, engine.Query{
		Kind: engine.Transfer, Role: engine.Role(f.Role), State: engine.State(f.State), Peer: f.Peer,
		Subject: f.Agreement, Open: f.Open, Before: f.Before, Limit: negotiation.Page(f.Limit),
	})
	if err != nil {
		return nil, err
	}
	out := make([]Process, 0, len(records))
	for _, r := range records {
		p, err := view(r)
		if err != nil {
			return nil, fmt.Errorf("transfer %s: %w", r.ID, err)
		}
		out = append(out, p)
	}
	return out, nil
}
