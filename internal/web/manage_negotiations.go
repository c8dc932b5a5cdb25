// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
)

const exampleReason = `{
  "reason": "the terms do not suit us"
}`

const exampleCounter = `{
  "offerId": "to-everyone",
  "policy": {"permission": [{"action": "use"}]}
}`

// reasonInput is the body of every act; it may be left out.
type reasonInput struct {
	Reason string `json:"reason"`
}

// nothing is the body of what takes none.
type nothing struct{}

// seeNegotiation shows a negotiation. It is settled at its end, and where a
// person has to decide.
func (c *call) seeNegotiation(id string) look {
	return func(r engine.Record) (any, bool, error) {
		n, err := c.m.Negotiations.Get(c.ctx, c.contextID, id)
		if err != nil {
			return nil, false, err
		}
		v := viewNegotiation(n)
		v.Possible = possible(r)
		final := n.State == string(negotiation.Finalized) || n.State == string(negotiation.Terminated)
		return v, final || n.WaitingFor == "person" || n.WaitingFor == "", nil
	}
}

func listNegotiations(c *call) (answer, error) {
	f, limit, err := c.filter(engine.Negotiation)
	if err != nil {
		return answer{}, err
	}
	found, err := c.m.Negotiations.List(c.ctx, c.contextID, negotiation.Filter{
		Role: string(f.Role), State: string(f.State), Peer: f.Peer, Dataset: c.QueryParam("dataset"), Open: f.Open, Before: f.Before, Limit: limit,
	})
	if err != nil {
		return answer{}, err
	}
	return answer{body: listOf(found, limit, viewNegotiation, func(n negotiation.Negotiation) string { return n.ID })}, nil
}

// filter reads what the lists of processes have in common.
func (c *call) filter(kind engine.Kind) (q engine.Query, limit int, err error) {
	if limit, err = c.limit(); err != nil {
		return q, 0, err
	}
	role, err := c.word("role", string(engine.Consumer), string(engine.Provider))
	if err != nil {
		return q, 0, err
	}
	state, err := c.word("state", states(kind)...)
	if err != nil {
		return q, 0, err
	}
	open, err := c.flag("open")
	return engine.Query{
		Kind: kind, Role: engine.Role(role), State: engine.State(state), Peer: c.QueryParam("peer"),
		Open: open, Before: c.QueryParam("before"), Limit: limit,
	}, limit, err
}

func negotiationAct(act negotiation.Act) func(*call, reasonInput) (answer, error) {
	return func(c *call, in reasonInput) (answer, error) {
		return negotiations.act(c, func(id string) error {
			_, err := c.m.Negotiations.Act(c.ctx, c.contextID, id, negotiation.Decision{Act: act, Reason: in.Reason})
			return err
		})
	}
}

func rejectNegotiation(c *call, in reasonInput) (answer, error) {
	if in.Reason == "" {
		return answer{}, problemf(http.StatusBadRequest, "reason-missing", "reason is missing").hint("the peer is told why; POST terminate needs no reason")
	}
	return negotiationAct(negotiation.Terminate)(c, in)
}

func approveNegotiation(c *call, _ nothing) (answer, error) {
	return negotiations.act(c, func(id string) error {
		_, err := c.m.Negotiations.Approve(c.ctx, c.contextID, id)
		return err
	})
}

// counter puts other terms on the table, under the id of the offer that lies
// there unless another is given: providers know the offer by it.
func counter(c *call, in termsView) (answer, error) {
	p, err := readPolicy("policy", in.Policy)
	if err != nil {
		return answer{}, err
	}
	return negotiations.act(c, func(id string) error {
		n, err := c.m.Negotiations.Get(c.ctx, c.contextID, id)
		if err != nil {
			return err
		}
		d := negotiation.Decision{Act: negotiation.Request, Terms: &negotiation.Terms{OfferID: in.OfferID, Policy: p}}
		if n.Role == string(engine.Provider) {
			d.Act = negotiation.Offer
		}
		if in.OfferID == "" {
			d.Terms.OfferID = n.Offered.OfferID
		}
		_, err = c.m.Negotiations.Act(c.ctx, c.contextID, id, d)
		return err
	})
}
