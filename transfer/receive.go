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
		effects = m.resumed(*r, &d)
	case suspension:
		d.MovedBy, d.OwesStart, d.AwaitStart = r.Role, false, false
		effects = m.close(*r, &d) // the peer's start, sent before ours arrived, opened it again
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

// ReadAnswer implements engine.Domain.
func (*domain) ReadAnswer(r engine.Record, m engine.Message, body []byte) (engine.Acknowledgement, error) {
	return negotiation.ReadAnswer(r, m, body, table)
}
