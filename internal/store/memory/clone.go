// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"bytes"
	"slices"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// cloneRecord returns a copy of r that shares nothing with it, without its
// outbox, its times as a store gives them back.
func cloneRecord(r engine.Record) engine.Record {
	if r.Pending != nil {
		p := *r.Pending
		p.Deadline, p.Due = rule.Round(p.Deadline), rule.Round(p.Due)
		r.Pending = &p
	}
	if r.Call != nil {
		c := cloneCall(*r.Call)
		r.Call = &c
	}
	if len(r.After) > 0 {
		after := make([]engine.Call, len(r.After))
		for i, c := range r.After {
			after[i] = cloneCall(c)
		}
		r.After = after
	}
	if r.LastError != nil {
		f := *r.LastError
		f.At = rule.Round(f.At)
		r.LastError = &f
	}
	r.Queued, r.Planned = cloneAct(r.Queued), cloneAct(r.Planned)
	r.Data, r.Refused = bytes.Clone(r.Data), slices.Clone(r.Refused)
	r.DecideDue, r.LastOK = rule.Round(r.DecideDue), rule.Round(r.LastOK)
	r.Created, r.Updated = rule.Round(r.Created), rule.Round(r.Updated)
	r.Work = nil
	return r
}

func cloneCall(c engine.Call) engine.Call {
	c.Act, c.Due = cloneAct(c.Act), rule.Round(c.Due)
	return c
}

func cloneAct(a *engine.Act) *engine.Act {
	if a == nil {
		return nil
	}
	b := *a
	b.Payload = bytes.Clone(b.Payload)
	b.NotBefore, b.Deadline = rule.Round(b.NotBefore), rule.Round(b.Deadline)
	return &b
}

func cloneExchange(x engine.Exchange) engine.Exchange {
	x.Body, x.At = bytes.Clone(x.Body), rule.Round(x.At)
	return x
}

func cloneEntry(e engine.Entry) engine.Entry {
	e.Detail, e.At = bytes.Clone(e.Detail), rule.Round(e.At)
	return e
}

func cloneHead(h engine.Head) engine.Head {
	h.Signature, h.At = bytes.Clone(h.Signature), rule.Round(h.At)
	return h
}
