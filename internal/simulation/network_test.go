// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"context"
	"errors"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

// What happens to an attempt that gets no answer.
var (
	errRefusedConnection = errors.New("connection refused")
	errReset             = errors.New("connection reset")
	errTimeout           = errors.New("time-out")
)

// sendTimeout is how long an attempt waits for its answer. It is shorter than
// the lease of the work, as it is in the product.
const sendTimeout = 20 * time.Second

// packet is a request on its way.
type packet struct {
	from, to *side
	o        engine.Delivery
	get      bool      // a look at the process, no message
	at       time.Time // arrives from then on
	copy     bool      // a duplicate, whose answer nobody reads
	fate     int       // the fault that happens to its answer, or -1

	taken  bool // by a handler
	done   bool
	answer engine.Answer
}

// sender is a side's engine.Sender in one incarnation.
type sender struct {
	side *side
	life int
}

// Send implements engine.Sender.
func (n *sender) Send(_ context.Context, o engine.Delivery) engine.Answer {
	return n.attempt(o, false) //nolint:contextcheck // there is one context, background
}

// Look implements engine.Sender.
func (n *sender) Look(_ context.Context, o engine.Delivery) engine.Answer {
	return n.attempt(o, true) //nolint:contextcheck // there is one context, background
}

func (n *sender) attempt(o engine.Delivery, get bool) engine.Answer {
	w := n.side.world
	w.pause() // a stop before it is sent
	if !n.side.up || n.side.life != n.life {
		return engine.Answer{Err: errCrashed}
	}
	until := w.now.Add(sendTimeout)
	if limit := w.running.limit; !limit.IsZero() && limit.Before(until) {
		until = limit
	}
	if !w.now.Before(until) {
		return engine.Answer{Err: context.DeadlineExceeded}
	}
	p := &packet{from: n.side, to: n.side.peer, o: o, get: get, at: w.now, fate: -1}
	w.sayf("%s sends %s", n.side.name, p)
	if !get && w.strikes(w.plan.refuse) && n.side.firstAttempt(o) {
		w.fault(faultRefuse)
		w.sayf("FAULT refused on the way: %s", p)
		w.running.stall = w.now.Add(lease + w.between(0, 5*time.Second)) // and nobody hears of it for long
		w.pause()
		return engine.Answer{Status: 400}
	}
	if w.plan.latency > 0 {
		p.at = w.now.Add(w.between(0, w.plan.latency))
	}
	if a, lost := w.afflict(p, until); lost {
		return a
	}
	w.packets = append(w.packets, p)
	w.block(func() bool { return p.done }, until)
	if !p.done {
		w.sayf("%s: time-out of %s", n.side.name, p)
		return engine.Answer{Err: errTimeout}
	}
	return p.answer
}

// firstAttempt reports whether the message was claimed once only. The first
// and the last message of a process are left out: who is refused there ends
// its side.
func (s *side) firstAttempt(o engine.Delivery) bool {
	if o.PeerPID == "" || short(o.Message) == "termination" {
		return false
	}
	r, _ := s.process(o.Kind)
	w := owedNow(r, engine.OpSend)
	return w.Key == messageID(o.Body) && w.Claims == 1
}

// afflict decides what goes wrong with a packet. lost: it never arrives.
func (w *world) afflict(p *packet, until time.Time) (a engine.Answer, lost bool) {
	if !w.strikes(w.plan.network) {
		return engine.Answer{}, false
	}
	kind := w.rng.IntN(5)
	if p.get && kind != faultDrop && kind != faultAnswer {
		kind = faultDrop
	}
	w.fault(kind)
	w.sayf("FAULT %s: %s", faultNames[kind], p)
	switch kind {
	case faultDrop:
		if w.chance(0.5) {
			w.block(func() bool { return false }, until)
			return engine.Answer{Err: errTimeout}, true
		}
		return engine.Answer{Err: errReset}, true
	case faultDuplicate:
		twin := *p
		twin.copy, twin.at = true, w.now.Add(w.delay())
		w.packets = append(w.packets, &twin)
	case faultDelay:
		p.at = w.now.Add(w.delay())
	case faultAnswer:
		p.fate = faultAnswer
	case faultBusy:
		if w.chance(0.5) {
			return engine.Answer{Status: 503}, true
		}
		p.fate = faultBusy
	}
	return engine.Answer{}, false
}

// delay is how late a packet comes: most often before its sender gives up.
func (w *world) delay() time.Duration {
	if w.chance(0.3) {
		return w.between(time.Second, w.plan.ghost)
	}
	return w.between(0, 3*time.Second)
}

// deliver has the addressee take the packet.
func (w *world) deliver(p *packet) {
	for i, x := range w.packets {
		if x == p {
			w.packets = append(w.packets[:i], w.packets[i+1:]...)
			break
		}
	}
	if !p.to.up {
		w.sayf("%s is down for %s", p.to.name, p)
		p.done, p.answer = true, engine.Answer{Err: errRefusedConnection}
		return
	}
	p.taken = true
	p.to.inbound = append(p.to.inbound, p)
	to := p.to
	w.spawn(to, "handler of "+p.label(), func() {
		a := to.handle(p)
		if !to.up || p.done {
			return // it crashed meanwhile: the connection was cut
		}
		w.answered(p, a)
	})
}

// answered gives the answer back to the sender, or loses it.
func (w *world) answered(p *packet, a engine.Answer) {
	for i, x := range p.to.inbound {
		if x == p {
			p.to.inbound = append(p.to.inbound[:i], p.to.inbound[i+1:]...)
			break
		}
	}
	w.sayf("%s answers %d to %s %s", p.to.name, a.Status, p, a.Body)
	switch p.fate {
	case faultAnswer:
		if w.chance(0.5) {
			return // its sender waits in vain
		}
		a = engine.Answer{Err: errReset}
	case faultBusy:
		a = engine.Answer{Status: 502}
	}
	p.done, p.answer = true, a
}

func (p *packet) label() string {
	if p.get {
		return "GET"
	}
	return string(p.o.Message)
}

func (p *packet) String() string {
	text := p.label() + " " + p.o.Path + " " + messageID(p.o.Body)
	if p.copy {
		return text + " (copy)"
	}
	return text
}
