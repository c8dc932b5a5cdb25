// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// domain gives the messages of a negotiation their meaning.
type domain struct {
	decider  Decider
	policies *policy.Judge
}

var _ engine.Domain = (*domain)(nil)

// Table implements engine.Domain.
func (*domain) Table() *engine.Table { return table }

// content is what Service makes of an inbound message before the step.
type content struct {
	message  wire.Message
	claims   trust.Claims
	declared map[string]json.RawMessage
}

// Receive implements engine.Domain.
func (m *domain) Receive(r *engine.Record, in engine.Inbound, env engine.Env) (engine.Effects, error) {
	c, ok := in.Content.(content)
	if !ok {
		return engine.Effects{}, fmt.Errorf("content of %s is %T", in.Message, in.Content)
	}
	d, err := read(*r)
	if err != nil {
		return engine.Effects{}, err
	}
	if c.claims.Participant != "" {
		d.Claims = c.claims // the newest proof is what an agreement is kept with
	}
	var effects engine.Effects
	switch msg := c.message.(type) {
	case *wire.ContractRequest:
		if len(c.declared) > 0 {
			d.Declared = c.declared
		}
		err = d.offered(msg.Offer, consumer)
	case *wire.ContractOffer:
		err = d.offered(msg.Offer, provider)
	case *wire.ContractAgreement:
		effects, err = d.agreed(*r, msg.Agreement, env, m.policies.Registry)
	case *wire.ContractEvent:
		if msg.EventType == "FINALIZED" {
			effects.Writes = []any{FinalizeAgreement{Context: r.Context, ID: d.Agreement}}
		}
	case *wire.ContractTermination:
		d.TerminatedFor = reasonText(msg.Code, msg.Reason)
		effects.Detail = map[string]any{"reason": d.TerminatedFor}
	}
	if err != nil {
		return engine.Effects{}, err
	}
	d.write(r)
	return effects, nil
}

// offered puts the peer's terms on the table.
func (d *data) offered(p wire.Policy, by engine.Role) error {
	if p.Target != "" && p.Target != d.Dataset {
		return engine.Refusef("wrong-target", "the offer's target is not the dataset of this negotiation")
	}
	t, err := termsOf(p)
	if err != nil {
		return err
	}
	d.Offered, d.OfferedBy = t, by
	return nil
}

func termsOf(p wire.Policy) (terms, error) {
	rules, err := rulesOf(p)
	if err != nil {
		return terms{}, unreadable(err)
	}
	raw, err := rules.JSON()
	return terms{OfferID: p.ID, Policy: raw}, err
}

func unreadable(err error) error {
	return engine.Refusef("policy-invalid", "the offer cannot be read: %v", err)
}

// rulesOf reads a policy of a message. The id and the time, which each agreement
// has of its own, say nothing of its rules: without them all agreements under one
// offer are one text to policy.Parse, which remembers what it read.
func rulesOf(p wire.Policy) (policy.Policy, error) {
	id, timestamp := p.ID, p.Timestamp
	p.ID, p.Timestamp = "", ""
	compact, err := p.Compact()
	if err != nil {
		return policy.Policy{}, err
	}
	rules, err := policy.Parse(compact)
	rules.ID, rules.Timestamp = id, timestamp
	return rules, err
}

// agreed takes the provider's agreement. One that is not what we asked for
// is taken too, so that both sides hold the same state, and then never
// verified: the decider ends the negotiation with the reason.
func (d *data) agreed(r engine.Record, p wire.Policy, env engine.Env, known *policy.Registry) (engine.Effects, error) {
	d.Agreement = p.ID
	if d.Mismatch = d.mismatch(r, p); d.Mismatch != "" {
		return engine.Effects{Detail: map[string]any{"agreement": p.ID, "mismatch": d.Mismatch}}, nil
	}
	a, err := concluded(r, *d, p, env, known)
	if err != nil {
		return engine.Effects{}, engine.Refusef("policy-invalid", "the agreement cannot be read: %v", err)
	}
	detail := map[string]any{"agreement": a.ID, "documentHash": a.DocumentHash, "policyHash": a.PolicyHash}
	if len(p.Permission)+len(p.Prohibition)+len(p.Obligation) == 0 {
		detail["withoutRules"] = d.WithoutRules // by which it is what was asked for
	}
	return engine.Effects{Writes: []any{SaveAgreement{a}}, Detail: detail}, nil
}

// mismatch compares an agreement with what we asked for or accepted.
func (d *data) mismatch(r engine.Record, p wire.Policy) string {
	switch {
	case p.ID == "":
		return "it has no id"
	case p.Target != d.Dataset:
		return fmt.Sprintf("its target is %q, not %q", p.Target, d.Dataset)
	case p.Assigner != r.Peer:
		return fmt.Sprintf("its assigner is %q, not the provider %q", p.Assigner, r.Peer)
	case p.Assignee != d.OwnID:
		return fmt.Sprintf("its assignee is %q, not %q", p.Assignee, d.OwnID)
	}
	rules, err := rulesOf(p)
	if err != nil {
		return unreadable(err).Error()
	}
	want, err := d.Offered.open()
	if err != nil {
		return err.Error()
	}
	if !policy.Equal(d.meant(rules), want.Policy) {
		return "its rules are not those of the last offer"
	}
	return ""
}

// reasonText puts a peer's code and reasons into one line.
func reasonText(code string, reasons []json.RawMessage) string {
	text := strings.Join(wire.ReasonText(reasons), "; ")
	switch {
	case text == "":
		return code
	case code == "":
		return text
	}
	return text + " (" + code + ")"
}

// Settled implements engine.Domain.
func (*domain) Settled(r *engine.Record, p engine.Pending, _ engine.Env) (engine.Effects, error) {
	if p.Message != finalized {
		return engine.Effects{}, nil
	}
	d, err := read(*r)
	if err != nil {
		return engine.Effects{}, err
	}
	return engine.Effects{Writes: []any{FinalizeAgreement{Context: r.Context, ID: d.Agreement}}}, nil
}

// Ended implements engine.Domain: a negotiation leaves nothing open.
func (*domain) Ended(r *engine.Record, _ engine.Env) engine.Effects {
	if d, err := read(*r); err == nil && d.TerminatedFor == "" && r.LastError != nil {
		d.TerminatedFor = r.LastError.Reason
		d.write(r)
	}
	return engine.Effects{}
}

// ReadAnswer implements engine.Domain. Only the answer to a first request has
// to hold anything: the peer's pid.
func (*domain) ReadAnswer(r engine.Record, m engine.Message, body []byte) (engine.Acknowledgement, error) {
	return ReadAnswer(r, m, body, table)
}

// ReadAnswer reads a 2xx answer of either protocol: ContractNegotiation or
// TransferProcess. It is lenient, since what peers put there differs; but the
// answer to a first request must name the peer's pid, and that of a GET (no
// message) a state of the table.
func ReadAnswer(r engine.Record, m engine.Message, body []byte, t *engine.Table) (engine.Acknowledgement, error) {
	var answer struct {
		ConsumerPID string `json:"consumerPid"`
		ProviderPID string `json:"providerPid"`
		State       string `json:"state"`
	}
	err := json.Unmarshal(body, &answer)
	if err != nil && r.State != "" && m != "" {
		return engine.Acknowledgement{}, nil
	}
	if err != nil {
		return engine.Acknowledgement{}, fmt.Errorf("the answer is not JSON: %w", err)
	}
	own, theirs := answer.ConsumerPID, answer.ProviderPID
	if r.Role == provider {
		own, theirs = theirs, own
	}
	ack := engine.Acknowledgement{PeerPID: theirs, State: engine.State(answer.State)}
	if r.State == "" && (theirs == "" || own != "" && own != r.ID) {
		return ack, fmt.Errorf("the answer does not name the peer's process for ours")
	}
	if m == "" && !known(t, ack.State) {
		return ack, fmt.Errorf("the answer has no known state: %.40q", answer.State)
	}
	return ack, nil
}

func known(t *engine.Table, s engine.State) bool {
	for _, row := range t.Rows {
		if row.To == s {
			return true
		}
	}
	return false
}
