// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"encoding/json"
	"maps"
)

// step is one transition being worked out: the record as loaded, as it will
// be, and the rows that go with it. Nothing in it does I/O.
type step struct {
	d   Domain
	t   *Table
	env Env

	was Record
	r   Record

	exchanges []Exchange
	outcomes  []Outcome
	journal   []Entry
	writes    []any
}

func newStep(d Domain, r Record, env Env) *step {
	return &step{d: d, t: d.Table(), env: env, was: r, r: r}
}

// commit turns the step into what the store does in one transaction.
func (s *step) commit(held *Work) Commit {
	s.r.Version = s.was.Version + 1
	s.r.Updated = s.env.Now
	if s.was.Version == 0 {
		s.r.Created = s.env.Now
	}
	put, remove := changes(s.was.Work, s.r.owed(), s.r.Version)
	return Commit{
		Record: s.r, Expect: s.was.Version, Put: put, Remove: remove, Held: held,
		Exchanges: s.exchanges, Outcomes: s.outcomes, Journal: s.journal, Writes: s.writes,
	}
}

// log adds a journal row. Detail must hold nothing secret.
func (s *step) log(event string, detail map[string]any) {
	var raw json.RawMessage
	if len(detail) > 0 {
		raw, _ = json.Marshal(detail) // maps of strings and numbers: cannot fail
	}
	s.journal = append(s.journal, Entry{
		Context: s.r.Context, ID: s.env.NewID(), Process: s.r.ID, Kind: s.r.Kind,
		Event: string(s.r.Kind) + "." + event, At: s.env.Now, Detail: raw,
	})
}

// move changes the acknowledged state and writes it down.
func (s *step) move(to State, m Message, by Role, detail map[string]any) {
	row := map[string]any{"from": s.r.State, "message": m, "by": by}
	maps.Copy(row, detail)
	s.r.State, s.r.Final = to, s.t.IsFinal(to)
	s.log(string(to), row)
}

// fault records what went wrong, for the participant's own users.
func (s *step) fault(code, reason string) {
	s.r.LastError = &Fault{At: s.env.Now, Code: code, Reason: reason}
}

// take folds the effects of the domain into the step.
func (s *step) take(e Effects) {
	s.writes = append(s.writes, e.Writes...)
	for _, c := range e.Calls {
		if c.ID == "" {
			c.ID = s.env.NewID()
		}
		c.Due = s.env.Now
		s.r.After = append(s.r.After, c)
	}
}

// ask has the decider asked once nothing of ours is under way.
func (s *step) ask() {
	s.r.Decide, s.r.Person = !s.r.Final, false
	s.r.DecideTries, s.r.DecideDue = 0, s.env.Now
	s.r.Planned = nil
}

// prompt takes the decision that the domain makes at once, if it makes one. If
// it turns out to be impossible, the decider is asked as ever.
func (s *step) prompt() {
	if !s.r.Decide {
		return
	}
	decision, ok := s.d.Prompt(s.r)
	if !ok {
		return
	}
	asked := *s
	if err := s.decided(decision); err != nil {
		*s = asked
	}
}
