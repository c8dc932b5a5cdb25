// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

// maxSteps bounds a schedule: one that is longer goes round in circles.
const maxSteps = 20000

// option is something that can happen next.
type option struct {
	weight int
	do     func()
}

// play runs the schedule of a seed to its end.
func play(seed uint64, p planner, cov *coverage, trace func(string)) *world {
	w := newWorld(seed, p, cov)
	w.trace = trace
	w.consumer, w.provider = newSide(w, "consumer"), newSide(w, "provider")
	w.consumer.peer, w.provider.peer = w.provider, w.consumer
	if w.plan.foreign >= 0 {
		w.sides()[w.plan.foreign].foreign = true
	}
	if w.plan.imported {
		w.importAgreement()
	}
	if w.plan.contrary {
		w.contrary()
	}
	w.sayf("plan %+v", w.plan)
	w.consumer.start()
	w.provider.start()
	for w.broken == nil && w.steps < maxSteps {
		if !w.step() {
			break
		}
	}
	if w.steps >= maxSteps {
		w.breaksf("no end after %d steps", maxSteps)
	}
	if w.broken == nil {
		w.check()
	}
	for len(w.tasks) > 0 { // of a schedule that broke
		w.consumer.up, w.provider.up = false, false
		w.kill(w.tasks[0])
	}
	cov.schedules++
	for k, n := range w.faults {
		cov.faults[k] += n
	}
	cov.steps += w.steps
	return w
}

// step lets one thing happen; false: nothing is left to happen.
func (w *world) step() bool {
	w.steps++
	if w.strikes(w.plan.crash) {
		if s := w.sides()[w.rng.IntN(2)]; s.up {
			w.fault(faultCrash)
			s.crash()
			return true
		}
	}
	options, total := w.options()
	if total == 0 {
		return w.wait()
	}
	pick := w.rng.IntN(total)
	for _, o := range options {
		if pick -= o.weight; pick < 0 {
			o.do()
			break
		}
	}
	return true
}

// options lists what can happen now.
func (w *world) options() (list []option, total int) {
	add := func(weight int, do func()) {
		list = append(list, option{weight, do})
		total += weight
	}
	for _, t := range w.tasks {
		if !t.runnable(w.now) {
			continue
		}
		if w.strikes(w.plan.stall) {
			w.fault(faultStall)
			t.stall = w.now.Add(w.between(time.Second, 90*time.Second))
			w.sayf("FAULT %s of %s stalls until %s", t.name, t.side.name, t.stall.Sub(epoch))
			continue
		}
		add(10, func() { w.run(t) })
	}
	for _, p := range w.packets {
		if !p.at.After(w.now) {
			add(10, func() { w.deliver(p) })
		}
	}
	for _, s := range w.sides() {
		switch {
		case !s.up:
			add(3, func() { w.sayf("%s restarts", s.name); s.start() })
		case s.poke || !s.next.IsZero() && !s.next.After(w.now):
			add(10, s.claim)
		}
	}
	if total > 0 && len(w.eager) > 0 {
		add(5, w.insist)
	}
	if total > 0 && !w.calm { // else nothing happens before time goes on
		add(2, w.whim)
		if w.steps > w.plan.chaos {
			w.sayf("everybody gets reasonable")
			w.calm = true
		}
	}
	return list, total
}

// claim takes due work, and begins it.
func (s *side) claim() {
	limit := 1 + s.world.rng.IntN(3)
	work, next, err := s.core.Claim(background, engine.ClaimRequest{
		Owner: s.name, Now: s.world.now, Lease: lease, Limit: limit, PerLane: 16,
	})
	if err != nil {
		s.world.breaksf("%s: claim: %v", s.name, err)
	}
	s.poke, s.next = len(work) == limit, next
	for _, c := range work {
		s.perform(c)
	}
}

// perform begins claimed work.
func (s *side) perform(c engine.Work) {
	life := s.life
	t := s.world.spawn(s, "worker "+string(c.Op)+" "+c.Key, func() {
		err := s.core.Perform(background, c)
		if err != nil && s.up && s.life == life {
			s.world.breaksf("%s: %s of %s: %v", s.name, c.Op, c.Process, err)
		}
	})
	t.limit = c.LeaseUntil.Add(-lease / 4)
}

// whim is what users do while everything is under way.
func (w *world) whim() {
	_, negotiating := w.consumer.process(engine.Negotiation)
	_, transferring := w.consumer.process(engine.Transfer)
	agreement := ""
	if !transferring {
		agreement = w.agreement()
	}
	switch {
	case w.consumer.up && agreement != "" && w.chance(0.5):
		w.request(agreement)
	case negotiating && w.plan.meddling > 0 && w.chance(0.1):
		w.meddle()
	case transferring && w.plan.acts > 0 && w.chance(0.2):
		w.stir()
	}
}

// wait lets the time pass until something is due. If nothing is, it is quiet.
func (w *world) wait() bool {
	var next time.Time
	earlier := func(t time.Time) {
		if t.After(w.now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, t := range w.tasks {
		earlier(t.wakes(w.now))
	}
	for _, p := range w.packets {
		earlier(p.at)
	}
	for _, s := range w.sides() {
		earlier(s.next)
	}
	if next.IsZero() {
		if len(w.tasks) > 0 {
			w.breaksf("%s waits for ever", w.tasks[0].name)
		}
		return w.broken == nil && w.quiet()
	}
	w.now = next
	return true
}
