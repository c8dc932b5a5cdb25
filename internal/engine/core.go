// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Sender carries messages to a peer. Whatever it must prove (a token) it mints
// anew for each call and never stores.
type Sender interface {
	// Send posts o.Body to o.Address+o.Path.
	Send(ctx context.Context, o Delivery) Answer
	// Look gets the peer's view of the process.
	Look(ctx context.Context, o Delivery) Answer
}

// Delivery is one attempt.
type Delivery struct {
	Context string
	Kind    Kind
	Peer    string
	PeerPID string
	Address string
	Foreign bool // the counterparty chose Address
	Path    string
	Message Message
	Body    []byte
}

// Answer is how an attempt ended. Status 0 means that no answer came, and Err
// says why; Never says that no attempt at this address will be made.
type Answer struct {
	Status int
	Body   []byte
	Err    error
	Never  bool
}

// Waiter blocks a handler until a process is committed at another version
// than the one given, or until the time is over (false).
type Waiter interface {
	Wait(ctx context.Context, c Change, version int64, until time.Time) bool
}

// Workers do claimed work. A commit claims for them what it owes at once, so
// that nobody has to look for it.
type Workers interface {
	// Reserve keeps a worker free for work of a lane, and says under which
	// owner and how long it is to be leased; false: none is free, and the work
	// waits until it is claimed. One of the next two follows.
	Reserve(lane string) (owner string, lease time.Duration, ok bool)
	// Begin has the reserved worker do the work, which is claimed.
	Begin(w Work)
	// Cancel gives the worker back: there was no commit.
	Cancel(lane string)
	// Wake has work claimed that became free without a commit.
	Wake()
}

// Config is what a Core needs.
type Config struct {
	Store   Store
	Domains map[Kind]Domain
	Sender  Sender
	Waiter  Waiter
	Workers Workers // nil: work waits until it is claimed
	Now     func() time.Time
	NewID   func() string  // unique, e.g. urn:uuid of version 7
	Jitter  func() float64 // in [0,1)
	Log     *slog.Logger
	// Committed is told of every commit of this process, after it, and when
	// the first work that it left to be claimed is due (zero: none is); and of
	// rows of the journal that no process wrote: their Change names none.
	Committed func(c Change, next time.Time)
}

// Core takes what happens to processes, one step at a time. It starts no
// goroutine; Runner does.
type Core struct {
	Config
	recent recall
}

// New returns a Core.
func New(c Config) *Core {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Committed == nil {
		c.Committed = func(Change, time.Time) {}
	}
	return &Core{Config: c}
}

// inboundWait bounds how long a handler waits for our own message (DESIGN:
// a peer may be ahead of us, never by much).
const inboundWait = 5 * time.Second

// maxConflicts bounds how often a step is judged again after a lost race.
const maxConflicts = 100

func (c *Core) env() Env { return Env{Now: c.Now(), NewID: c.NewID} }

func (c *Core) domain(k Kind) (Domain, error) {
	d, ok := c.Domains[k]
	if !ok {
		return nil, fmt.Errorf("no domain for %q", k)
	}
	return d, nil
}

// commit stores a step and wakes who waits for it.
func (c *Core) commit(ctx context.Context, s *step, held *Work) (Record, error) {
	if err := s.d.Keep(&s.r); err != nil {
		return Record{}, err
	}
	cm, id := s.commit(held), Change{s.r.Context, s.r.ID}
	cm.Record.Memo = nil
	taken := c.take(&cm)
	if err := c.Store.For(id.Context).Commit(ctx, cm); err != nil {
		c.recent.forget(id)
		for _, w := range taken {
			c.Workers.Cancel(w.Lane)
		}
		return Record{}, err
	}
	r := cm.Record
	r.Memo, r.Work = s.r.Memo, outboxAfter(cm, s.was.Work)
	c.recent.put(r)
	c.Committed(id, free(r.Work))
	for _, w := range taken {
		c.Workers.Begin(w)
	}
	r.Work = nil
	return r, nil
}

// take claims in the commit itself the work that it adds and that is due,
// where a worker is free.
func (c *Core) take(cm *Commit) (taken []Work) {
	if c.Workers == nil {
		return nil
	}
	now := c.Now()
	for i := range cm.Put {
		w := &cm.Put[i].Now
		if cm.Put[i].Was.Key != "" || w.Due.After(now) {
			continue
		}
		owner, lease, ok := c.Workers.Reserve(w.Lane)
		if !ok {
			continue
		}
		w.Owner, w.LeaseUntil = owner, now.Add(lease)
		w.Fence++
		w.Claims = 1
		taken = append(taken, *w)
		if w.Op == OpSend {
			taken[len(taken)-1].Body = cm.body(w.Key)
		}
	}
	return taken
}

// body returns the bytes of a message of ours that the commit adds.
func (cm *Commit) body(messageID string) []byte {
	for _, x := range cm.Exchanges {
		if !x.Inbound && x.MessageID == messageID {
			return x.Body
		}
	}
	return nil
}

// free returns when the first row that nobody holds is due.
func free(work []Work) (next time.Time) {
	for _, w := range work {
		if w.Owner == "" && (next.IsZero() || w.Due.Before(next)) {
			next = w.Due
		}
	}
	return next
}

// load returns a process, if it may be as it is remembered, else as the store
// has it. sure says that it is the store's.
func (c *Core) load(ctx context.Context, id Change, remembered bool) (r Record, sure bool, err error) {
	if remembered {
		if r, ok := c.recent.get(id); ok {
			return r, false, nil
		}
	}
	r, err = c.Store.For(id.Context).Load(ctx, id.Process)
	return r, true, err
}

// Load returns a process as this core committed it last or, where it does not
// remember that, as the store has it. Another core on the store may have
// changed it since.
func (c *Core) Load(ctx context.Context, id Change) (Record, error) {
	r, _, err := c.load(ctx, id, true)
	return r, err
}

// Changed says that another core on the store has committed the process.
func (c *Core) Changed(id Change) { c.recent.forget(id) }

// Claim is the store's, for work that Perform is to do.
func (c *Core) Claim(ctx context.Context, req ClaimRequest) (work []Work, next time.Time, err error) {
	work, next, err = c.Store.Claim(ctx, req)
	for _, w := range work {
		c.recent.claimed(w)
	}
	return work, next, err
}

// Journaled is for who wrote rows of the journal in a transaction that was no
// step of a process, after it: they are given their positions and shown to
// readers as soon as those of a step, on whichever replica.
func (c *Core) Journaled(contextID string) {
	c.Committed(Change{Context: contextID}, time.Time{})
}

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
	out, err := c.commit(ctx, s, nil)
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
	if r, ok := c.receiveRecent(ctx, in); ok {
		return r, nil
	}
	procs, until := c.Store.For(in.Context), c.Now().Add(inboundWait)
	for range maxConflicts {
		r, seen, err := procs.LoadFor(ctx, in.Process, in.MessageID)
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
			if !c.Now().Before(until) || !c.Waiter.Wait(ctx, Change{in.Context, in.Process}, r.Version, until) {
				return Record{}, illegal(r, in)
			}
			continue
		case err != nil && !changed:
			return Record{}, err
		case !changed:
			return r, nil
		}
		out, failed := c.commit(ctx, s, nil)
		switch {
		case errors.Is(failed, ErrConflict):
		case failed != nil:
			return Record{}, failed
		default:
			return out, err // a refusal is remembered
		}
	}
	return Record{}, fmt.Errorf("receiving for %s: %w", in.Process, ErrConflict)
}

// receiveRecent takes the message to the process as it is remembered, and
// reports whether that was possible: a message that came before is a conflict
// in the commit.
func (c *Core) receiveRecent(ctx context.Context, in Inbound) (Record, bool) {
	r, ok := c.recent.get(Change{in.Context, in.Process})
	if !ok {
		return r, false
	}
	d, err := c.mine(r, in)
	if err != nil {
		return r, false
	}
	s := newStep(d, r, c.env())
	if changed, err := s.receive(in, false); err != nil || !changed {
		return r, false
	}
	out, err := c.commit(ctx, s, nil)
	return out, err == nil
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
		if err := s.act(a); err != nil {
			return Record{}, err
		}
		s.log("decided", map[string]any{"message": a.Message, "reason": a.Reason, "by": cmp.Or(a.By, "user")})
		out, err := c.commit(ctx, s, nil)
		if !errors.Is(err, ErrConflict) {
			return out, err
		}
	}
	return Record{}, fmt.Errorf("acting on %s: %w", id, ErrConflict)
}

// Proved takes the peer's act elsewhere for the proof that it has our pending
// message to the target state, as the next message of the same process would
// be. It does nothing where no such message was sent.
func (c *Core) Proved(ctx context.Context, contextID, id string, target State) error {
	procs := c.Store.For(contextID)
	for range maxConflicts {
		r, err := procs.Load(ctx, id)
		if err != nil {
			return err
		}
		if r.Pending == nil || r.Pending.Target != target || !r.Sent() {
			return nil
		}
		d, err := c.domain(r.Kind)
		if err != nil {
			return err
		}
		s := newStep(d, r, c.env())
		if err := s.arrived("what the peer does with it"); err != nil {
			return err
		}
		if _, err := c.commit(ctx, s, nil); !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("proving for %s: %w", id, ErrConflict)
}
