// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"encoding/json"
	"time"
)

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

// callFailed puts the call back.
func (s *step) callFailed(c Call, due time.Time, reason string) error {
	if s.r.Call == nil || s.r.Call.ID != c.ID {
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
	again := c
	again.Tries++
	again.Due = due
	s.r.Call = &again
	return nil
}

// callGivenUp ends a call for good: then the decider is asked again, unless the
// peer knows of nothing yet. taken says that the call may have had its effect,
// which is undone.
func (s *step) callGivenUp(c Call, taken bool, reason string) error {
	if s.r.Call == nil || s.r.Call.ID != c.ID {
		s.r.After = s.r.After[1:]
		s.gaveUp(reason)
		return nil
	}
	s.r.Call = nil
	if taken {
		s.undo()
	}
	if s.r.State == "" {
		s.end("data-plane", reason)
		return nil
	}
	s.fault("data-plane", reason)
	return s.proceed()
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
