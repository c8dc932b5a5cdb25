// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"iter"
	"time"
)

// task is one activity: a coroutine that the scheduler resumes.
type task struct {
	*coroutine
	name string
	side *side
	life int // the side's incarnation that it belongs to

	ready func() bool // nil: can go on at once
	until time.Time   // can go on then in any case; zero: never
	stall time.Time   // a fault: cannot go on before
	limit time.Time   // of its context: nothing is sent from then on; zero: none
}

// coroutine does one activity after the other, since a new one costs the
// growth of its stack.
type coroutine struct {
	work   func()
	idle   bool
	resume func() (struct{}, bool)
	stop   func()
	yield  func(struct{}) bool
}

func newCoroutine() *coroutine {
	c := &coroutine{}
	c.resume, c.stop = iter.Pull(func(yield func(struct{}) bool) {
		c.yield = yield
		for {
			c.work()
			if c.idle = true; !yield(struct{}{}) {
				return
			}
		}
	})
	return c
}

// spawn starts an activity of a side. It runs when the scheduler says so.
func (w *world) spawn(s *side, name string, f func()) *task {
	t := &task{name: name, side: s, life: s.life}
	if n := len(w.cov.idle); n > 0 {
		t.coroutine, w.cov.idle = w.cov.idle[n-1], w.cov.idle[:n-1]
	} else {
		t.coroutine = newCoroutine()
	}
	t.work, t.idle = f, false
	w.tasks = append(w.tasks, t)
	return t
}

// runnable reports whether the task can go on now.
func (t *task) runnable(now time.Time) bool {
	if t.stall.After(now) {
		return false
	}
	return t.ready == nil || t.ready() || !t.until.IsZero() && !now.Before(t.until)
}

// wakes is when time alone makes the task runnable; zero if it never does.
func (t *task) wakes(now time.Time) time.Time {
	if t.stall.After(now) {
		return t.stall
	}
	return t.until
}

// run resumes a task until its next stop.
func (w *world) run(t *task) {
	t.ready, t.until = nil, time.Time{}
	before := w.running
	w.running = t
	t.resume()
	w.running = before
	if t.idle {
		w.forget(t)
		w.cov.idle = append(w.cov.idle, t.coroutine)
		t.side.poke = true // a worker that ended wakes the next claim
	}
}

func (w *world) forget(t *task) {
	for i, x := range w.tasks {
		if x == t {
			w.tasks = append(w.tasks[:i], w.tasks[i+1:]...)
			return
		}
	}
}

// kill ends a task of a crashed side: it unwinds now, without an effect.
func (w *world) kill(t *task) {
	before := w.running
	w.running = t
	t.stop()
	w.running = before
	w.forget(t)
}

// pause stops the running activity until the scheduler resumes it. Outside of
// one (the set-up of a schedule) it does nothing.
func (w *world) pause() {
	if w.running != nil {
		w.running.yield(struct{}{})
	}
}

// block stops the running activity until ready, or until the time is over.
func (w *world) block(ready func() bool, until time.Time) {
	t := w.running
	t.ready, t.until = ready, until
	t.yield(struct{}{})
}
