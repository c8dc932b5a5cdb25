// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"cmp"
	"encoding/json"
	"net/url"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/negotiation"
)

// result is what a call before a message gives to that message.
type result struct {
	Grant   string       `json:"grant"`
	FlowID  string       `json:"flowId,omitempty"`
	Address *DataAddress `json:"address,omitempty"`
}

// Prepare implements engine.Domain: the provider's start waits for its data
// plane, and so do a consumer's request, where it has one and no address of
// its own to push to, and its resumption of a push to that plane.
func (m *domain) Prepare(r engine.Record, a engine.Act) string {
	switch {
	case a.Message == start && r.Role == provider && load(r).Flow == "":
		return verbStart
	case a.Message == start && r.Role == provider:
		return verbResume
	case a.Message == start:
		d := load(r)
		if _, ok := planeOf(m.planes, r, d); (ok || d.Plane != "") && d.Prepared && Push(d.Format) {
			return verbResume
		}
	case a.Message == request:
		d := load(r)
		if p, ok := planeOf(m.planes, r, d); ok && d.Address == nil && prepares(p) {
			return verbPrepare
		}
	}
	return ""
}

// Compose implements engine.Domain.
func (m *domain) Compose(r *engine.Record, a engine.Act, raw json.RawMessage, id string, _ engine.Env) (engine.Outgoing, engine.Effects, error) {
	d, err := read(*r)
	if err != nil {
		return engine.Outgoing{}, engine.Effects{}, err
	}
	var res result
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &res); err != nil {
			return engine.Outgoing{}, engine.Effects{}, err
		}
		d.FlowID, d.Asked, d.Report = cmp.Or(res.FlowID, d.FlowID), "", nil
	}
	msg, path, effects := m.message(*r, &d, a, res, id)
	if err := d.write(r); err != nil {
		return engine.Outgoing{}, engine.Effects{}, err
	}
	body, err := wire.Encode(msg)
	return engine.Outgoing{Path: path, Body: body}, effects, err
}

// message makes the message of an act, and changes d as it asks for.
func (m *domain) message(r engine.Record, d *data, a engine.Act, res result, id string) (msg wire.Message, path string, effects engine.Effects) {
	consumerPID, providerPID := negotiation.PIDs(r)
	path = "/transfers/" + url.PathEscape(r.PeerPID)
	switch a.Message {
	case request:
		if res.Grant != "" {
			d.Flow, d.Prepared = flowPrepared, true
		}
		if res.Address != nil {
			d.Address = res.Address
		}
		return &wire.TransferRequest{
			ID: id, ConsumerPID: consumerPID, AgreementID: r.Subject, Format: d.Format,
			CallbackAddress: d.Callback, DataAddress: d.Address.wire(), Extra: d.Declared,
		}, "/transfers/request", effects
	case start:
		address := d.startFlow(r, res)
		return &wire.TransferStart{ID: id, ConsumerPID: consumerPID, ProviderPID: providerPID, DataAddress: address.wire()}, path + "/start", effects
	case suspension:
		d.StoppedFor, d.Verdict = a.Reason, a.Payload
		return &wire.TransferSuspension{ID: id, ConsumerPID: consumerPID, ProviderPID: providerPID, Code: "suspended", Reason: reasons(a)},
			path + "/suspension", m.close(r, d)
	case completion:
		return &wire.TransferCompletion{ID: id, ConsumerPID: consumerPID, ProviderPID: providerPID}, path + "/completion", m.finish(r, d)
	}
	d.StoppedFor, d.Verdict = a.Reason, a.Payload
	return &wire.TransferTermination{ID: id, ConsumerPID: consumerPID, ProviderPID: providerPID, Code: "terminated", Reason: reasons(a)},
		path + "/termination", m.close(r, d)
}

// startFlow opens our side for a start of ours and returns the address that
// goes with it: who owns the address sends it, the provider of a pull and the
// consumer of a push, whose plane may have made another one.
func (d *data) startFlow(r engine.Record, res result) *DataAddress {
	d.StoppedFor, d.Stale, d.Verdict = "", "", nil
	switch {
	case r.Role == provider:
		d.Grant, d.Flow, d.Began = res.Grant, flowOpen, true
		return res.Address
	case Push(d.Format):
		d.Flow = flowOpen
		if res.Address != nil && res.Address.Endpoint != "" {
			d.Address = res.Address
		}
		return d.Address
	}
	d.AwaitStart = true
	return nil
}

func reasons(a engine.Act) []json.RawMessage {
	if a.Reason == "" {
		return nil
	}
	return wire.Reasons(a.Reason)
}
