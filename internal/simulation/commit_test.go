// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"encoding/json"
	"strings"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/transfer"
)

// move is what the journal says of a change of state.
type move struct {
	From    engine.State   `json:"from"`
	Message engine.Message `json:"message"`
	By      engine.Role    `json:"by"`
	How     string         `json:"how"`
	Code    string         `json:"code"`
}

// committed looks at a step that was just stored.
func (s *side) committed(before engine.Record, c engine.Commit) {
	w := s.world
	state := before.State
	for _, e := range c.Journal {
		to := engine.State(strings.TrimPrefix(e.Event, string(e.Kind)+"."))
		if to != engine.State(strings.ToUpper(string(to))) {
			w.sayf("%s: %s %s", s.name, e.Event, e.Detail)
			continue // not a change of state
		}
		var m move
		if err := json.Unmarshal(e.Detail, &m); err != nil {
			w.breaksf("%s: journal: %v", s.name, err)
		}
		w.sayf("%s: %s %s -> %s %s by %s %s", s.name, e.Kind, m.From, to, short(m.Message), m.By, m.How+m.Code)
		if m.From != state {
			w.breaksf("%s: the journal moves from %q, the %s was in %q", s.name, m.From, e.Kind, state)
		}
		s.moved(c.Record, m)
		state = to
	}
	if state != c.Record.State {
		w.breaksf("%s: the journal leads to %q, the %s is in %q", s.name, state, c.Record.Kind, c.Record.State)
	}
	if before.Final && c.Record.State != before.State && c.Record.State != transfer.Terminated {
		w.breaksf("%s: %s left the final state %s for %s", s.name, c.Record.Kind, before.State, c.Record.State)
	}
	if c.Record.Kind == engine.Transfer && c.Record.Role == engine.Provider {
		s.flow(before, c.Record)
	}
}

// moved counts a transition.
func (s *side) moved(r engine.Record, m move) {
	if s.foreign || m.Code != "" {
		return
	}
	s.world.cov.rows[row{r.Kind, r.Role, m.By == r.Role, m.From, m.Message}]++
}

// flow demands that no data flows where our side suspended, ended, or decided
// to. A start of the peer opens it again before our suspension or completion
// is answered: it was sent by one who had not seen ours, or after it.
func (s *side) flow(before, r engine.Record) {
	if r.State == transfer.Suspended {
		s.world.suspended = true
	}
	stops := r.Final || r.State == transfer.Suspended && short(pendingMessage(r)) != "start" || stopping(queuedMessage(r)) ||
		short(pendingMessage(r)) == "termination"
	if p := r.Pending; p != nil && (before.Pending == nil || before.Pending.ID != p.ID) {
		stops = stops || stopping(p.Message)
	}
	if !stops {
		return
	}
	if _, err := s.transfers.Running(background, r.Context, r.ID); err == nil {
		s.world.breaksf("%s: data may flow in state %s with %q pending and %q queued", s.name, r.State, pendingMessage(r), queuedMessage(r))
	}
}

func stopping(m engine.Message) bool {
	switch short(m) {
	case "suspension", "completion", "termination":
		return true
	}
	return false
}

func pendingMessage(r engine.Record) engine.Message {
	if r.Pending == nil {
		return ""
	}
	return r.Pending.Message
}

func queuedMessage(r engine.Record) engine.Message {
	if r.Queued == nil {
		return ""
	}
	return r.Queued.Message
}
