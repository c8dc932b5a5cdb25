// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"slices"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
)

// check looks at both stores after the end of a schedule.
func (w *world) check() {
	for _, s := range w.sides() {
		s.checkJournal()
		for _, kind := range []engine.Kind{engine.Negotiation, engine.Transfer} {
			if r, ok := s.process(kind); ok {
				w.cov.ends[string(kind)+" "+string(r.State)+" at the "+s.name]++
				s.checkHistory(r)
				s.checkFlow(r)
			}
		}
	}
	w.checkAgreements()
}

// checkJournal demands a journal without a gap whose hashes chain.
func (s *side) checkJournal() {
	rows, err := s.store.For(s.name).Journal(background, 0, 0)
	if err != nil {
		s.world.breaksf("%s: journal: %v", s.name, err)
	}
	prev := ""
	for i, e := range rows {
		if e.Position != int64(i+1) || e.Prev != prev || e.Hash != engine.Chain(prev, e) {
			s.world.breaksf("%s: journal row %d has position %d and does not follow", s.name, i+1, e.Position)
		}
		prev = e.Hash
	}
}

// checkHistory demands that the peer sent what we accepted, that we accepted
// each message once, and that what was acknowledged to us was accepted.
func (s *side) checkHistory(r engine.Record) {
	w := s.world
	accepted, known := s.peer.accepted(r.Kind)
	history, err := s.store.For(s.name).History(background, r.ID)
	if err != nil {
		w.breaksf("%s: history: %v", s.name, err)
	}
	for _, x := range history {
		if x.Inbound {
			continue
		}
		n := accepted[messageID(x.Body)]
		delete(accepted, messageID(x.Body))
		switch {
		case n > 1 && !w.plan.strict: // one that was refused stays, and is never in force

			w.breaksf("%s: the peer accepted %s %s %d times", s.name, x.Message, x.MessageID, n)
		case n == 0 && x.Outcome == "acknowledged" && !crossedStart(r, x):
			w.breaksf("%s: %s %s is acknowledged and was not accepted", s.name, x.Message, x.MessageID)
		case n > 0 && x.Outcome == "refused" && w.plan.strict:
			w.breaksf("%s: %s %s was accepted, and is taken for refused", s.name, x.Message, x.MessageID)
		case x.Outcome == "":
			w.breaksf("%s: %s %s has no outcome", s.name, x.Message, x.MessageID)
		}
	}
	if known && len(accepted) > 0 {
		w.breaksf("%s: the peer accepted messages that were never sent: %v", s.name, accepted)
	}
}

// crossedStart: a start may be taken for arrived by what came before it was
// sent. A consumer takes the provider's start for the answer to its own where
// the two cross, and sends its own no more; and a completion, legal only once
// a start has arrived, ends the process even if it was sent before.
func crossedStart(r engine.Record, x engine.Exchange) bool {
	return r.Kind == engine.Transfer && short(x.Message) == "start"
}

// accepted counts the messages that the side accepted, by their ids.
func (s *side) accepted(kind engine.Kind) (ids map[string]int, known bool) {
	ids = map[string]int{}
	r, known := s.process(kind)
	if !known {
		return ids, false
	}
	history, err := s.store.For(s.name).History(background, r.ID)
	if err != nil {
		s.world.breaksf("%s: history: %v", s.name, err)
	}
	for _, x := range history {
		if x.Inbound {
			ids[messageID(x.Body)]++
		}
	}
	return ids, true
}

// checkFlow demands that what the data plane was told last fits the state. A
// flow that the provider's answer is to open is closed until then, and one that
// was complete stays so where a termination won.
func (s *side) checkFlow(r engine.Record) {
	if r.Kind != engine.Transfer {
		return
	}
	fits := map[engine.State][]transfer.FlowState{
		transfer.Started:    {transfer.FlowStarted},
		transfer.Suspended:  {transfer.FlowSuspended},
		transfer.Completed:  {transfer.FlowCompleted},
		transfer.Terminated: {transfer.FlowTerminated, transfer.FlowCompleted},
	}[r.State]
	if p, err := s.transfers.Get(background, r.Context, r.ID); err == nil && r.State == transfer.Started && (p.OwesStart || p.AwaitsStart) {
		fits = []transfer.FlowState{transfer.FlowSuspended}
	}
	if len(fits) == 0 {
		fits = []transfer.FlowState{transfer.FlowPrepared, transfer.FlowSuspended} // so where the first start was refused
		if s.plane.undone[r.ID] {
			fits = []transfer.FlowState{transfer.FlowTerminated} // so where it was given up
		}
	}
	if flow := s.plane.flows[r.ID]; flow != "" && !slices.Contains(fits, flow) {
		s.world.breaksf("%s: the transfer is %s and its flow %s", s.name, r.State, flow)
	}
}

// checkAgreements demands one agreement, the same on both sides, if the
// negotiation came to its good end, and none in force otherwise.
func (w *world) checkAgreements() {
	for _, s := range w.sides() {
		r, ok := s.process(engine.Negotiation)
		n, final := 0, 0
		for id, a := range s.agreements {
			if id == agreementID {
				continue
			}
			if n++; a.Final {
				final++
			}
			other, has := s.peer.agreements[id]
			if a.Final && (!has || other.DocumentHash != a.DocumentHash || other.PolicyHash != a.PolicyHash) {
				w.breaksf("%s: agreement %s is not the peer's", s.name, id)
			}
		}
		switch {
		case n > 1 && !w.plan.strict: // one that was refused stays, and is never in force

			w.breaksf("%s has %d agreements", s.name, n)
		case ok && r.State == negotiation.Finalized && final != 1:
			w.breaksf("%s: the negotiation is finalized and the agreement is not", s.name)
		case ok && r.State != negotiation.Finalized && final != 0 && !s.foreign:
			w.breaksf("%s: the negotiation is %s and the agreement in force", s.name, r.State)
		}
	}
}
