// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/musubi-ods/musubi/internal/engine"
)

// report is what a plane said of a call by itself.
type report struct {
	Call    string       `json:"call"`
	FlowID  string       `json:"flowId,omitempty"`
	Address *DataAddress `json:"address,omitempty"`
}

// FaultReported is the code of a fault that a data plane reported. The transfer
// goes on.
const FaultReported = "data-plane-reported"

// byPlane is who completes a transfer in the journal.
const byPlane = "data plane"

var _ Signals = (*Service)(nil)

// Signal implements Signals. What is told is kept before it returns, and wakes
// what waits for it.
func (s *Service) Signal(ctx context.Context, sig Signal) error {
	r, err := s.load(ctx, sig.Context, sig.Process)
	if err == nil {
		_, err = s.Core.Note(ctx, r.Context, r.ID, sig)
	}
	if errors.Is(err, engine.ErrNotFound) {
		return ErrNoTransfer
	}
	return err
}

// Served tells which data plane a transfer was given to, in either role, and
// under which agreement. ErrNoTransfer.
func (s *Service) Served(ctx context.Context, contextID, id string) (plane, agreement string, err error) {
	r, err := s.load(ctx, contextID, id)
	if errors.Is(err, engine.ErrNotFound) {
		return "", "", ErrNoTransfer
	}
	if err != nil {
		return "", "", err
	}
	d, err := read(r)
	return d.Plane, r.Subject, err
}

// ServedBy returns a transfer that has a data plane and is not at its end, by
// its id; "" if there is none.
func (s *Service) ServedBy(ctx context.Context, contextID, plane string) (id string, err error) {
	for before := ""; ; {
		page, err := s.List(ctx, contextID, Filter{Open: true, Before: before, Limit: 1000})
		if err != nil || len(page) == 0 {
			return "", err
		}
		for _, p := range page {
			if p.Plane == plane {
				return p.ID, nil
			}
		}
		before = page[len(page)-1].ID
	}
}

// Note implements engine.Listener.
func (m *domain) Note(r *engine.Record, told any, _ engine.Env) (engine.Noted, error) {
	sig, ok := told.(Signal)
	if !ok {
		return engine.Noted{}, errors.New("a transfer is told signals alone")
	}
	d, err := read(*r)
	if err != nil || r.Final {
		return engine.Noted{}, err
	}
	var noted engine.Noted
	switch sig.State { //nolint:exhaustive // of the others nobody tells
	case FlowPrepared, FlowStarted:
		noted = d.ready(*r, sig)
	case FlowCompleted:
		noted = engine.Noted{Changed: !d.Done, Event: "dataplane.completed", Ask: true}
		d.Done = true
	case "":
		noted = failed(*r, sig.Error)
	}
	if !noted.Changed {
		return noted, nil
	}
	return noted, d.write(r)
}

// ready takes the outcome of the call that a message of ours waits for, whether
// the plane's answer to it is here already or not.
func (d *data) ready(r engine.Record, sig Signal) engine.Noted {
	c := r.Call
	if c == nil || c.Act == nil || (c.Verb == verbPrepare) != (sig.State == FlowPrepared) || !begun(r, c.ID) {
		return engine.Noted{}
	}
	if d.Report != nil && d.Report.Call == c.ID {
		return engine.Noted{}
	}
	d.Report = &report{Call: c.ID, FlowID: sig.FlowID, Address: sig.DataAddress}
	return engine.Noted{Changed: true, Call: true}
}

// begun reports whether a call was made at all.
func begun(r engine.Record, id string) bool {
	for _, w := range r.Work {
		if w.Op == engine.OpCall && w.Key == id {
			return w.Claims > 0
		}
	}
	return false
}

// failed keeps what a plane says went wrong. Said again, it is no news.
func failed(r engine.Record, text string) engine.Noted {
	text = safe(text)
	if r.LastError != nil && r.LastError.Code == FaultReported && r.LastError.Reason == text {
		return engine.Noted{}
	}
	return engine.Noted{
		Changed: true, Event: "dataplane.errored", Detail: map[string]any{"reason": text},
		Fault: &engine.Fault{Code: FaultReported, Reason: text},
	}
}

// safe cuts a text that is not ours to a length that can be shown.
func safe(text string) string {
	const most = 300
	text = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(text, "?"))
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most])
	}
	return "the data plane reported: " + text
}

// Later implements engine.Listener: the plane answered that it will report.
func (m *domain) Later(r *engine.Record, c engine.Call, known json.RawMessage) (come bool, err error) {
	d, err := read(*r)
	if err != nil {
		return false, err
	}
	var res result
	if err := json.Unmarshal(known, &res); err != nil {
		return false, err
	}
	if res.FlowID != "" {
		d.FlowID = res.FlowID
	}
	d.Asked = c.ID
	return d.Report != nil && d.Report.Call == c.ID, d.write(r)
}

// reported is the result of a call whose outcome the plane told by itself.
func (d data) reported(c engine.Call) *result {
	if d.Report == nil || d.Report.Call != c.ID {
		return nil
	}
	return &result{Grant: c.ID, FlowID: d.Report.FlowID, Address: d.Report.Address}
}

// finished is the completion that is due once the plane has moved all there is,
// unless the peer refused it.
func (d data) finished(r engine.Record) *engine.Act {
	refused := r.LastError != nil && r.LastError.Code != FaultReported && r.LastError.Code != "decider"
	if !d.Done || r.State != Started || refused {
		return nil
	}
	return &engine.Act{Message: completion, By: byPlane}
}
