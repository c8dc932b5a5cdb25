// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import "slices"

// A message that was refused stays refused. Its sender has taken the refusal
// for the end of it; a copy that comes later, when the state would allow it,
// must not move our side alone. Only the last few @ids are remembered, and
// only while the process may come to a state that allows the message.
const (
	refusedKept  = 16
	refusedIDMax = 256 // bytes; nobody's ids are longer
)

// refusedBefore reports whether the message is one that was refused.
func (s *step) refusedBefore(in Inbound) bool {
	return in.MessageID != "" && slices.Contains(s.r.Refused, in.MessageID)
}

// refuse remembers an illegal message, and reports whether there is anything
// to remember.
func (s *step) refuse(in Inbound) bool { return s.mayCome(in) && s.keepOut(in) }

// keepOut is refuse for a message that waited long enough to become legal: a
// copy of it may be waiting still.
func (s *step) keepOut(in Inbound) bool {
	if in.MessageID == "" || len(in.MessageID) > refusedIDMax || s.r.Final || s.refusedBefore(in) {
		return false
	}
	kept := s.r.Refused[max(0, len(s.r.Refused)-refusedKept+1):]
	s.r.Refused = append(slices.Clone(kept), in.MessageID)
	s.log("message.refused", map[string]any{"message": in.Message, "messageId": in.MessageID, "state": s.r.State})
	return true
}

// mayCome reports whether the message, not possible now, is possible in a
// state that the process can come to. One that a guard alone refuses now is
// left out: its domain may have its sender try again.
func (s *step) mayCome(in Inbound) bool {
	now := []State{s.r.State}
	if p := s.r.Pending; p != nil {
		now = append(now, p.Target)
	}
	if c := s.r.Call; c != nil && c.Act != nil {
		now = append(now, c.Target)
	}
	later := false
	for _, row := range s.t.Rows {
		if row.Message != in.Message || row.By != s.r.Role.Other() {
			continue
		}
		if slices.Contains(now, row.From) {
			return false
		}
		later = later || row.From != "" && s.t.reaches(s.r.State, row.From, "")
	}
	return later
}
