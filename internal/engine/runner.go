// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"sync"
	"time"
)

// RunnerConfig bounds the work that one process does at a time.
type RunnerConfig struct {
	Owner   string        // names this process among those on the store
	Workers int           // pieces of work at a time; default 512
	PerLane int           // of one counterparty; default 64
	Lease   time.Duration // default 30 s; work is cut off a little before
	Sweep   time.Duration // the safety net; default 5 s
	Timer   Timer
	// Sign signs a journal head; nil leaves heads unsigned.
	Sign func(ctx context.Context, contextID, hash string, position int64) (keyID string, signature []byte, err error)
}

// Runner does the work that processes owe, as soon as it is due.
type Runner struct {
	*Core
	cfg  RunnerConfig
	hub  *hub
	wake chan struct{}
	rows chan struct{} // the journal grew
	told chan struct{} // something is to be told to other processes

	mu      sync.Mutex
	busy    map[string]int
	held    int
	behind  map[string]bool // lanes that may have more to do than they may have workers
	short   bool            // there may be more to do than there are workers
	open    bool            // between Start and Stop
	changed map[Change]bool // to tell other processes

	begin  func(Work) // does reserved work; set by Start
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// NewRunner returns a Core with a Runner around it. It sets Waiter, Workers
// and Committed of the Config.
func NewRunner(c Config, rc RunnerConfig) *Runner {
	r := &Runner{
		cfg: rc, wake: make(chan struct{}, 1), rows: make(chan struct{}, 1), told: make(chan struct{}, 1),
		busy: map[string]int{}, behind: map[string]bool{}, changed: map[Change]bool{},
	}
	r.cfg.defaults()
	r.hub = &hub{timer: rc.Timer, now: c.Now, waiting: map[Change][]chan struct{}{}}
	r.hub.load = func(ctx context.Context, ch Change, remembered bool) (int64, error) {
		rec, _, err := r.load(ctx, ch, remembered)
		return rec.Version, err
	}
	observer := c.Committed
	c.Waiter, c.Workers = r.hub, r
	c.Committed = func(ch Change, next time.Time) {
		r.committed(ch, next)
		if observer != nil {
			observer(ch, next)
		}
	}
	r.Core = New(c)
	r.turns = new(turns)
	return r
}

func (c *RunnerConfig) defaults() {
	set := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	set(&c.Workers, 512)
	set(&c.PerLane, 64)
	if c.Lease == 0 {
		c.Lease = 30 * time.Second
	}
	if c.Sweep == 0 {
		c.Sweep = 5 * time.Second
	}
}

// Start begins to work and returns at once. Stop ends it.
func (r *Runner) Start(ctx context.Context) error {
	if err := r.Store.TakeOver(ctx); err != nil {
		return err
	}
	ctx, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	r.mu.Lock()
	r.open, r.begin = true, func(w Work) { r.start(ctx, w) }
	r.mu.Unlock()
	for _, loop := range []func(context.Context){r.claims, r.notices, r.listen, r.sequence} {
		r.done.Go(func() { loop(ctx) })
	}
	return nil
}

// Stop cuts off the work under way and returns when all of it has ended. What
// was owed stays owed.
func (r *Runner) Stop() {
	if r.cancel == nil {
		return
	}
	r.mu.Lock()
	r.open = false
	r.mu.Unlock()
	r.cancel()
	r.done.Wait()
}

// Await blocks until the process is committed at another version than the one
// given, or until the time is over.
func (r *Runner) Await(ctx context.Context, c Change, version int64, until time.Time) bool {
	return r.hub.Wait(ctx, c, version, until)
}

// Watch returns a channel that is closed at the next commit of the process.
func (r *Runner) Watch(c Change) (<-chan struct{}, func()) { return r.hub.subscribe(c) }

func (r *Runner) committed(c Change, next time.Time) {
	r.hub.committed(c)
	r.mu.Lock()
	r.changed[c] = true
	r.mu.Unlock()
	if !next.IsZero() {
		poke(r.wake)
	}
	poke(r.rows)
	poke(r.told)
}

func poke(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// start does a piece of work that is counted, in a goroutine of its own, until a
// little before its lease ends.
func (r *Runner) start(ctx context.Context, w Work) {
	go func() {
		defer r.done.Done()
		limit, cancel := context.WithTimeout(ctx, min(w.LeaseUntil.Sub(r.Now()), r.cfg.Lease)-r.cfg.Lease/4)
		defer cancel()
		err := limit.Err() // it began late, and another may have it by now
		if err == nil {
			err = r.Perform(limit, w)
		}
		if err != nil && ctx.Err() == nil {
			r.Log.Warn("work failed, its lease will end", "process", w.Process, "op", w.Op, "error", err)
		}
		r.finished(w.Lane, err != nil)
	}()
}

// finished frees a worker. Somebody has to look for work if some may have been
// left for want of one, or if what was done is owed still.
func (r *Runner) finished(lane string, failed bool) {
	r.mu.Lock()
	r.held--
	if r.busy[lane]--; r.busy[lane] == 0 {
		delete(r.busy, lane)
	}
	look := failed || r.short || r.behind[lane]
	r.mu.Unlock()
	if look {
		poke(r.wake)
	}
}
