// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/jcs"
	"github.com/musubi-ods/musubi/internal/wire"
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

func (s *Service) load(ctx context.Context, contextID, id string) (engine.Record, error) {
	r, err := s.Store.For(contextID).Load(ctx, id)
	if err == nil && r.Kind != engine.Negotiation {
		return r, engine.ErrNotFound
	}
	return r, err
}

// Get returns a negotiation with its history.
func (s *Service) Get(ctx context.Context, contextID, id string) (Negotiation, error) {
	r, err := s.load(ctx, contextID, id)
	if err != nil {
		return Negotiation{}, err
	}
	n, err := view(r)
	if err != nil {
		return n, err
	}
	n.History, err = s.History(ctx, contextID, id)
	return n, err
}

// History returns the messages of both sides of a negotiation, in order.
func (s *Service) History(ctx context.Context, contextID, id string) ([]Exchange, error) {
	history, err := s.Store.For(contextID).History(ctx, id)
	return Exchanges(history), err
}

// Of returns the negotiation that a record holds, without its history.
func Of(r engine.Record) (Negotiation, error) {
	if r.Kind != engine.Negotiation {
		return Negotiation{}, engine.ErrNotFound
	}
	return view(r)
}

// Filter selects negotiations; empty fields select all.
type Filter struct {
	Role, State, Peer, Dataset string
	Open                       bool   // only those not at their end
	Before                     string // the id of the last one seen
	Limit                      int    // default 100, at most 1000
}

// List returns negotiations, newest first, without their histories.
func (s *Service) List(ctx context.Context, contextID string, f Filter) ([]Negotiation, error) {
	records, err := s.Store.For(contextID).List(ctx, engine.Query{
		Kind: engine.Negotiation, Role: engine.Role(f.Role), State: engine.State(f.State), Peer: f.Peer,
		Subject: f.Dataset, Open: f.Open, Before: f.Before, Limit: Page(f.Limit),
	})
	if err != nil {
		return nil, err
	}
	out := make([]Negotiation, 0, len(records))
	for _, r := range records {
		n, err := view(r)
		if err != nil {
			return nil, fmt.Errorf("negotiation %s: %w", r.ID, err)
		}
		out = append(out, n)
	}
	return out, nil
}

// Page bounds the length of a list.
func Page(limit int) int {
	if limit <= 0 {
		return 100
	}
	return min(limit, 1000)
}

// Imported is an agreement that was concluded elsewhere, under the id that it
// has there.
type Imported struct {
	ID     string
	Role   string // ours: consumer or provider
	Peer   string // must be a known peer
	Target string
	// Concluded is when it was concluded there, from which its policy counts;
	// zero: now.
	Concluded time.Time
	Policy    policy.Policy
	Snapshot  json.RawMessage
	// AcceptUnenforced is needed for rules that nobody here enforces.
	AcceptUnenforced bool
}

// Import keeps an agreement that was concluded elsewhere, as when a
// participant moves from another connector. It is final at once.
func (s *Service) Import(ctx context.Context, contextID string, i Imported) (Agreement, error) {
	own, err := s.Participant(ctx, contextID)
	if err != nil {
		return Agreement{}, err
	}
	peer, err := s.Peers.Peer(ctx, contextID, i.Peer)
	if err != nil {
		return Agreement{}, err
	}
	role := engine.Role(i.Role)
	if i.ID == "" || i.Target == "" || role != consumer && role != provider {
		return Agreement{}, engine.Refusef("agreement-incomplete", "an agreement needs an id, a target and our role in it (consumer or provider)")
	}
	if i.Concluded.After(s.Now()) {
		return Agreement{}, engine.Refusef("agreement-incomplete", "an agreement cannot have been concluded later than now")
	}
	check := s.Policies.Registry.CheckUsage
	if role == consumer {
		check = s.Policies.Registry.Unenforced
	}
	if err := check(i.Policy); err != nil && !i.AcceptUnenforced {
		return Agreement{}, engine.Refusef("policy-unenforced", "%v; acceptUnenforced takes it all the same", err)
	}
	a, err := s.imported(own, peer, role, i)
	if err != nil {
		return Agreement{}, err
	}
	return a, s.Agreements.PutAgreement(ctx, a)
}

func (s *Service) imported(own trust.Participant, peer trust.Peer, role engine.Role, i Imported) (Agreement, error) {
	rules, err := i.Policy.JSON()
	if err != nil {
		return Agreement{}, err
	}
	p, err := wire.ParsePolicy(rules)
	if err != nil {
		return Agreement{}, err
	}
	p.Type, p.ID, p.Target, p.Assigner, p.Assignee = "Agreement", i.ID, i.Target, own.ID, peer.ID
	if role == consumer {
		p.Assigner, p.Assignee = peer.ID, own.ID
	}
	concludedAt := i.Concluded
	if concludedAt.IsZero() {
		concludedAt = s.Now()
	}
	p.Timestamp = concludedAt.UTC().Format("2006-01-02T15:04:05.000Z")
	r := engine.Record{Context: own.Context, Role: role, Peer: peer.ID, Address: peer.URL}
	a, err := concluded(r, data{Snapshot: i.Snapshot, AcceptUnenforced: i.AcceptUnenforced}, p, engine.Env{Now: s.Now()}, s.Policies.Registry)
	a.Imported, a.Final = true, true
	if err == nil {
		_, err = jcs.Transform(a.Document)
	}
	return a, err
}

// IsNotFound reports whether an error says that there is no such thing.
func IsNotFound(err error) bool {
	return errors.Is(err, engine.ErrNotFound) || errors.Is(err, ErrNoAgreement)
}
