// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"slices"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
)

// maxQuiets bounds how often the users have to push on.
const maxQuiets = 60

// quiet is called when no work is due, no packet on its way and nobody
// waiting: both ends must be alike now, whatever happened. Then the users do
// what is next; false: they have nothing left to do.
func (w *world) quiet() bool {
	if w.quiets++; w.quiets > maxQuiets {
		w.breaksf("the users pushed on %d times and nothing ends", maxQuiets)
	}
	w.sayf("quiet")
	w.eager = slices.DeleteFunc(w.eager, func(e *eager) bool { return e.when == "" })
	w.alike(engine.Negotiation)
	w.alike(engine.Transfer)
	return w.broken == nil && (w.negotiate() || w.transfer())
}

// alike demands that both ends of the process of a kind are in the same state
// and owe nothing.
func (w *world) alike(kind engine.Kind) {
	c, isC := w.consumer.process(kind)
	p, isP := w.provider.process(kind)
	for _, r := range []engine.Record{c, p} {
		w.owesNothing(r)
	}
	w.consumer.checkFlow(c)
	w.provider.checkFlow(p)
	switch {
	case isC && c.Final && c.PeerPID == "" && isP && !p.Final:
		// It was refused, and a copy of it is not: the provider will find out.
	case isC && isP && kind == engine.Transfer && p.Person && w.owesStart(p):
		// The provider's answer to the consumer's start waits for a person.
	case isC && isP && c.State != p.State:
		w.breaksf("the %s is %s at the consumer and %s at the provider", kind, c.State, p.State)
	case isC && isP && (strange(c, p) || strange(p, c)):
		w.breaksf("the %s has pids %s, %s at the consumer and %s, %s at the provider", kind, c.ID, c.PeerPID, p.PeerPID, p.ID)
	case isC != isP && !c.Final && !p.Final:
		w.breaksf("the %s is known to one side alone, which is in state %q", kind, c.State+p.State)
	case isC != isP && (c.OpenedByPeer || p.OpenedByPeer):
		w.breaksf("the %s is not known to who opened it", kind)
	}
}

// strange reports whether r names another peer's process than q. One whose
// first request was refused never learnt a name.
func strange(r, q engine.Record) bool { return r.PeerPID != q.ID && (r.PeerPID != "" || !r.Final) }

func (w *world) owesNothing(r engine.Record) {
	held := r.Queued != nil && r.Queued.Message != engine.Message("ContractNegotiationTerminationMessage")
	if r.Pending != nil || r.Call != nil || len(r.After) > 0 || r.Planned != nil || r.Decide || held || len(r.Work) > 0 {
		w.breaksf("%s: the %s in state %q still owes something: pending %+v, call %+v, after %+v, queued %+v, planned %+v, decide %t, outbox %+v",
			r.Context, r.Kind, r.State, r.Pending, r.Call, r.After, r.Queued, r.Planned, r.Decide, r.Work)
	}
}

// negotiate has a user move the negotiation; false: it is at its end.
func (w *world) negotiate() bool {
	c, isC := w.consumer.process(engine.Negotiation)
	p, isP := w.provider.process(engine.Negotiation)
	if opened := isC && !c.OpenedByPeer || isP && !p.OpenedByPeer; !opened {
		w.open()
		return true
	}
	switch {
	case isC && !c.Final && (c.State == negotiation.Offered || c.State == negotiation.Agreed):
		w.consumer.approve(engine.Negotiation)
	case isP && !p.Final:
		w.provider.approve(engine.Negotiation)
	default:
		return false
	}
	return true
}

// transfer has a user move the transfer; false: it is at its end.
func (w *world) transfer() bool {
	c, isC := w.consumer.process(engine.Transfer)
	switch {
	case !isC && w.agreement() == "":
		w.importAgreement()
		return true
	case !isC:
		w.request(w.agreement())
		return true
	case c.Final && c.PeerPID == "":
		p, isP := w.provider.process(engine.Transfer)
		if isP && !p.Final {
			w.provider.approve(engine.Transfer)
		}
		return isP && !p.Final
	case c.Final:
		return false
	}
	s := w.sides()[w.rng.IntN(2)]
	p, _ := w.provider.process(engine.Transfer)
	switch {
	case p.State == transfer.Requested || w.owesStart(p):
		w.provider.approve(engine.Transfer)
	case c.State == transfer.Started && !w.suspended:
		s.act(engine.Transfer, negotiation.Decision{Act: negotiation.Suspend, Reason: "it is time for one"})
	case w.plan.acts > 0:
		w.stir()
		w.stir() // maybe by the other side at the same time
	default:
		w.end(s, c.State)
	}
	return true
}

// owesStart reports whether the provider owes an answer to a start.
func (w *world) owesStart(p engine.Record) bool {
	view, err := w.provider.transfers.Get(background, p.Context, p.ID)
	if err != nil {
		w.breaksf("provider: get: %v", err)
	}
	return view.OwesStart
}

// end has a user end the transfer, or resume it first.
func (w *world) end(s *side, state engine.State) {
	w.calm = true
	act := negotiation.Complete
	switch {
	case w.chance(0.2):
		act = negotiation.Terminate
	case state == transfer.Suspended:
		act = negotiation.Start
	}
	s.act(engine.Transfer, negotiation.Decision{Act: act, Reason: "it is time to end"})
	switch {
	case act == negotiation.Start && w.chance(0.7): // the peer goes on at once
		w.want(s.peer, engine.Transfer, negotiation.Complete, negotiation.Suspend, negotiation.Terminate).when = transfer.Started
	case w.chance(0.6):
		w.want(s.peer, engine.Transfer, negotiation.Complete, negotiation.Terminate, negotiation.Suspend, negotiation.Start)
	}
}
