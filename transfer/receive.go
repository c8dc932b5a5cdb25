// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
)

// domain gives the messages of a transfer their meaning.
type domain struct {
	decider  Decider
	planes   Planes
	policies *PolicyPoint
}

// content is what Service makes of an inbound message before the step.
type content struct {
	message wire.Message
	claims  trust.Claims
}

var (
	_ engine.Domain   = (*domain)(nil)
	_ engine.Closer   = (*domain)(nil)
	_ engine.Listener = (*domain)(nil)
	_ engine.Stopper  = (*domain)(nil)
)

// Table implements engine.Domain.
func (*domain) Table() *engine.Table { return table }

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
		d.Claims = c.claims // the newest proof: a credential may have been renewed
	}
	var effects engine.Effects
	switch msg := c.message.(type) {
	case *wire.TransferStart:
		effects = m.started(*r, &d, addressFromWire(msg.DataAddress), env)
	case *wire.TransferSuspension:
		effects = m.suspended(*r, &d)
		effects.Detail = d.stopped(msg.Code, msg.Reason)
	case *wire.TransferCompletion:
		effects = m.end(*r, &d, verbComplete)
	case *wire.TransferTermination:
		effects = m.end(*r, &d, verbTerminate)
		effects.Detail = d.stopped(msg.Code, msg.Reason)
	}
	return effects, d.write(r)
}

// started takes the peer's start.
func (m *domain) started(r engine.Record, d *data, address *DataAddress, env engine.Env) engine.Effects {
	d.StoppedFor = ""
	if r.State == Suspended {
		d.MovedBy = r.Role.Other()
	}
	if r.Role == provider && !Push(d.Format) {
		// The flow stays closed until our own start has a new address.
		d.OwesStart = true
		return engine.Effects{}
	}
	if address != nil {
		d.Address = address
	}
	d.renews()
	verb := verbResume
	if d.Flow == "" || d.Flow == flowPrepared {
		verb = verbStart
	}
	d.AwaitStart, d.Flow = false, flowOpen
	effects := m.call(r, *d, verb)
	if r.Role == provider && len(effects.Calls) > 0 { // a push goes on without a start of ours
		d.Grant = env.NewID()
		effects.Calls[0].ID = d.Grant
	}
	return effects
}

// suspended takes the peer's suspension.
func (m *domain) suspended(r engine.Record, d *data) engine.Effects {
	d.MovedBy, d.OwesStart, d.AwaitStart = r.Role.Other(), false, false
	switch { // a start that was to answer the peer's must not undo this
	case r.Pending != nil && r.Pending.Message == start:
		d.Stale = r.Pending.ID
	case r.Call != nil && r.Call.Act != nil && r.Call.Act.Message == start:
		d.Stale = r.Call.ID
	}
	return m.close(r, d)
}

// stopped keeps the reason that the peer gave.
func (d *data) stopped(code string, reasons []json.RawMessage) map[string]any {
	text := strings.Join(wire.ReasonText(reasons), "; ")
	switch {
	case text == "":
		text = code
	case code != "":
		text += " (" + code + ")"
	}
	d.StoppedFor = text
	return map[string]any{"reason": text}
}

// Settled implements engine.Domain.
func (m *domain) Settled(r *engine.Record, p engine.Pending, _ engine.Env) (engine.Effects, error) {
	d, err := read(*r)
	if err != nil {
		return engine.Effects{}, err
	}
	var effects engine.Effects
	switch p.Message {
	case start:
		d.OwesStart = false
		if r.State == Suspended {
			d.MovedBy = r.Role
		}
	case suspension:
		d.MovedBy, d.OwesStart, d.AwaitStart = r.Role, false, false
	case completion:
		effects = m.end(*r, &d, verbComplete)
	case termination:
		effects = m.end(*r, &d, verbTerminate)
	}
	return effects, d.write(r)
}

// Ended implements engine.Domain.
func (m *domain) Ended(r *engine.Record, _ engine.Env) engine.Effects {
	d, err := read(*r)
	if err != nil {
		return engine.Effects{}
	}
	if r.LastError != nil && d.StoppedFor == "" {
		d.StoppedFor = r.LastError.Reason
	}
	effects := m.end(*r, &d, verbTerminate)
	_ = d.write(r) // it was read: it can be written
	return effects
}

// Close implements engine.Closer: what our side decided to stop stops before
// its message can go out.
func (m *domain) Close(r *engine.Record, a engine.Act, _ engine.Env) engine.Effects {
	d, err := read(*r)
	if err != nil || a.Message != suspension && a.Message != completion && a.Message != termination {
		return engine.Effects{}
	}
	stop := m.close
	if a.Message == completion {
		stop = m.finish
	}
	effects := stop(*r, &d)
	_ = d.write(r) // it was read: it can be written
	return effects
}

// close stops the flow until a start. What was granted is void.
func (m *domain) close(r engine.Record, d *data) engine.Effects {
	if d.Flow != flowOpen && d.Flow != flowFinishing {
		return engine.Effects{}
	}
	d.shut(flowClosed)
	return m.call(r, *d, verbSuspend)
}

func (d *data) shut(to flow) {
	d.renews()
	d.Flow, d.Grant = to, ""
	if !Push(d.Format) {
		d.Address = nil
	}
}

// finish closes the flow for a completion of ours. A plane that asks may send no
// more; none is told before the end is certain, since of a flow that is
// suspended none says that it is complete.
func (m *domain) finish(_ engine.Record, d *data) engine.Effects {
	if d.Flow == flowOpen {
		d.shut(flowFinishing)
	}
	return engine.Effects{}
}

// end stops the flow for good.
func (m *domain) end(r engine.Record, d *data, verb string) engine.Effects {
	was := d.Flow
	d.renews()
	d.Flow, d.Grant, d.Address, d.OwesStart, d.AwaitStart = flowEnded, "", nil, false, false
	switch {
	case was == "" && r.Role == provider && !d.Began:
		return engine.Effects{Calls: []engine.Call{{Verb: verbRelease}}}
	case was == "" || was == flowEnded:
		return engine.Effects{}
	}
	return m.call(r, *d, verb)
}

// call asks for a call that no message waits for, if there is a plane that
// knows the flow. One that has a name may be known at another replica alone, for
// now: Do waits for it.
func (m *domain) call(r engine.Record, d data, verb string) engine.Effects {
	p, ok := planeOf(m.planes, r, d)
	switch {
	case !ok && d.Plane == "":
		return engine.Effects{}
	case r.Role == consumer && !d.Prepared && (ok && prepares(p) || !d.Renewed):
		return engine.Effects{}
	}
	return engine.Effects{Calls: []engine.Call{{Verb: verb}}}
}

// renews notes that there is an address whose token is renewed.
func (d *data) renews() {
	if d.Address != nil && !d.Renewed {
		_, d.Renewed = d.Address.Renewal()
	}
}

// ReadAnswer implements engine.Domain.
func (*domain) ReadAnswer(r engine.Record, m engine.Message, body []byte) (engine.Acknowledgement, error) {
	return negotiation.ReadAnswer(r, m, body, table)
}
