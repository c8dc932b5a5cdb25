// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import "time"

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
