// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/negotiation"
)

// Decider answers what our side of a transfer does next. It is called after
// every message of the peer, after each of our own that the peer acknowledged,
// and again after a crash; it keeps no state of its own.
//
// A call has about 20 seconds. An error has it called again later; what takes
// longer (a person) is answered with Wait.
type Decider interface {
	Decide(ctx context.Context, p Process) (negotiation.Decision, error)
}

// DeciderFunc is a Decider in one function.
type DeciderFunc func(ctx context.Context, p Process) (negotiation.Decision, error)

// Decide implements Decider.
func (f DeciderFunc) Decide(ctx context.Context, p Process) (negotiation.Decision, error) {
	return f(ctx, p)
}

// Rules is the built-in Decider. The provider starts what was requested, and
// again what the consumer resumed, as long as the agreement is kept and final.
// The consumer waits. Whatever the peer or the data plane refused for good
// ends the transfer, but for a resumption: what is suspended stays so, and a
// person decides what follows.
type Rules struct {
	// Agreements, if set, is asked before each start whether the agreement is
	// still in force. The built-in data plane asks in any case, for each byte.
	Agreements negotiation.AgreementStore
}

// Decide implements Decider.
func (d Rules) Decide(ctx context.Context, p Process) (negotiation.Decision, error) {
	if e := p.LastError; e != nil && !slices.Contains([]string{"decider", "act-dropped", FaultReported, engine.CodeUnstopped}, e.Code) {
		if p.Role == string(consumer) && p.State == string(Suspended) && strings.HasPrefix(e.Code, "http-") {
			return negotiation.Decision{Person: true}, nil
		}
		return negotiation.Decision{Act: negotiation.Terminate, Reason: e.Reason}, nil
	}
	if !p.startable() {
		return negotiation.Decision{}, nil
	}
	if d.Agreements == nil {
		return negotiation.Decision{Act: negotiation.Start}, nil
	}
	a, err := d.Agreements.Agreement(ctx, p.Context, p.Agreement)
	switch {
	case errors.Is(err, negotiation.ErrNoAgreement):
		return negotiation.Decision{Act: negotiation.Terminate, Reason: "there is no such agreement any more"}, nil
	case err != nil:
		return negotiation.Decision{}, err
	case !a.Final:
		return negotiation.Decision{Act: negotiation.Terminate, Reason: "the agreement is not concluded"}, nil
	case !a.InForce():
		return negotiation.Decision{Act: negotiation.Terminate, Reason: "the agreement was ended"}, nil
	}
	return negotiation.Decision{Act: negotiation.Start}, nil
}

// startable reports whether a start is ours to send.
func (p Process) startable() bool {
	return p.Role == string(provider) && (p.State == string(Requested) || p.OwesStart)
}

// Approval has a person decide whether a requested transfer starts; the rest
// is as in Rules.
type Approval struct{ Rules }

// Decide implements Decider.
func (d Approval) Decide(ctx context.Context, p Process) (negotiation.Decision, error) {
	decision, err := d.Rules.Decide(ctx, p)
	if err == nil && decision.Act == negotiation.Start && p.State == string(Requested) {
		return negotiation.Decision{Person: true}, nil
	}
	return decision, err
}

// Keep implements engine.Domain: Data is written as it changes.
func (*domain) Keep(*engine.Record) error { return nil }

// Prompt implements engine.Domain: the decider is always asked.
func (*domain) Prompt(engine.Record) (engine.Decision, bool) { return engine.Decision{}, false }

// Decide implements engine.Domain.
func (m *domain) Decide(ctx context.Context, r engine.Record, history []engine.Exchange) (engine.Decision, error) {
	p, err := view(r)
	if err != nil {
		return engine.Decision{}, err
	}
	if a := load(r).finished(r); a != nil {
		return engine.Decision{Act: a}, nil
	}
	p.History = exchanges(history)
	decision, err := m.decider.Decide(ctx, p)
	if err != nil {
		return engine.Decision{}, err
	}
	if p.startable() && (decision.Act == negotiation.Start || decision.Person) {
		denied, err := m.policies.denies(ctx, r)
		if err != nil || denied != nil {
			return engine.Decision{Act: denied}, err
		}
	}
	if decision.Act == negotiation.Wait {
		return engine.Decision{Person: decision.Person}, nil
	}
	a, err := act(r, decision)
	return engine.Decision{Act: &a}, err
}

// act turns the public decision into the engine's.
func act(r engine.Record, d negotiation.Decision) (engine.Act, error) {
	m, ok := map[negotiation.Act]engine.Message{
		negotiation.Start: start, negotiation.Suspend: suspension,
		negotiation.Complete: completion, negotiation.Terminate: termination,
	}[d.Act]
	if !ok {
		return engine.Act{}, engine.Refusef("unknown-act", "a %s has no act %q in a transfer", r.Role, d.Act)
	}
	return r.Act(m, d.Reason, d.After, d.Deadline), nil
}

// exchanges turns the engine's history into the public one, with the secrets
// of data addresses hidden. A message that cannot be read is left without a
// body: what could be hidden in it is not known.
func exchanges(history []engine.Exchange) []negotiation.Exchange {
	out := negotiation.Exchanges(history)
	for i := range out {
		if m := engine.Message(out[i].Message); m == start || m == request {
			out[i].Body = hide(out[i].Body)
		}
	}
	return out
}

func hide(body []byte) []byte {
	decoded, err := wire.Decode(body, wire.TypeTransferRequest, wire.TypeTransferStart)
	if err != nil {
		return nil
	}
	var address *wire.DataAddress
	switch m := decoded.Message.(type) {
	case *wire.TransferRequest:
		address = m.DataAddress
	case *wire.TransferStart:
		address = m.DataAddress
	}
	if address == nil {
		return body
	}
	address.Extra = nil
	for i := range address.Properties {
		address.Properties[i].Value = "(hidden)"
	}
	hidden, err := wire.Encode(decoded.Message)
	if err != nil {
		return nil
	}
	return hidden
}
