// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Decider answers what our side of a negotiation does next. It is called
// after every message of the peer, after each of our own that the peer
// acknowledged, and again after a crash; it keeps no state of its own.
//
// A call has about 20 seconds. An error has it called again later; what takes
// longer (a person) is answered with Wait.
type Decider interface {
	Decide(ctx context.Context, n Negotiation) (Decision, error)
}

// DeciderFunc is a Decider in one function.
type DeciderFunc func(ctx context.Context, n Negotiation) (Decision, error)

// Decide implements Decider.
func (f DeciderFunc) Decide(ctx context.Context, n Negotiation) (Decision, error) { return f(ctx, n) }

// Rules is the built-in Decider. The provider goes by the rules of its own
// offer (catalog.Rule): accept, counter-offer, refuse, or leave it to a
// person; without a rule it agrees when the consumer asks for what was
// published, and refuses anything else. The consumer accepts and verifies
// what equals its own terms, and leaves every other offer to a person.
// Whatever the peer refused for good ends the negotiation.
type Rules struct{}

// Decide implements Decider.
func (Rules) Decide(_ context.Context, n Negotiation) (Decision, error) {
	if n.Mismatch != "" {
		return Decision{Act: Terminate, Reason: "the agreement is not what was asked for: " + n.Mismatch}, nil
	}
	next := nextAct(engine.Role(n.Role), engine.State(n.State))
	if n.LastError != nil && n.LastError.Code != "decider" && n.LastError.Code != "act-dropped" {
		if n.mayEnd() {
			return Decision{Act: Terminate, Reason: n.LastError.Reason}, nil
		}
		return Decision{}, nil
	}
	switch {
	case next == Agree && n.State == string(Requested):
		return n.answer(), nil
	case next == Accept:
		return n.consider(), nil
	}
	return Decision{Act: next}, nil
}

// mayEnd reports whether our side may send a termination in this state.
func (n Negotiation) mayEnd() bool {
	row, ok := table.Next(engine.Record{}, engine.State(n.State), termination, engine.Role(n.Role))
	return ok && !row.ReceiveOnly
}

// answer is the provider's answer to a request.
func (n Negotiation) answer() Decision {
	if n.Published == nil { // we made the first offer: our own terms are the measure
		if n.Own != nil && policy.Equal(n.Own.Policy, n.Offered.Policy) {
			return Decision{Act: Agree}
		}
		return Decision{Person: true}
	}
	for _, rule := range n.Rules {
		if rule.Counterparty != "" && rule.Counterparty != n.Peer {
			continue
		}
		switch rule.Do {
		case "refuse":
			return Decision{Act: Terminate, Reason: orElse(rule.Reason, "the offer is not open to this participant")}
		case "approve":
			return Decision{Person: true}
		case "counter":
			return n.counter(*rule.Counter)
		case "accept":
			return n.accept()
		}
	}
	return n.accept()
}

func (n Negotiation) accept() Decision {
	if policy.Equal(n.Published.Policy, n.Offered.Policy) {
		return Decision{Act: Agree}
	}
	return Decision{Act: Terminate, Reason: "the requested terms are not those of the offer: " + said(policy.Compare(n.Published.Policy, n.Offered.Policy))}
}

// counter offers other terms once, and agrees to nothing but those.
func (n Negotiation) counter(p policy.Policy) Decision {
	switch {
	case policy.Equal(p, n.Offered.Policy):
		return Decision{Act: Agree}
	case n.Own != nil && policy.Equal(p, n.Own.Policy):
		return Decision{Act: Terminate, Reason: "the counter-offer was not taken"}
	}
	return Decision{Act: Offer, Terms: &Terms{OfferID: n.Published.OfferID, Policy: p}}
}

// consider is the consumer's answer to an offer.
func (n Negotiation) consider() Decision {
	if n.Own != nil && policy.Equal(n.Own.Policy, n.Offered.Policy) {
		return Decision{Act: Accept}
	}
	return Decision{Person: true}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// Approval has a person decide wherever our side would otherwise commit
// itself (accept an offer, or agree); the rest is as in Rules.
type Approval struct{}

// Decide implements Decider.
func (Approval) Decide(ctx context.Context, n Negotiation) (Decision, error) {
	d, err := Rules{}.Decide(ctx, n)
	switch {
	case err != nil:
		return d, err
	case d.Act == Accept, d.Act == Agree && n.State == string(Requested), d.Act == Offer:
		return Decision{Person: true}, nil
	}
	return d, nil
}

// Decide implements engine.Domain.
func (d *domain) Decide(ctx context.Context, r engine.Record, history []engine.Exchange) (engine.Decision, error) {
	n, err := view(r)
	if err != nil {
		return engine.Decision{}, err
	}
	n.History = Exchanges(history)
	decision, err := d.decider.Decide(ctx, n)
	if err == nil {
		decision, err = d.permitted(ctx, n, decision)
	}
	if err != nil {
		return engine.Decision{}, err
	}
	if decision.Act == Wait {
		return engine.Decision{Person: decision.Person}, nil
	}
	return decision.engineDecision(r)
}

// Prompt implements engine.Domain: where the built-in deciders have no choice
// they verify, finalize, or leave it to the other side. Everything else, and
// whatever went wrong, they are asked about.
func (d *domain) Prompt(r engine.Record) (engine.Decision, bool) {
	switch d.decider.(type) {
	case Rules, Approval:
	default:
		return engine.Decision{}, false
	}
	next := nextAct(r.Role, r.State)
	if r.LastError != nil || next == Agree || next == Accept {
		return engine.Decision{}, false
	}
	if now, err := read(r); err != nil || now.Mismatch != "" {
		return engine.Decision{}, false
	}
	if next == Wait {
		return engine.Decision{}, true
	}
	decision, err := Decision{Act: next}.engineDecision(r)
	return decision, err == nil
}

// engineDecision turns the public decision into the engine's.
func (d Decision) engineDecision(r engine.Record) (engine.Decision, error) {
	a, err := d.act(r)
	return engine.Decision{Act: &a}, err
}

func (d Decision) act(r engine.Record) (engine.Act, error) {
	m, ok := messageOf(r.Role, d.Act)
	if !ok {
		return engine.Act{}, engine.Refusef("unknown-act", "a %s has no act %q in a negotiation", r.Role, d.Act)
	}
	a := r.Act(m, d.Reason, d.After, d.Deadline)
	if d.verdict != nil {
		raw, err := json.Marshal(d.verdict)
		if err != nil {
			return a, err
		}
		a.Payload = raw
	}
	if d.Terms != nil {
		t, err := d.Terms.stored()
		if err != nil {
			return a, engine.Refusef("policy-invalid", "%v", err)
		}
		if a.Payload, err = json.Marshal(t); err != nil {
			return a, err
		}
	}
	return a, nil
}

// Do implements engine.Domain.
func (*domain) Do(_ context.Context, _ engine.Record, c engine.Call) (json.RawMessage, error) {
	return nil, fmt.Errorf("a negotiation has no call %q", c.Verb)
}
