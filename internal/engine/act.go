// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"encoding/json"
	"time"
)

// Act is what our side decided to do.
type Act struct {
	Message   Message
	Reason    string
	Payload   json.RawMessage `json:",omitempty"` // the domain's: an offer, an address
	NotBefore time.Time       // zero: at once
	Deadline  time.Time       // stop sending then; zero: the engine's default
	By        string          `json:",omitempty"` // who decided, for the journal; empty: a user
}

// Act is a message of our side, not before some time and for so long from then
// on; zero: as Act has it. Times count from the process's last commit, so that a
// delay is the same after a crash.
func (r Record) Act(m Message, reason string, after, deadline time.Duration) Act {
	a := Act{Message: m, Reason: reason}
	if after > 0 {
		a.NotBefore = r.Updated.Add(after)
	}
	if deadline > 0 {
		a.Deadline = r.Updated.Add(after + deadline)
	}
	return a
}

// act is what our side decided: by a decider, or by a user. stops says
// whether the act stops data at once (the domain closes its plane in Compose).
func (s *step) act(a Act) error {
	if s.r.Final {
		return Refusef("process-ended", "the process ended in state %s", s.r.State)
	}
	if a.NotBefore.After(s.env.Now) {
		return s.plan(a)
	}
	switch {
	case s.r.Pending == nil && s.r.Call == nil:
		return s.actNow(a)
	case a.Message == s.t.Terminate:
		return s.terminate(a)
	}
	return s.queue(a)
}

// actNow begins an act with nothing else under way.
func (s *step) actNow(a Act) error {
	if _, err := s.sendable(s.r.State, a); err != nil {
		if a.Message != s.t.Terminate {
			return err
		}
		s.hold(a)
		return nil
	}
	return s.begin(a)
}

// plan keeps an act for later; it must be possible now.
func (s *step) plan(a Act) error {
	if _, err := s.sendable(s.r.State, a); err != nil {
		return err
	}
	if s.r.Pending != nil || s.r.Call != nil {
		return Refusef("busy", "%s is under way", s.underWay())
	}
	s.r.Planned, s.r.Decide, s.r.Person = &a, false, false
	return nil
}

// terminate replaces what has not left, else waits for its end.
func (s *step) terminate(a Act) error {
	if s.r.Pending != nil && s.r.Sent() {
		s.hold(a)
		return nil
	}
	if s.r.Pending != nil {
		s.dropPending("dropped")
	}
	if s.r.Call != nil {
		s.dropCall()
	}
	if s.r.State == "" {
		s.endQuietly(a)
		return nil
	}
	return s.actNow(a)
}

// endQuietly ends a process of which the peer knows nothing.
func (s *step) endQuietly(a Act) { s.end("cancelled", a.Reason) }

// queue keeps an act until our message under way is settled, if it will be
// possible then.
func (s *step) queue(a Act) error {
	target := s.r.State
	if s.r.Pending != nil {
		target = s.r.Pending.Target
	} else if s.r.Call.Act != nil {
		target = s.r.Call.Target
	}
	if _, err := s.sendable(target, a); err != nil {
		return err
	}
	if s.r.Queued != nil {
		return Refusef("busy", "%s waits already for %s", s.r.Queued.Message, s.underWay())
	}
	s.hold(a)
	return nil
}

// hold queues the act and lets the domain close at once what it will stop.
func (s *step) hold(a Act) {
	s.r.Queued = &a
	s.r.Decide, s.r.Person, s.r.Planned = false, false, nil
	s.close(a)
}

func (s *step) close(a Act) {
	if closer, ok := s.d.(Closer); ok {
		s.take(closer.Close(&s.r, a, s.env))
	}
}

// stayClosed closes again what a start of either side opened although our
// side has decided to stop it.
func (s *step) stayClosed() {
	if s.r.Queued != nil {
		s.close(*s.r.Queued)
	}
	if p := s.r.Pending; p != nil && p.Message == s.t.Terminate {
		s.close(Act{Message: p.Message})
	}
}

// Closer is a domain that can stop things by itself, before or without a
// message.
type Closer interface {
	// Close stops at once what an act will stop for both, before its message
	// can go out.
	Close(r *Record, a Act, env Env) Effects
	// Refused stops what was begun for a message of ours that the peer refused
	// for good. It is not asked where the peer's own message overtook ours.
	Refused(r *Record, p Pending, env Env) Effects
}

func (s *step) underWay() Message {
	if s.r.Pending != nil {
		return s.r.Pending.Message
	}
	if s.r.Call != nil && s.r.Call.Act != nil {
		return s.r.Call.Act.Message
	}
	return ""
}

// decided takes the decider's answer.
func (s *step) decided(d Decision) error {
	s.r.Decide, s.r.Person, s.r.Planned = false, d.Person, nil
	if d.Act == nil {
		return nil
	}
	return s.act(*d.Act)
}

// undecided has the decider asked again later.
func (s *step) undecided(due time.Time, reason string) {
	s.r.DecideTries++
	s.r.DecideDue = due
	s.fault("decider", reason)
}
