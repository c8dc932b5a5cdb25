// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/json"
	"errors"
	"unicode/utf8"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// recordDoc is column doc: what of a record nothing selects by. Times are
// microseconds. A payload is a string, since JSON inside JSON would not keep
// its bytes.
type recordDoc struct {
	Address     string      `json:"address,omitempty"`
	Foreign     bool        `json:"foreign,omitempty"`
	Pending     *pendingDoc `json:"pending,omitempty"`
	Call        *callDoc    `json:"call,omitempty"`
	After       []callDoc   `json:"after,omitempty"`
	Queued      *actDoc     `json:"queued,omitempty"`
	Planned     *actDoc     `json:"planned,omitempty"`
	DecideTries int         `json:"decideTries,omitempty"`
	DecideDue   int64       `json:"decideDue,omitempty"`
	FirstHash   string      `json:"firstHash,omitempty"`
	LastHash    string      `json:"lastHash,omitempty"`
	Refused     []string    `json:"refused,omitempty"`
	LastOK      int64       `json:"lastOK,omitempty"`
	LastError   *faultDoc   `json:"lastError,omitempty"`
}

type pendingDoc struct {
	ID           string `json:"id"`
	Message      string `json:"message"`
	Target       string `json:"target"`
	Path         string `json:"path"`
	Deadline     int64  `json:"deadline,omitempty"`
	Due          int64  `json:"due,omitempty"`
	Tries        int    `json:"tries,omitempty"`
	Doubt        bool   `json:"doubt,omitempty"`
	Unauthorized int    `json:"unauthorized,omitempty"`
}

type callDoc struct {
	ID     string  `json:"id"`
	Verb   string  `json:"verb"`
	Act    *actDoc `json:"act,omitempty"`
	Target string  `json:"target,omitempty"`
	Due    int64   `json:"due,omitempty"`
	Tries  int     `json:"tries,omitempty"`
}

type actDoc struct {
	Message   string `json:"message"`
	Reason    string `json:"reason,omitempty"`
	Payload   string `json:"payload,omitempty"`
	NotBefore int64  `json:"notBefore,omitempty"`
	Deadline  int64  `json:"deadline,omitempty"`
	By        string `json:"by,omitempty"`
}

type faultDoc struct {
	At     int64  `json:"at"`
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

var errPayload = errors.New("a payload is not UTF-8")

func docOf(r engine.Record) (recordDoc, error) {
	doc := recordDoc{
		Address: r.Address, Foreign: r.Foreign, Queued: actOf(r.Queued), Planned: actOf(r.Planned),
		DecideTries: r.DecideTries, DecideDue: rule.Micro(r.DecideDue),
		FirstHash: r.FirstHash, LastHash: r.LastHash, Refused: r.Refused, LastOK: rule.Micro(r.LastOK),
	}
	if p := r.Pending; p != nil {
		doc.Pending = &pendingDoc{
			ID: p.ID, Message: string(p.Message), Target: string(p.Target), Path: p.Path,
			Deadline: rule.Micro(p.Deadline), Due: rule.Micro(p.Due), Tries: p.Tries, Doubt: p.Doubt, Unauthorized: p.Unauthorized,
		}
	}
	if r.Call != nil {
		call := callOf(*r.Call)
		doc.Call = &call
	}
	for _, c := range r.After {
		doc.After = append(doc.After, callOf(c))
	}
	if f := r.LastError; f != nil {
		doc.LastError = &faultDoc{At: rule.Micro(f.At), Code: f.Code, Reason: f.Reason}
	}
	return doc, doc.check()
}

// check refuses payloads that a JSON string cannot carry unchanged.
func (d *recordDoc) check() error {
	acts := []*actDoc{d.Queued, d.Planned}
	if d.Call != nil {
		acts = append(acts, d.Call.Act)
	}
	for _, c := range d.After {
		acts = append(acts, c.Act)
	}
	for _, a := range acts {
		if a != nil && !utf8.ValidString(a.Payload) {
			return errPayload
		}
	}
	return nil
}

func callOf(c engine.Call) callDoc {
	return callDoc{ID: c.ID, Verb: c.Verb, Act: actOf(c.Act), Target: string(c.Target), Due: rule.Micro(c.Due), Tries: c.Tries}
}

func actOf(a *engine.Act) *actDoc {
	if a == nil {
		return nil
	}
	return &actDoc{
		Message: string(a.Message), Reason: a.Reason, Payload: string(a.Payload),
		NotBefore: rule.Micro(a.NotBefore), Deadline: rule.Micro(a.Deadline), By: a.By,
	}
}

// fill is the inverse of docOf.
func (d *recordDoc) fill(r *engine.Record) {
	r.Address, r.Foreign, r.Queued, r.Planned = d.Address, d.Foreign, d.Queued.act(), d.Planned.act()
	r.DecideTries, r.DecideDue = d.DecideTries, rule.Time(d.DecideDue)
	r.FirstHash, r.LastHash, r.Refused, r.LastOK = d.FirstHash, d.LastHash, d.Refused, rule.Time(d.LastOK)
	if p := d.Pending; p != nil {
		r.Pending = &engine.Pending{
			ID: p.ID, Message: engine.Message(p.Message), Target: engine.State(p.Target), Path: p.Path,
			Deadline: rule.Time(p.Deadline), Due: rule.Time(p.Due), Tries: p.Tries, Doubt: p.Doubt, Unauthorized: p.Unauthorized,
		}
	}
	if d.Call != nil {
		call := d.Call.call()
		r.Call = &call
	}
	for _, c := range d.After {
		r.After = append(r.After, c.call())
	}
	if f := d.LastError; f != nil {
		r.LastError = &engine.Fault{At: rule.Time(f.At), Code: f.Code, Reason: f.Reason}
	}
}

func (c callDoc) call() engine.Call {
	return engine.Call{
		ID: c.ID, Verb: c.Verb, Act: c.Act.act(), Target: engine.State(c.Target), Due: rule.Time(c.Due), Tries: c.Tries,
	}
}

func (a *actDoc) act() *engine.Act {
	if a == nil {
		return nil
	}
	var payload json.RawMessage
	if a.Payload != "" {
		payload = json.RawMessage(a.Payload)
	}
	return &engine.Act{
		Message: engine.Message(a.Message), Reason: a.Reason, Payload: payload,
		NotBefore: rule.Time(a.NotBefore), Deadline: rule.Time(a.Deadline), By: a.By,
	}
}
