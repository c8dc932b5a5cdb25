// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"encoding/json"
	"time"
)

// Listener is a domain that is told of its processes by somebody who is
// neither the peer nor a user: a data plane that reports by itself.
type Listener interface {
	// Note folds what was told into r. It is pure.
	Note(r *Record, told any, env Env) (Noted, error)
	// Later folds what is known of the call of an act whose outcome comes by
	// itself (LaterError), and says whether it has come already. It is pure.
	Later(r *Record, c Call, known json.RawMessage) (come bool, err error)
}

// Noted is what a note asks for besides the change of the record.
type Noted struct {
	Changed bool // else nothing is written
	Event   string
	Detail  map[string]any
	Fault   *Fault // its time is set
	Call    bool   // the call under way is due now
	Ask     bool   // the decider is asked once nothing of ours is under way
}

// LaterError is what Domain.Do answers where the call was taken and its outcome
// will come by itself (Core.Note). Meanwhile the call is made again now and
// then, in case that got lost.
type LaterError struct {
	Known  json.RawMessage // for Listener.Later
	Reason string
}

// Error implements error.
func (e *LaterError) Error() string { return e.Reason }

// Note tells a process something. ErrNotFound; what the domain answers.
func (c *Core) Note(ctx context.Context, contextID, id string, told any) (Record, error) {
	return c.change(ctx, contextID, id, "noting for", func(s *step) (bool, error) {
		listener, ok := s.d.(Listener)
		if !ok {
			return false, ErrNotFound
		}
		noted, err := listener.Note(&s.r, told, s.env)
		if err != nil || !noted.Changed {
			return false, err
		}
		s.noted(noted)
		return true, nil
	})
}

func (s *step) noted(n Noted) {
	if n.Event != "" {
		s.log(n.Event, n.Detail)
	}
	if n.Fault != nil {
		s.fault(n.Fault.Code, n.Fault.Reason)
	}
	if c := s.r.Call; c != nil && n.Call {
		again := *c
		again.Due = s.env.Now
		s.r.Call = &again
	}
	if n.Ask && s.r.Pending == nil && s.r.Call == nil && s.r.Queued == nil {
		s.ask() // else asked when that is over
	}
}

// later puts back the call of an act whose outcome comes by itself.
func (s *step) later(c Call, known json.RawMessage, due time.Time, reason string) error {
	listener, ok := s.d.(Listener)
	if !ok || s.r.Call == nil || s.r.Call.ID != c.ID {
		return s.callFailed(c, due, reason)
	}
	come, err := listener.Later(&s.r, c, known)
	if err != nil {
		return err
	}
	if come {
		due = s.env.Now
	}
	again := *s.r.Call
	again.Tries++
	again.Due = due
	s.r.Call = &again
	return nil
}
