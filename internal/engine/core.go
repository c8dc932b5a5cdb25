// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
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
	turns  *turns // nil: steps of one process may meet in the store
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

func (c *Core) env() Env { return Env{Now: c.Now(), NewID: c.NewID} }

func (c *Core) domain(k Kind) (Domain, error) {
	d, ok := c.Domains[k]
	if !ok {
		return nil, fmt.Errorf("no domain for %q", k)
	}
	return d, nil
}
