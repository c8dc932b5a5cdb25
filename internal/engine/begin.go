// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"encoding/json"
	"errors"
	"time"
)

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
