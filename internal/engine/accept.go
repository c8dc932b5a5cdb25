// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// inboundWait bounds how long a handler waits for our own message (DESIGN:
// a peer may be ahead of us, never by much).
const inboundWait = 5 * time.Second

// Open starts a process of ours: r has no state yet, a is its first message.
func (c *Core) Open(ctx context.Context, r Record, a Act) (Record, error) {
	d, err := c.domain(r.Kind)
	if err != nil {
		return Record{}, err
	}
	s := newStep(d, r, c.env())
	if err := s.open(a); err != nil {
		return Record{}, err
	}
	s.log("opened", map[string]any{"peer": r.Peer, "subject": r.Subject})
	return c.commit(ctx, s, nil)
}

// Accept starts a process by a peer's first request: r is what the domain
// made of it. The same request again returns the process as it is now;
// another one under the same pid is refused.
func (c *Core) Accept(ctx context.Context, r Record, in Inbound) (Record, error) {
	d, err := c.domain(r.Kind)
	if err != nil {
		return Record{}, err
	}
	// Nearly every first request is new: the commit tells if it is not.
	s := newStep(d, r, c.env())
	if err := s.accept(in); err != nil {
		if known, found := c.again(ctx, r, in); !errors.Is(found, ErrNotFound) {
			return known, found
		}
		return Record{}, err
	}
	out, err := c.received(ctx, s, in)
	if errors.Is(err, ErrExists) {
		return c.again(ctx, r, in)
	}
	return out, err
}

// again finds the process of a first request that came before.
func (c *Core) again(ctx context.Context, r Record, in Inbound) (Record, error) {
	_, theirs := in.pids(r.Role)
	known, err := c.Store.For(r.Context).ByPeer(ctx, r.Kind, in.Peer, theirs)
	if err != nil {
		return Record{}, err
	}
	if known.FirstHash != in.Hash {
		return Record{}, Refusef("pid-in-use", "a different request with this pid was accepted before")
	}
	return known, nil
}

// Receive takes a peer's message to a known process and returns the process
// after it. ErrNotFound also where the process is another peer's.
func (c *Core) Receive(ctx context.Context, in Inbound) (Record, error) {
	until := c.Now().Add(inboundWait)
	for range maxConflicts {
		r, err := c.receive(ctx, in)
		switch {
		case errors.Is(err, ErrConflict):
		case !errors.Is(err, errWait):
			return r, err
		case !c.Now().Before(until) || !c.Waiter.Wait(ctx, Change{in.Context, in.Process}, r.Version, until):
			if err = c.keepOut(ctx, in, r); !errors.Is(err, ErrConflict) {
				return Record{}, err
			}
		}
	}
	return Record{}, fmt.Errorf("receiving for %s: %w", in.Process, ErrConflict)
}

// receive is one try: ErrConflict if it was overtaken. With errWait it returns
// the process that the message has to wait for.
func (c *Core) receive(ctx context.Context, in Inbound) (Record, error) {
	defer c.turns.take(ctx, Change{in.Context, in.Process})()
	if r, err := c.receiveRecent(ctx, in); !errors.Is(err, ErrConflict) {
		return r, err
	}
	r, seen, err := c.Store.For(in.Context).LoadFor(ctx, in.Process, in.MessageID)
	if err != nil {
		return Record{}, err
	}
	d, err := c.mine(r, in)
	if err != nil {
		return Record{}, err
	}
	s := newStep(d, r, c.env())
	changed, err := s.receive(in, seen)
	switch {
	case errors.Is(err, errWait):
		return r, err
	case err != nil && !changed:
		return Record{}, err
	case !changed:
		return r, nil
	}
	out, failed := c.received(ctx, s, in)
	if failed != nil {
		return Record{}, failed
	}
	return out, err // a refusal is remembered
}

// keepOut refuses a message that waited in vain, and remembers it.
func (c *Core) keepOut(ctx context.Context, in Inbound, r Record) error {
	d, err := c.domain(r.Kind)
	if err != nil {
		return err
	}
	s := newStep(d, r, c.env())
	s.writes = in.Writes
	if s.keepOut(in) {
		if _, err := c.received(ctx, s, in); err != nil {
			return err
		}
	}
	return illegal(r, in)
}

// receiveRecent takes the message to the process as it is remembered. Where that
// is not possible it is a conflict, as a message is in the commit that came
// before.
func (c *Core) receiveRecent(ctx context.Context, in Inbound) (Record, error) {
	r, ok := c.recent.get(Change{in.Context, in.Process})
	if !ok {
		return Record{}, ErrConflict
	}
	d, err := c.mine(r, in)
	if err != nil {
		return Record{}, ErrConflict
	}
	s := newStep(d, r, c.env())
	if changed, err := s.receive(in, false); err != nil || !changed {
		return Record{}, ErrConflict
	}
	return c.received(ctx, s, in)
}

// received commits the step of a message. One in doubt may have been done: what
// it was to record is on record then, and by nobody else.
func (c *Core) received(ctx context.Context, s *step, in Inbound) (Record, error) {
	r, err := c.commit(ctx, s, nil)
	if (err == nil || errors.Is(err, ErrDoubt)) && in.Stored != nil {
		in.Stored()
	}
	return r, err
}

// mine checks that the authenticated peer and a pid of the body name the
// process.
func (c *Core) mine(r Record, in Inbound) (Domain, error) {
	switch {
	case r.Kind != in.Kind:
		return nil, ErrNotFound
	case r.Peer != in.Peer:
		return nil, ErrAnotherParty
	}
	if r.ID != in.ConsumerPID && r.ID != in.ProviderPID {
		return nil, Refusef("pid-mismatch", "neither consumerPid nor providerPid is the pid of the path")
	}
	return c.domain(r.Kind)
}

// Do takes an act of a user. It returns the process as committed.
func (c *Core) Do(ctx context.Context, contextID, id string, a Act) (Record, error) {
	defer c.turns.take(ctx, Change{contextID, id})()
	return c.change(ctx, contextID, id, "acting on", func(s *step) (bool, error) {
		if err := s.act(a); err != nil {
			return false, err
		}
		s.log("decided", map[string]any{"message": a.Message, "reason": a.Reason, "by": cmp.Or(a.By, "user")})
		return true, nil
	})
}

// Proved takes the peer's act elsewhere for the proof that it has our pending
// message to the target state, as the next message of the same process would
// be. It does nothing where no such message was sent.
func (c *Core) Proved(ctx context.Context, contextID, id string, target State) error {
	_, err := c.change(ctx, contextID, id, "proving for", func(s *step) (bool, error) {
		if s.r.Pending == nil || s.r.Pending.Target != target || !s.r.Sent() {
			return false, nil
		}
		return true, s.arrived("what the peer does with it")
	})
	return err
}

// change commits what work makes of a process, worked out once more where
// another commit was faster. Where work changes nothing, or fails, it returns the
// process as it was.
func (c *Core) change(ctx context.Context, contextID, id, what string, work func(*step) (changed bool, err error)) (Record, error) {
	procs := c.Store.For(contextID)
	for range maxConflicts {
		r, err := procs.Load(ctx, id)
		if err != nil {
			return Record{}, err
		}
		d, err := c.domain(r.Kind)
		if err != nil {
			return Record{}, err
		}
		s := newStep(d, r, c.env())
		if changed, err := work(s); err != nil || !changed {
			return r, err
		}
		out, err := c.commit(ctx, s, nil)
		if !errors.Is(err, ErrConflict) {
			return out, err
		}
	}
	return Record{}, fmt.Errorf("%s %s: %w", what, id, ErrConflict)
}
