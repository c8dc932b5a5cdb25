// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Terms are what one side puts on the table.
type Terms struct {
	// OfferID is the @id of the offer: one of the provider's catalogue, or a
	// new one for a counter-offer. Opaque.
	OfferID string
	// Policy are the rules; their target is the negotiation's dataset.
	Policy policy.Policy
}

// Negotiation is a negotiation as its own participant sees it.
type Negotiation struct {
	ID      string // our pid
	Context string
	Role    string // consumer or provider: ours
	State   string
	Peer    string // the counterparty's participant id
	PeerPID string
	Dataset string
	// Offered are the terms last put on the table, by OfferedBy (a role), and
	// Own the terms that we last put there. At the provider Published are the
	// terms of its own offer, and Rules how that offer is to be answered.
	Offered   Terms
	OfferedBy string
	Own       *Terms
	Published *Terms
	Rules     []catalog.Rule
	// AgreementID is set once there is an agreement. Mismatch says why an
	// agreement is not what we asked for; it is then never verified.
	AgreementID string
	Mismatch    string
	// Unenforced tells that we chose to accept rules which nobody enforces.
	AcceptUnenforced bool
	Claims           trust.Claims
	// Declared are the values that the consumer gave in its request, by
	// absolute IRI, such as a purpose.
	Declared map[string]json.RawMessage
	// TerminatedFor is the reason that either side gave.
	TerminatedFor string
	// Verdict says, at the provider, by which rule its policy denied the terms.
	Verdict *policy.Verdict

	WaitingFor string // us, peer, person, or empty at the end
	Pending    string // our message that is not acknowledged yet
	LastError  *engine.Fault
	NextTry    time.Time
	Deadline   time.Time
	Created    time.Time
	Updated    time.Time

	// History are the messages of both sides in order. Deciders and single
	// look-ups get it, lists do not.
	History []Exchange

	offer  string       // the provider's own id of its offer
	proved trust.Claims // Claims as they are kept, for the policies to judge
}

// Exchange is one message of a negotiation's or a transfer's history.
type Exchange struct {
	Inbound bool
	Message string // @type, with the eventType of an event
	Body    []byte // exactly as it went over the wire
	At      time.Time
	Outcome string // of ours: empty while pending, acknowledged, refused, dropped
}

// Exchanges turns the engine's history into the public one.
func Exchanges(history []engine.Exchange) []Exchange {
	out := make([]Exchange, len(history))
	for i, e := range history {
		out[i] = Exchange{Inbound: e.Inbound, Message: string(e.Message), Body: e.Body, At: e.At, Outcome: e.Outcome}
	}
	return out
}

// data is the domain's part of an engine.Record.
type data struct {
	Dataset          string                     `json:"dataset"`
	Offer            string                     `json:"offer,omitempty"`    // the provider's own id of its offer
	Snapshot         json.RawMessage            `json:"snapshot,omitempty"` // the public dataset
	Offered          terms                      `json:"offered"`
	OfferedBy        engine.Role                `json:"offeredBy,omitempty"`
	Own              *terms                     `json:"own,omitempty"`
	Published        *terms                     `json:"published,omitempty"`
	Rules            []catalog.Rule             `json:"rules,omitempty"`
	Agreement        string                     `json:"agreement,omitempty"`
	Mismatch         string                     `json:"mismatch,omitempty"`
	Callback         string                     `json:"callback"` // our own base URL
	OwnID            string                     `json:"ownId"`    // our participant id
	AcceptUnenforced bool                       `json:"acceptUnenforced,omitempty"`
	WithoutRules     string                     `json:"withoutRules,omitempty"` // of the peer, as trust.Peer has it
	Claims           trust.Claims               `json:"claims,omitzero"`
	Declared         map[string]json.RawMessage `json:"declared,omitempty"`
	TerminatedFor    string                     `json:"terminatedFor,omitempty"`
	Verdict          *policy.Verdict            `json:"verdict,omitempty"`
}

// terms are Terms with the rules in compact form.
type terms struct {
	OfferID string          `json:"offerId"`
	Policy  json.RawMessage `json:"policy"`
}

func (t Terms) stored() (terms, error) {
	raw, err := t.Policy.JSON()
	return terms{OfferID: t.OfferID, Policy: raw}, err
}

func (t terms) open() (Terms, error) {
	p, err := policy.Parse(t.Policy)
	return Terms{OfferID: t.OfferID, Policy: p}, err
}

// held is data in the Memo of a record. Whoever reads it may change its own
// copy alone, and nothing that it refers to.
type held struct {
	data data
	raw  json.RawMessage // as it was written; nil: it is not yet
}

// of reports whether the record's Data says the same.
func (h *held) of(r engine.Record) bool {
	return h.raw == nil || len(h.raw) == len(r.Data) && &h.raw[0] == &r.Data[0]
}

func read(r engine.Record) (data, error) {
	if h, ok := r.Memo.(*held); ok && h.of(r) {
		return h.data, nil
	}
	var d data
	err := json.Unmarshal(r.Data, &d)
	return d, err
}

// write has the record keep d.
func (d data) write(r *engine.Record) { r.Memo = &held{data: d} }

// Keep implements engine.Domain.
func (*domain) Keep(r *engine.Record) error {
	h, ok := r.Memo.(*held)
	if !ok || h.raw != nil {
		return nil
	}
	raw, err := json.Marshal(h.data)
	r.Data, r.Memo = raw, &held{h.data, raw}
	return err
}

// view makes the public negotiation of a record.
func view(r engine.Record) (Negotiation, error) {
	d, err := read(r)
	if err != nil {
		return Negotiation{}, err
	}
	n := Negotiation{
		ID: r.ID, Context: r.Context, Role: string(r.Role), State: string(r.Shown()), Peer: r.Peer, PeerPID: r.PeerPID,
		Dataset: d.Dataset, OfferedBy: string(d.OfferedBy), Rules: slices.Clone(d.Rules), AgreementID: d.Agreement, Mismatch: d.Mismatch,
		AcceptUnenforced: d.AcceptUnenforced, Claims: d.Claims, Declared: maps.Clone(d.Declared), TerminatedFor: d.TerminatedFor, Verdict: d.Verdict,
		WaitingFor: r.WaitingFor(), LastError: r.LastError, NextTry: r.NextTry(), Deadline: r.Deadline(),
		Created: r.Created, Updated: r.Updated, offer: d.Offer, proved: d.Claims,
	}
	n.Claims.Credentials = slices.Clone(n.Claims.Credentials)
	if r.Pending != nil {
		n.Pending = string(r.Pending.Message)
	}
	if n.Offered, err = d.Offered.open(); err != nil {
		return n, err
	}
	if n.Own, err = openOptional(d.Own); err != nil {
		return n, err
	}
	n.Published, err = openOptional(d.Published)
	return n, err
}

func openOptional(t *terms) (*Terms, error) {
	if t == nil {
		return nil, nil
	}
	opened, err := t.open()
	return &opened, err
}
