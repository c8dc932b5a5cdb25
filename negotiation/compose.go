// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"encoding/json"
	"net/url"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/jcs"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Prepare implements engine.Domain: no message of a negotiation waits for a
// call.
func (*domain) Prepare(engine.Record, engine.Act) string { return "" }

// Compose implements engine.Domain.
func (g *domain) Compose(r *engine.Record, a engine.Act, _ json.RawMessage, id string, env engine.Env) (engine.Outgoing, engine.Effects, error) {
	c := composer{r: r, act: a, id: id, env: env, known: g.policies.Registry}
	var err error
	if c.d, err = read(*r); err != nil {
		return engine.Outgoing{}, engine.Effects{}, err
	}
	if r.Role == consumer {
		c.consumerPID, c.providerPID = r.ID, r.PeerPID
	} else {
		c.consumerPID, c.providerPID = r.PeerPID, r.ID
	}
	m, path, err := c.message()
	if err != nil {
		return engine.Outgoing{}, engine.Effects{}, err
	}
	c.d.write(r)
	body, err := wire.Encode(m)
	if err != nil {
		return engine.Outgoing{}, engine.Effects{}, err
	}
	return engine.Outgoing{Path: path, Body: body}, c.effects, nil
}

// composer makes one message of ours.
type composer struct {
	r                        *engine.Record
	d                        data
	act                      engine.Act
	id                       string
	env                      engine.Env
	known                    *policy.Registry
	consumerPID, providerPID string
	effects                  engine.Effects
}

func (c *composer) message() (wire.Message, string, error) {
	process := "/negotiations/" + url.PathEscape(c.r.PeerPID)
	switch c.act.Message {
	case request:
		p, err := c.put()
		m := &wire.ContractRequest{ID: c.id, ConsumerPID: c.consumerPID, ProviderPID: c.providerPID, Offer: p, Extra: c.d.Declared}
		if c.providerPID == "" {
			m.CallbackAddress, process = c.d.Callback, "/negotiations"
		}
		return m, process + "/request", err
	case offer:
		p, err := c.put()
		m := &wire.ContractOffer{ID: c.id, ConsumerPID: c.consumerPID, ProviderPID: c.providerPID, Offer: p}
		if c.consumerPID == "" {
			m.CallbackAddress, process = c.d.Callback, "/negotiations"
		}
		return m, process + "/offers", err
	case agreement:
		p, err := c.agree()
		return &wire.ContractAgreement{ID: c.id, ConsumerPID: c.consumerPID, ProviderPID: c.providerPID, Agreement: p}, process + "/agreement", err
	case verification:
		if c.d.Mismatch != "" {
			return nil, "", engine.Refusef("agreement-mismatch", "the agreement is not what was asked for: %s", c.d.Mismatch)
		}
		return &wire.ContractVerification{ID: c.id, ConsumerPID: c.consumerPID, ProviderPID: c.providerPID}, process + "/agreement/verification", nil
	case accepted:
		return c.event("ACCEPTED"), process + "/events", c.mayTake(c.d.Offered)
	case finalized:
		return c.event("FINALIZED"), process + "/events", nil
	}
	c.d.TerminatedFor = c.act.Reason
	if len(c.act.Payload) > 0 { // why our policy denied it, which the peer is not told
		c.d.Verdict = nil
		if err := json.Unmarshal(c.act.Payload, &c.d.Verdict); err != nil {
			return nil, "", err
		}
	}
	m := &wire.ContractTermination{ID: c.id, ConsumerPID: c.consumerPID, ProviderPID: c.providerPID, Code: "terminated"}
	if c.act.Reason != "" {
		m.Reason = wire.Reasons(c.act.Reason)
	}
	return m, process + "/termination", nil
}

func (c *composer) event(name string) *wire.ContractEvent {
	return &wire.ContractEvent{ID: c.id, ConsumerPID: c.consumerPID, ProviderPID: c.providerPID, EventType: name}
}

// terms are those of the act or, without, those on the table. They are read into
// a text of their own: what lies there, a memo may refer to.
func (c *composer) terms() (t terms, err error) {
	if len(c.act.Payload) == 0 {
		return c.d.Offered, nil
	}
	return t, json.Unmarshal(c.act.Payload, &t)
}

// put lays the act's terms on the table, or again those that lie there.
func (c *composer) put() (wire.Policy, error) {
	t, err := c.terms()
	if err != nil {
		return wire.Policy{}, err
	}
	if err := c.mayTake(t); err != nil {
		return wire.Policy{}, err
	}
	c.d.Offered, c.d.OfferedBy, c.d.Own = t, c.r.Role, &t
	p, err := wire.ParsePolicy(t.Policy)
	if err != nil {
		return p, err
	}
	p.Type, p.ID, p.Target, p.Assigner = "Offer", t.OfferID, c.d.Dataset, c.assigner()
	return p, nil
}

func (c *composer) assigner() string {
	if c.r.Role == provider {
		return c.d.OwnID
	}
	return c.r.Peer
}

func (c *composer) assignee() string {
	if c.r.Role == consumer {
		return c.d.OwnID
	}
	return c.r.Peer
}

// mayTake refuses terms that nobody could judge or, where we are the one who is
// bound, that nobody here enforces, unless we chose to take them.
func (c *composer) mayTake(t terms) error {
	p, err := policy.Parse(t.Policy)
	if err != nil {
		return engine.Refusef("policy-invalid", "the terms cannot be read: %v", err)
	}
	if c.r.Role == consumer && !p.HasRules() {
		return engine.Refusef("policy-without-rules", "the terms have no rule, and so permit nothing")
	}
	if c.d.AcceptUnenforced {
		return nil
	}
	check := c.known.CheckUsage
	if c.r.Role == consumer {
		check = c.known.Unenforced
	}
	if err := check(p); err != nil {
		return engine.Refusef("policy-unenforced", "%v; a consumer may choose acceptUnenforced", err)
	}
	return nil
}

// agree makes the agreement from the terms on the table.
func (c *composer) agree() (wire.Policy, error) {
	t, err := c.terms()
	if err != nil {
		return wire.Policy{}, err
	}
	if err := c.mayTake(t); err != nil {
		return wire.Policy{}, err
	}
	p, err := wire.ParsePolicy(t.Policy)
	if err != nil {
		return p, err
	}
	p.Type, p.ID, p.Target = "Agreement", c.env.NewID(), c.d.Dataset
	p.Assigner, p.Assignee = c.assigner(), c.assignee()
	p.Timestamp = c.env.Now.UTC().Format("2006-01-02T15:04:05.000Z")
	c.d.Agreement = p.ID
	return p, c.keep(p)
}

// keep has the agreement stored with the step.
func (c *composer) keep(p wire.Policy) error {
	a, err := concluded(*c.r, c.d, p, c.env, c.known)
	if err != nil {
		return err
	}
	c.effects.Writes = append(c.effects.Writes, SaveAgreement{a})
	c.effects.Detail = map[string]any{"agreement": a.ID, "documentHash": a.DocumentHash, "policyHash": a.PolicyHash}
	return nil
}

// concluded makes the stored agreement from its wire form.
func concluded(r engine.Record, d data, p wire.Policy, env engine.Env, known *policy.Registry) (Agreement, error) {
	document, err := p.Compact()
	if err != nil {
		return Agreement{}, err
	}
	rules, err := rulesOf(p)
	if err != nil {
		return Agreement{}, err
	}
	rules = d.meant(rules)
	compact, err := rules.JSON()
	if err != nil {
		return Agreement{}, err
	}
	hash, err := jcs.Hash(document)
	return Agreement{
		Context: r.Context, ID: p.ID, Role: string(r.Role), Peer: r.Peer, Address: r.Address, Foreign: r.Foreign, Negotiation: r.ID,
		Target: p.Target, Offer: d.Offer, Assigner: p.Assigner, Assignee: p.Assignee, Concluded: conclusion(p.Timestamp, env.Now), Declared: d.Declared,
		Document: document, Policy: compact, Dataset: d.Snapshot, Claims: d.Claims,
		DocumentHash: hash, PolicyHash: rules.Hash(), Unenforced: d.AcceptUnenforced && known.Unenforced(rules) != nil,
	}, err
}

// conclusion is when an agreement was concluded: when it says so, for both sides
// count from there. What is no time, or is still to come, is now.
func conclusion(stated string, now time.Time) time.Time {
	t, err := time.Parse(time.RFC3339, stated)
	if err != nil {
		t, err = time.Parse("2006-01-02T15:04:05", stated)
	}
	if err != nil || t.After(now) || t.Unix() <= 0 {
		return now
	}
	return t.UTC()
}
