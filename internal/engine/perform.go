// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Perform does one claimed piece of work and commits its result under the
// lease. An error is the store's alone: the lease then ends by itself, and
// the work is done again.
func (c *Core) Perform(ctx context.Context, w Work) error {
	r, ok := c.recent.owing(w)
	if !ok {
		var err error
		if r, err = c.Store.For(w.Context).Load(ctx, w.Process); err != nil {
			return err
		}
	}
	d, err := c.domain(r.Kind)
	if err != nil {
		return err
	}
	var result func(*step) error
	var pid string
	switch w.Op {
	case OpSend:
		result, pid = c.send(ctx, d, r, w)
	case OpCall:
		result = c.call(ctx, d, r, w)
	case OpDecide:
		return c.decide(ctx, d, r, w)
	}
	if result == nil { // replaced since it was claimed
		return c.release(ctx, w)
	}
	return c.conclude(ctx, d, w, result, pid)
}

// conclude commits the result of a worker's act, judged against the process
// as it is now.
func (c *Core) conclude(ctx context.Context, d Domain, w Work, result func(*step) error, pid string) error {
	defer c.turns.take(ctx, Change{w.Context, w.Process})()
	for try := range maxConflicts {
		r, sure, err := c.load(ctx, Change{w.Context, w.Process}, try == 0)
		if err != nil {
			return err
		}
		row, ok := find(r.Work, w.Op)
		if !ok || row.Key != w.Key {
			if !sure {
				continue
			}
			return c.late(ctx, newStep(d, r, c.env()), w, pid)
		}
		s := newStep(d, r, c.env())
		if err := result(s); err != nil {
			if !sure {
				continue
			}
			return fmt.Errorf("%s of %s: %w", w.Op, w.Process, err)
		}
		_, err = c.commit(ctx, s, &w)
		switch {
		case errors.Is(err, ErrFenced):
			return nil // another worker has it
		case !errors.Is(err, ErrConflict):
			return err
		}
	}
	return fmt.Errorf("%s of %s: %w", w.Op, w.Process, ErrConflict)
}

// late ends work that was overtaken. All that still counts of it is the pid in
// the acknowledgement of our first request, where a message of the peer told
// us one before: the acknowledgement wins.
func (c *Core) late(ctx context.Context, s *step, w Work, pid string) error {
	if s.r.PeerPIDTentative && pid != "" {
		s.r.PeerPID, s.r.PeerPIDTentative = pid, false
		if _, err := c.commit(ctx, s, nil); err != nil && !errors.Is(err, ErrConflict) {
			return err
		}
	}
	if row, ok := find(s.was.Work, w.Op); !ok || row.Owner != w.Owner || row.Fence != w.Fence {
		return nil // the lease went with the row
	}
	return c.release(ctx, w)
}

// release gives a lease back: the work, if it is still owed, is free.
func (c *Core) release(ctx context.Context, w Work) error {
	c.recent.forget(Change{w.Context, w.Process})
	err := c.Store.Release(ctx, w)
	if c.Workers != nil {
		c.Workers.Wake()
	}
	return err
}

// decide asks the decider. Its answer counts only for the version it saw.
func (c *Core) decide(ctx context.Context, d Domain, r Record, w Work) error {
	if r.Pending != nil || r.Call != nil || r.Final {
		return c.release(ctx, w)
	}
	s := newStep(d, r, c.env())
	if err := c.ask(ctx, d, r, s); err != nil {
		c.Log.Warn("decider failed", "process", r.ID, "error", err)
		s = newStep(d, r, c.env())
		c.undecided(s, err)
	}
	_, err := c.commit(ctx, s, &w)
	if errors.Is(err, ErrConflict) || errors.Is(err, ErrFenced) {
		return c.release(ctx, w) // the answer is stale
	}
	return err
}

// undecided takes what came instead of a decision: a planned act that is no
// longer possible is given up, anything else is asked again later.
func (c *Core) undecided(s *step, err error) {
	reason := "the decider failed"
	var no *Refusal
	if errors.As(err, &no) {
		reason = no.Reason
	}
	if no != nil && s.r.Planned != nil {
		s.drop(no)
		return
	}
	s.undecided(c.backoff(s.r.DecideTries, time.Second, 5*time.Minute), reason)
}

// ask makes the planned act, or asks the decider.
func (c *Core) ask(ctx context.Context, d Domain, r Record, s *step) error {
	if r.Planned != nil {
		a := *r.Planned
		s.r.Planned = nil
		return s.act(a)
	}
	history, err := c.Store.For(r.Context).History(ctx, r.ID)
	if err != nil {
		return err
	}
	decision, err := d.Decide(ctx, r, history)
	if err != nil {
		return err
	}
	return s.decided(decision)
}

// call makes the domain's call that is due.
func (c *Core) call(ctx context.Context, d Domain, r Record, w Work) func(*step) error {
	due := r.nextCall()
	if due == nil || due.ID != w.Key {
		return nil
	}
	call := *due
	result, err := d.Do(ctx, r, call)
	if err == nil {
		return func(s *step) error { return s.called(call, result) }
	}
	var no *Refusal
	final := errors.As(err, &no) || call.Tries >= MaxCallTries && !stops(d, call)
	limit := time.Minute
	if call.Tries >= MaxCallTries {
		limit = 10 * time.Minute
	}
	again := c.backoff(call.Tries, 200*time.Millisecond, limit)
	var later *LaterError
	if errors.As(err, &later) && !final {
		return func(s *step) error { return s.later(call, later.Known, again, later.Reason) }
	}
	c.Log.Warn("data plane call failed", "process", r.ID, "verb", call.Verb, "error", err, "final", final)
	reason := "the data plane failed to " + call.Verb
	if no != nil {
		reason = no.Reason
	}
	if final {
		taken := no == nil || no.Taken || w.Claims > 1 // an earlier try was in doubt
		return func(s *step) error { return s.callGivenUp(call, taken, reason) }
	}
	return func(s *step) error { return s.callFailed(call, again, reason) }
}

// MaxCallTries bounds the attempts of a call: with the backoff, some hours. A
// call that stops something is made more and more seldom from then on.
const MaxCallTries = 200

// backoff grows by two from base up to limit, with a jitter of half.
func (c *Core) backoff(tries int, base, limit time.Duration) time.Time {
	d := base << min(tries, 20)
	if d > limit || d <= 0 {
		d = limit
	}
	d = d/2 + time.Duration(c.Jitter()*float64(d)/2)
	return c.Now().Add(d)
}
