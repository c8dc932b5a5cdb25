// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

// dropPending takes our message back; outcome says why, for the history.
func (s *step) dropPending(outcome string) {
	s.outcomes = append(s.outcomes, Outcome{MessageID: s.r.Pending.ID, Outcome: outcome})
	s.r.Pending = nil
}

// dropCall gives up a call that a message waits for, and undoes it: the data
// plane may have done its part already.
func (s *step) dropCall() {
	s.r.Call = nil
	s.undo()
}

func (s *step) undo() { s.take(Effects{Calls: []Call{{Verb: "terminate"}}}) }

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
