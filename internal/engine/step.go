// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"encoding/json"
	"errors"
	"maps"
	"time"
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

// dropPending takes our message back; outcome says why, for the history.
func (s *step) dropPending(outcome string) {
	s.outcomes = append(s.outcomes, Outcome{MessageID: s.r.Pending.ID, Outcome: outcome})
	s.r.Pending = nil
}

// dropCall gives up a call that a message waits for, and undoes it: the data
// plane may have done its part already.
func (s *step) dropCall() {
	undo := Call{Verb: "terminate"}
	s.r.Call = nil
	s.take(Effects{Calls: []Call{undo}})
}

// end finishes the process on our side alone: nobody is told.
func (s *step) end(code, reason string) {
	if s.r.Pending != nil {
		s.dropPending("refused")
	}
	s.r.Call, s.r.Queued, s.r.Planned, s.r.Decide, s.r.Person = nil, nil, nil, false, false
	s.fault(code, reason)
	s.move(s.t.Terminated, s.t.Terminate, s.r.Role, map[string]any{"reason": reason, "code": code})
	s.take(s.d.Ended(&s.r, s.env))
}

// settle commits the target of the pending message, which the peer has.
func (s *step) settle(how string) error {
	p := *s.r.Pending
	s.outcomes = append(s.outcomes, Outcome{MessageID: p.ID, Outcome: "acknowledged"})
	s.r.Pending = nil
	s.r.LastOK = s.env.Now
	if s.r.Final && (p.Message != s.t.Terminate || s.r.State == s.t.Terminated) {
		s.log("acknowledged", map[string]any{"message": p.Message, "kept": s.r.State})
		return nil
	}
	effects, err := s.d.Settled(&s.r, p, s.env)
	if err != nil {
		return err
	}
	s.move(p.Target, p.Message, s.r.Role, map[string]any{"messageId": p.ID, "how": how})
	s.take(effects)
	s.r.LastError = nil
	s.clearFinal()
	return nil
}

// clearFinal drops what a process at its end no longer needs.
func (s *step) clearFinal() {
	if !s.r.Final {
		return
	}
	s.r.Queued, s.r.Planned, s.r.Decide, s.r.Person = nil, nil, false, false
	if s.r.Call != nil {
		s.dropCall()
	}
	p := s.r.Pending
	if p == nil {
		return
	}
	// A termination that may have left can still replace another end.
	if p.Message == s.t.Terminate && s.was.Sent() && s.r.State != s.t.Terminated {
		return
	}
	s.dropPending("dropped")
}

// proceed starts what waited for the end of our last message: the queued act,
// else the decider.
func (s *step) proceed() error {
	if s.r.Final || s.r.Pending != nil || s.r.Call != nil {
		return nil
	}
	q := s.r.Queued
	s.r.Queued = nil
	if q == nil {
		s.ask()
		s.prompt()
		return nil
	}
	if _, err := s.sendable(s.r.State, *q); err != nil {
		if q.Message == s.t.Terminate && s.r.State != "" {
			s.r.Queued = q // until a state from which it may be sent
			return nil
		}
		s.fault("act-dropped", string(q.Message)+" is no longer possible in "+string(s.r.State))
		s.ask()
		return nil
	}
	var no *Refusal
	if err := s.begin(*q); errors.As(err, &no) {
		s.drop(no)
	} else if err != nil {
		return err
	}
	return nil
}

// drop gives up an act that waited and turned out to be impossible: what it
// waited for has happened all the same.
func (s *step) drop(no *Refusal) {
	s.fault("act-dropped", no.Reason)
	s.ask()
}

// sendable returns the row by which our side may send act's message.
func (s *step) sendable(from State, a Act) (Transition, error) {
	row, ok := s.t.Next(s.r, from, a.Message, s.r.Role)
	if !ok || row.ReceiveOnly {
		return row, Refusef("illegal-transition", "a %s cannot send %s in state %s", s.r.Role, a.Message, shown(from))
	}
	return row, nil
}

func shown(s State) string {
	if s == "" {
		return "(not yet acknowledged)"
	}
	return string(s)
}

// begin makes act's message, or the call that comes before it.
func (s *step) begin(a Act) error {
	row, err := s.sendable(s.r.State, a)
	if err != nil {
		return err
	}
	s.r.Decide, s.r.Person, s.r.Planned = false, false, nil
	if verb := s.d.Prepare(s.r, a); verb != "" {
		s.r.Call = &Call{ID: s.env.NewID(), Verb: verb, Act: &a, Target: row.To, Due: s.env.Now}
		return nil
	}
	return s.compose(a, row, nil)
}

// defaultDeadline bounds how long a message is sent again.
const defaultDeadline = 24 * time.Hour

// compose makes the message and puts it into the outbox.
func (s *step) compose(a Act, row Transition, result json.RawMessage) error {
	id := s.env.NewID()
	out, effects, err := s.d.Compose(&s.r, a, result, id, s.env)
	if err != nil {
		return err
	}
	deadline := a.Deadline
	if deadline.IsZero() {
		deadline = s.env.Now.Add(defaultDeadline)
	}
	s.r.Pending = &Pending{ID: id, Message: a.Message, Target: row.To, Path: out.Path, Deadline: deadline, Due: s.env.Now}
	s.exchanges = append(s.exchanges, Exchange{
		MessageID: id, Message: a.Message, Body: out.Body, Hash: out.Hash, At: s.env.Now,
	})
	s.take(effects)
	return nil
}
