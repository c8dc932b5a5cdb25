// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"bytes"
	"slices"

	"github.com/musubi-ods/musubi/internal/engine"
)

// CloneRecord returns a copy of r that shares nothing with it, without its
// outbox and its memo, its times as a store gives them back.
func CloneRecord(r engine.Record) engine.Record {
	if r.Pending != nil {
		p := *r.Pending
		p.Deadline, p.Due = Round(p.Deadline), Round(p.Due)
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
		f.At = Round(f.At)
		r.LastError = &f
	}
	r.Queued, r.Planned = cloneAct(r.Queued), cloneAct(r.Planned)
	r.Data, r.Refused = bytes.Clone(r.Data), slices.Clone(r.Refused)
	r.DecideDue, r.LastOK = Round(r.DecideDue), Round(r.LastOK)
	r.Created, r.Updated = Round(r.Created), Round(r.Updated)
	r.Work, r.Memo = nil, nil
	return r
}

func cloneCall(c engine.Call) engine.Call {
	c.Act, c.Due = cloneAct(c.Act), Round(c.Due)
	return c
}

func cloneAct(a *engine.Act) *engine.Act {
	if a == nil {
		return nil
	}
	b := *a
	b.Payload = bytes.Clone(b.Payload)
	b.NotBefore, b.Deadline = Round(b.NotBefore), Round(b.Deadline)
	return &b
}

// CloneExchange returns a copy of x that shares nothing with it, its time as a
// store gives it back.
func CloneExchange(x engine.Exchange) engine.Exchange {
	x.Body, x.At = bytes.Clone(x.Body), Round(x.At)
	return x
}
