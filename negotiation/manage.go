// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"context"
	"encoding/json"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Proposal opens a negotiation of ours: as consumer with Open, as provider
// with Propose.
type Proposal struct {
	Peer    string // the counterparty's participant id; must be a known peer
	Dataset string
	Terms   Terms
	// Snapshot is the public dataset as the provider's catalogue showed it;
	// it is kept with the agreement.
	Snapshot json.RawMessage
	// Declare is what we say to the provider's policy, by name: an absolute
	// IRI or a term of ODRL, such as "purpose". It becomes part of the
	// agreement.
	Declare map[string][]string
	// AcceptUnenforced agrees to constraints that nobody here enforces; the
	// agreement records it.
	AcceptUnenforced bool
	// Decision bounds the first message (Deadline, After).
	Decision Decision
}

// Open starts a negotiation as consumer: a ContractRequestMessage goes to the
// peer as soon as it can.
func (s *Service) Open(ctx context.Context, contextID string, p Proposal) (Negotiation, error) {
	p.Decision.Act = Request
	declared, err := policy.Declare(p.Declare)
	if err != nil {
		return Negotiation{}, engine.Refusef("declaration-invalid", "%v", err)
	}
	return s.open(ctx, contextID, consumer, p, data{Declared: declared})
}

// Propose starts a negotiation as provider, with an offer that the consumer
// did not ask for. The terms are those of one of our own offers.
func (s *Service) Propose(ctx context.Context, contextID string, p Proposal) (Negotiation, error) {
	found, err := s.Catalog.Resolve(ctx, contextID, p.Dataset, p.Terms.OfferID, trust.Claims{Participant: p.Peer})
	if err != nil {
		return Negotiation{}, err
	}
	p.Terms.Policy = found.Usage
	published, err := p.Terms.stored()
	if err != nil {
		return Negotiation{}, err
	}
	p.Decision.Act, p.Snapshot = Offer, found.Dataset
	return s.open(ctx, contextID, provider, p, data{Offer: found.Offer, Published: &published, Rules: found.Rules})
}

func (s *Service) open(ctx context.Context, contextID string, role engine.Role, p Proposal, d data) (Negotiation, error) {
	own, err := s.Participant(ctx, contextID)
	if err != nil {
		return Negotiation{}, err
	}
	peer, err := s.Peers.Peer(ctx, contextID, p.Peer)
	if err != nil {
		return Negotiation{}, err
	}
	if p.Dataset == "" || p.Terms.OfferID == "" {
		return Negotiation{}, engine.Refusef("offer-missing", "name the dataset and the offer to negotiate")
	}
	if role == consumer {
		d.WithoutRules = peer.WithoutRules
		p.Terms.Policy = d.meant(p.Terms.Policy)
	}
	d.Dataset, d.Snapshot, d.AcceptUnenforced = p.Dataset, p.Snapshot, p.AcceptUnenforced
	d.Callback, d.OwnID = CallbackBase(own), own.ID
	r := engine.Record{
		Context: contextID, ID: s.NewID(), Kind: engine.Negotiation, Role: role,
		Peer: peer.ID, Address: peer.URL, Subject: p.Dataset, Updated: s.Now(),
	}
	d.write(&r)
	p.Decision.Terms = &p.Terms
	a, err := p.Decision.act(r)
	if err != nil {
		return Negotiation{}, err
	}
	r, err = s.Core.Open(ctx, r, a)
	if err != nil {
		return Negotiation{}, err
	}
	return view(r)
}

// Act does what a user decided. An *engine.Refusal says why it is not
// possible now; nothing is changed then.
func (s *Service) Act(ctx context.Context, contextID, id string, d Decision) (Negotiation, error) {
	r, err := s.load(ctx, contextID, id)
	if err != nil {
		return Negotiation{}, err
	}
	if d, err = s.mayAgree(ctx, r, d); err != nil {
		return Negotiation{}, err
	}
	r.Updated = s.Now() // a user's delay counts from now
	a, err := d.act(r)
	if err != nil {
		return Negotiation{}, err
	}
	if r, err = s.Core.Do(ctx, contextID, id, a); err != nil {
		return Negotiation{}, err
	}
	return view(r)
}

// Approve does what our side does when it goes along: it accepts, agrees,
// verifies or finalizes, whichever is next.
func (s *Service) Approve(ctx context.Context, contextID, id string) (Negotiation, error) {
	r, err := s.load(ctx, contextID, id)
	if err != nil {
		return Negotiation{}, err
	}
	next := nextAct(r.Role, r.State)
	if next == Wait || r.Pending != nil {
		return Negotiation{}, engine.Refusef("nothing-to-approve", "the negotiation is in state %s and waits for the %s", r.Shown(), r.WaitingFor())
	}
	return s.Act(ctx, contextID, id, Decision{Act: next})
}
