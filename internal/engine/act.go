// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"encoding/json"
	"time"
)

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

// Stopper is a domain whose calls may stop something that goes on as long as
// they fail. Such a call is never given up, unless it is refused.
type Stopper interface {
	// Stops reports whether c is one. It is pure.
	Stops(c Call) bool
}

func stops(d Domain, c Call) bool {
	stopper, ok := d.(Stopper)
	return ok && c.Act == nil && stopper.Stops(c)
}

// CodeUnstopped is the code of the fault that a process has while a call fails
// that stops something. It is on no account a reason to end the process.
const CodeUnstopped = "data-plane-unstopped"

// unstoppedTries is how often such a call fails before, for a minute or two.
const unstoppedTries = 10

func (s *step) underWay() Message {
	if s.r.Pending != nil {
		return s.r.Pending.Message
	}
	if s.r.Call != nil && s.r.Call.Act != nil {
		return s.r.Call.Act.Message
	}
	return ""
}

// acknowledged takes the peer's 2xx to our message.
func (s *step) acknowledged(ack Acknowledgement) error {
	if ack.PeerPID != "" && (s.r.PeerPID == "" || s.r.PeerPIDTentative) {
		s.r.PeerPID, s.r.PeerPIDTentative = ack.PeerPID, false
	}
	if err := s.settle("acknowledgement"); err != nil {
		return err
	}
	return s.proceed()
}

// arrived takes other evidence that the peer has our message.
func (s *step) arrived(evidence string) error {
	if err := s.settle(evidence); err != nil {
		return err
	}
	return s.proceed()
}

// refused takes a final no to our message: an answer, or its deadline.
func (s *step) refused(code, reason string) error {
	p := *s.r.Pending
	if s.r.State == "" {
		s.end(code, reason)
		return nil
	}
	s.dropPending("refused")
	s.log("refused", map[string]any{"message": p.Message, "messageId": p.ID, "code": code, "reason": reason})
	if s.r.Final {
		return nil
	}
	if p.Message == s.t.Terminate {
		s.end(code, reason)
		return nil
	}
	if _, ok := s.t.Next(s.r, s.r.State, p.Message, s.r.Role); ok {
		s.fault(code, string(p.Message)+" was refused: "+reason)
		if closer, ok := s.d.(Closer); ok {
			s.take(closer.Refused(&s.r, p, s.env))
		}
	} else { // the peer's own message overtook it, and there is nothing to mend
		s.r.LastError = nil
	}
	return s.proceed()
}

// retry puts the message back for a later attempt.
func (s *step) retry(due time.Time, doubt, unauthorized bool, code, reason string) {
	p := *s.r.Pending
	p.Tries++
	p.Due, p.Doubt = due, p.Doubt || doubt
	p.Unauthorized = 0
	if unauthorized {
		p.Unauthorized = s.r.Pending.Unauthorized + 1
	}
	s.r.Pending = &p
	s.fault(code, reason)
}

// called takes the result of the call that is due.
func (s *step) called(c Call, result json.RawMessage) error {
	if s.r.Call == nil || s.r.Call.ID != c.ID {
		s.r.After = s.r.After[1:]
		if f := s.r.LastError; f != nil && f.Code == CodeUnstopped {
			s.r.LastError = nil
		}
		return nil
	}
	s.r.Call = nil
	if c.Act == nil {
		return s.proceed()
	}
	row, err := s.sendable(s.r.State, *c.Act)
	if err != nil {
		return err
	}
	s.r.LastError = nil
	if err := s.compose(*c.Act, row, result); err != nil {
		return err
	}
	s.stayClosed()
	return nil
}

// callFailed puts the call back, or gives it up for good: then the decider
// is asked again.
func (s *step) callFailed(c Call, due time.Time, final bool, reason string) error {
	if s.r.Call == nil || s.r.Call.ID != c.ID {
		if final {
			s.r.After = s.r.After[1:]
			s.gaveUp(reason)
			return nil
		}
		after := append([]Call(nil), s.r.After...)
		after[0].Tries++
		after[0].Due = due
		s.r.After = after
		if stops(s.d, c) && after[0].Tries >= unstoppedTries {
			s.fault(CodeUnstopped, reason+", and is asked again")
		}
		return nil
	}
	s.fault("data-plane", reason)
	if final {
		s.r.Call = nil
		return s.proceed()
	}
	again := c
	again.Tries++
	again.Due = due
	s.r.Call = &again
	return nil
}

// gaveUp tells the decider of a call that failed for good although no message
// waits for it: what the process is in is not what it says.
func (s *step) gaveUp(reason string) {
	if s.r.Final {
		return
	}
	s.fault("data-plane", reason)
	if s.r.Pending == nil && s.r.Call == nil && s.r.Queued == nil {
		s.ask()
	}
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
