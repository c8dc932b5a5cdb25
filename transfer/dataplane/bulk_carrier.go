// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// CarrierConfig is what a Carrier needs.
type CarrierConfig struct {
	Jobs transfer.JobStore
	// Alone says that no other process works on these jobs, as on SQLite: what
	// was under way when this one began is nobody's.
	Alone bool
	// Movers do the jobs, by kind.
	Movers map[transfer.JobKind]Mover
	// Watch returns a channel that is closed at the next commit of a transfer.
	Watch func(contextID, id string) (changed <-chan struct{}, stop func())
	// Timer fires once after d; stop releases it.
	Timer func(d time.Duration) (fired <-chan time.Time, stop func())
	Now   func() time.Time
	Log   *slog.Logger // of what is not moved; nil discards
}

const (
	// jobLease is how long a job waits whose worker has died. Workers write more
	// often than that, every jobBeat at least.
	jobLease = 10 * time.Second
	jobBeat  = jobLease / 3
	// heldLook is how often a held job is looked at, should a commit of its
	// transfer not have been noticed.
	heldLook = 30 * time.Second
	// leastJobPause and mostJobPause bound the time between two tries.
	leastJobPause = 250 * time.Millisecond
	mostJobPause  = time.Minute
	// lostPause is before another look where other processes were faster.
	lostPause = 50 * time.Millisecond
	// settleJob bounds the last write of a job when the process ends.
	settleJob = 3 * time.Second
)

// Carrier works on jobs: each is claimed by a write, moved, and at its end, or
// when its time comes again, written once more. It keeps nothing that a crash
// could lose.
type Carrier struct {
	cfg  CarrierConfig
	wake chan struct{}

	mu      sync.Mutex
	hauls   map[jobKey]*Haul
	waiting map[jobKey]chan struct{} // held jobs that are watched here; closed where that ends
	began   bool
	closed  bool
	done    sync.WaitGroup
}

type jobKey struct {
	context, process string
	kind             transfer.JobKind
}

func keyOf(j transfer.Job) jobKey { return jobKey{j.Context, j.Process, j.Kind} }

// NewCarrier returns a Carrier. Call Work from time to time, and Close.
func NewCarrier(c CarrierConfig) *Carrier {
	movers := map[transfer.JobKind]Mover{}
	maps.Copy(movers, c.Movers)
	c.Movers, c.Log = movers, orSilent(c.Log)
	return &Carrier{cfg: c, wake: make(chan struct{}, 1), hauls: map[jobKey]*Haul{}, waiting: map[jobKey]chan struct{}{}}
}

// Moves has jobs of a kind done by m, from the first Work on.
func (c *Carrier) Moves(kind transfer.JobKind, m Mover) { c.cfg.Movers[kind] = m }

// Wake tells that Work has something to do sooner than it said.
func (c *Carrier) Wake() <-chan struct{} { return c.wake }

// Look has Work called soon.
func (c *Carrier) Look() {
	select {
	case c.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// Work begins what is due, as far as there are places for it, and returns when
// it is to be called next; Wake may come before that. What it began goes on
// until it ends or Close is called.
func (c *Carrier) Work(ctx context.Context) (time.Time, error) {
	now := c.cfg.Now()
	q := transfer.JobQuery{Now: now, Kinds: slices.Sorted(maps.Keys(c.cfg.Movers)), PerLane: mostOfLane}
	c.mu.Lock()
	if c.cfg.Alone && !c.began {
		q.Now = now.Add(jobLease) // whoever had claimed those is gone
	}
	p := c.places()
	c.mu.Unlock()
	q.Limit, q.Busy = p.free, maps.Clone(p.busy)
	due, err := c.cfg.Jobs.DueJobs(ctx, q)
	if err != nil {
		return time.Time{}, err
	}
	lost := false
	for _, j := range due {
		if !p.take(j.Lane()) {
			continue // the end of a haul wakes
		}
		begun, err := c.claim(ctx, j)
		if !begun {
			p.leave(j.Lane())
		}
		if err != nil && !errors.Is(err, transfer.ErrJobChanged) {
			return time.Time{}, err
		}
		lost = lost || err != nil
	}
	c.mu.Lock()
	c.began = true
	c.mu.Unlock()
	switch {
	case lost:
		return now.Add(lostPause), nil
	case p.free <= 0:
		return time.Time{}, nil // the end of a haul wakes
	}
	return c.cfg.Jobs.NextJob(ctx, now, q.Kinds...)
}

// claim begins a job, unless another process was faster (ErrJobChanged).
func (c *Carrier) claim(ctx context.Context, j transfer.Job) (begun bool, err error) {
	c.mu.Lock()
	under := c.hauls[keyOf(j)]
	c.mu.Unlock()
	now, mover := c.cfg.Now(), c.cfg.Movers[j.Kind]
	switch {
	case under != nil && under.passive && j.Expired(now):
		under.cancel(c.expired(j)) // its end wakes
		return false, nil
	case under != nil || mover == nil || j.Over() && !j.Owed(), now.Before(j.Until) && j.NextTry.Equal(j.Until):
		return false, nil // or it waits for its end alone
	}
	j.NextTry = now.Add(jobLease)
	if j, err = c.cfg.Jobs.PutJob(ctx, j); err != nil {
		return false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false, nil
	}
	c.unwatch(keyOf(j))
	run, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	h := &Haul{c: c, lane: j.Lane(), job: j, cancel: cancel, over: make(chan struct{})}
	h.live.Store(j.Offset)
	c.hauls[keyOf(j)] = h
	c.done.Go(func() {
		defer close(h.over)
		c.run(run, h, mover)
		cancel(nil)
		c.Look()
	})
	return true, nil
}

// Close ends all that is being moved: it goes on when the next process begins.
func (c *Carrier) Close() {
	c.mu.Lock()
	c.closed = true
	for _, h := range c.hauls {
		h.cancel(errClosed)
	}
	for k := range c.waiting {
		c.unwatch(k)
	}
	c.mu.Unlock()
	c.done.Wait()
}

var errClosed = errors.New("this process ends")
