// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"errors"
	"maps"
)

// errWait is the judgement that a message is legal only from where our own
// side is about to be: the handler waits for the next commit.
var errWait = errors.New("wait for our own message")

// receive judges an inbound message of a known process, in the order of the
// rules: (i) an @id accepted or refused before, (ii) legality by the table,
// (iii) a repetition without @id or under another, (iv) refusal. It reports whether anything
// changes.
func (s *step) receive(in Inbound, seen bool) (changed bool, err error) {
	s.writes = append(s.writes, in.Writes...)
	switch {
	case seen:
		return false, nil
	case s.refusedBefore(in):
		return false, illegal(s.r, in)
	}
	by := s.r.Role.Other()
	// Rows from "" open a process: here our own first request is pending.
	if row, ok := s.t.Next(s.r, s.r.State, in.Message, by); ok && s.r.State != "" {
		err := s.apply(in, row)
		return err == nil, err
	}
	if p := s.r.Pending; p != nil && s.r.Sent() {
		if row, ok := s.t.Next(s.r, p.Target, in.Message, by); ok && !s.t.IsFinal(s.r.State) {
			if err := s.settle("the peer's next message"); err != nil {
				return false, err
			}
			err := s.apply(in, row)
			return err == nil, err
		}
	}
	if in.MessageID == "" && in.Hash == s.r.LastHash {
		return false, nil
	}
	if s.legalSoon(in, by) {
		return false, errWait
	}
	if s.saidAgain(in) {
		return false, nil
	}
	return s.refuse(in), illegal(s.r, in)
}

// saidAgain reports whether this is the last accepted message under another
// @id, which has no effect. A peer that lost what it knew of having sent it
// mints a new one, and takes a refusal for the end of the process; only where
// the process did end early meanwhile is it told so. What a peer may mean twice,
// such as a suspension, is not said again but anew.
func (s *step) saidAgain(in Inbound) bool {
	return in.Hash == s.r.LastHash && s.t.once(in.Message) && s.r.State != s.t.Terminated
}

// legalSoon reports whether the message is legal once what we are about to do
// is done: a message not yet sent, or an act whose call still runs.
func (s *step) legalSoon(in Inbound, by Role) bool {
	if p := s.r.Pending; p != nil && !s.r.Sent() {
		if _, ok := s.t.Next(s.r, p.Target, in.Message, by); ok {
			return true
		}
	}
	if c := s.r.Call; c != nil && c.Act != nil {
		_, ok := s.t.Next(s.r, c.Target, in.Message, by)
		return ok
	}
	return false
}

func illegal(r Record, in Inbound) error {
	return Refusef("illegal-transition", "%s from the %s is not possible in state %s", in.Message, r.Role.Other(), shown(r.Shown()))
}

// apply takes the message: content, state, and what it makes of our own
// message that is under way.
func (s *step) apply(in Inbound, row Transition) error {
	effects, err := s.d.Receive(&s.r, in, s.env)
	if err != nil {
		return err
	}
	s.adoptPID(in)
	s.r.LastHash, s.r.LastOK, s.r.LastError = in.Hash, s.env.Now, nil
	s.exchanges = append(s.exchanges, Exchange{
		Inbound: true, MessageID: in.MessageID, Message: in.Message, Body: in.Body, Hash: in.Hash, At: s.env.Now,
	})
	detail := map[string]any{"messageId": in.MessageID}
	maps.Copy(detail, effects.Detail)
	s.move(row.To, in.Message, s.r.Role.Other(), detail)
	s.take(effects)
	s.clearFinal()
	s.review()
	if s.r.Pending == nil && s.r.Call == nil {
		if err := s.proceed(); err != nil {
			return err
		}
	}
	s.stayClosed()
	return nil
}

// review drops what of ours became illegal by the peer's message and has not
// left. What has left stays until its own answer.
func (s *step) review() {
	if p := s.r.Pending; p != nil && !s.was.Sent() && !s.r.Final {
		if row, ok := s.t.Next(s.r, s.r.State, p.Message, s.r.Role); !ok || row.To != p.Target {
			s.dropPending("dropped")
		}
	}
	if c := s.r.Call; c != nil && c.Act != nil {
		if row, ok := s.t.Next(s.r, s.r.State, c.Act.Message, s.r.Role); !ok || row.To != c.Target {
			s.dropCall()
		}
	}
}

// adoptPID takes the peer's pid from a message that overtook the
// acknowledgement of our first request, if it names our pid in our own role.
func (s *step) adoptPID(in Inbound) {
	own, theirs := in.pids(s.r.Role)
	if s.r.PeerPID == "" && own == s.r.ID && theirs != "" {
		s.r.PeerPID, s.r.PeerPIDTentative = theirs, true
	}
}

// open starts a process with our own first message.
func (s *step) open(a Act) error { return s.begin(a) }

// accept starts a process with the peer's first request.
func (s *step) accept(in Inbound) error {
	row, ok := s.t.Next(s.r, "", in.Message, s.r.Role.Other())
	if !ok {
		return illegal(s.r, in)
	}
	s.writes = append(s.writes, in.Writes...)
	s.r.OpenedByPeer, s.r.FirstHash = true, in.Hash
	_, s.r.PeerPID = in.pids(s.r.Role)
	return s.apply(in, row)
}
