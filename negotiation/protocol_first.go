// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"context"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/wire"
)

// first takes a request that opens a negotiation.
func (s *Service) first(ctx context.Context, in engine.Inbound, c content) (Reply, error) {
	own, err := s.Participant(ctx, in.Context)
	if err != nil {
		return Reply{}, err
	}
	d := data{Callback: CallbackBase(own), OwnID: own.ID, Claims: c.claims, Declared: c.declared}
	r := engine.Record{Context: in.Context, ID: s.NewID(), Kind: engine.Negotiation, Peer: in.Peer, Foreign: true}
	var callback, pid string
	switch m := c.message.(type) {
	case *wire.ContractRequest:
		r.Role, callback, pid = provider, m.CallbackAddress, m.ProviderPID
		err = s.resolve(ctx, &d, in, m.Offer, c)
	case *wire.ContractOffer:
		r.Role, callback, pid = consumer, m.CallbackAddress, m.ConsumerPID
		d.Dataset = m.Offer.Target
		if d.Dataset == "" {
			err = engine.Refusef("target-missing", "the offer must name its target")
		}
	}
	switch {
	case err != nil:
		return Reply{}, err
	case callback == "" || pid != "":
		return Reply{}, engine.Refusef("callback-missing", "a first request has a callbackAddress and no pid of the other side")
	}
	if r.Address, r.Foreign, err = PeerAddress(ctx, s.Peers, s.CheckURL, in.Context, in.Peer, callback); err != nil {
		return Reply{}, err
	}
	d.write(&r)
	r.Subject, in.Content = d.Dataset, c
	out, err := s.Core.Accept(ctx, r, in)
	if err != nil {
		return Reply{}, err
	}
	return acknowledge(out, 201)
}

// resolve finds the provider's own offer of a request.
func (s *Service) resolve(ctx context.Context, d *data, in engine.Inbound, p wire.Policy, c content) error {
	if p.Target == "" {
		return engine.Refusef("target-missing", "the offer must name its target")
	}
	found, err := s.Catalog.Resolve(ctx, in.Context, p.Target, p.ID, c.claims)
	if err != nil {
		return err
	}
	published, err := Terms{OfferID: p.ID, Policy: found.Usage}.stored()
	if err != nil {
		return err
	}
	d.Dataset, d.Offer, d.Snapshot, d.Published, d.Rules = p.Target, found.Offer, found.Dataset, &published, found.Rules
	return nil
}
