// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"fmt"
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
}

// Mover does jobs of one kind.
type Mover interface {
	// May says whether the transfer runs: ErrHeld while it does not, a
	// *transfer.JobFault if it never will again.
	May(ctx context.Context, j transfer.Job) error
	// Move goes on with a job until it is done (nil). A *transfer.JobFault ends
	// it for good; after any other error it is tried again later, from its
	// Offset.
	Move(ctx context.Context, h *Haul) error
	// Over is told that a job failed for good: what it left is removed.
	Over(ctx context.Context, j transfer.Job, fault *transfer.JobFault) error
}

// ErrHeld: nothing can be moved until the transfer runs again.
var ErrHeld = errors.New("the transfer does not run")

// Later is an error after which a job is tried again, not before some time.
type Later struct {
	After time.Duration
	Err   error
}

func (l *Later) Error() string { return l.Err.Error() }

// Unwrap returns the reason.
func (l *Later) Unwrap() error { return l.Err }

const (
	// jobLease is how long a job waits whose worker has died. Workers write more
	// often than that, every jobBeat at least.
	jobLease = 10 * time.Second
	jobBeat  = jobLease / 3
	// maxHauls bounds the jobs that a process works on at the same time.
	maxHauls = 32
	// heldLook is how often a held job is looked at, should a commit of its
	// transfer not have been noticed.
	heldLook = 30 * time.Second
	// leastJobPause and mostJobPause bound the time between two tries.
	leastJobPause = 250 * time.Millisecond
	mostJobPause  = time.Minute
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
	waiting map[jobKey]func() // held jobs that are watched here
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
	return &Carrier{cfg: c, wake: make(chan struct{}, 1), hauls: map[jobKey]*Haul{}, waiting: map[jobKey]func(){}}
}

// Wake tells that Work has something to do sooner than it said.
func (c *Carrier) Wake() <-chan struct{} { return c.wake }

// Look has Work called soon.
func (c *Carrier) Look() {
	select {
	case c.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// Work begins what is due, and returns when it is to be called next; Wake may
// come before that. What it began goes on until it ends or Close is called.
func (c *Carrier) Work(ctx context.Context) (time.Time, error) {
	now := c.cfg.Now()
	c.mu.Lock()
	if c.cfg.Alone && !c.began {
		now = now.Add(jobLease) // whoever had claimed those is gone
	}
	free := maxHauls
	for _, h := range c.hauls {
		if !h.passive {
			free--
		}
	}
	c.mu.Unlock()
	due, err := c.cfg.Jobs.DueJobs(ctx, now, max(free, 0))
	if err != nil {
		return time.Time{}, err
	}
	for _, j := range due {
		if err := c.claim(ctx, j); err != nil {
			return time.Time{}, err
		}
	}
	c.mu.Lock()
	c.began = true
	c.mu.Unlock()
	if len(due) >= free {
		return time.Time{}, nil // the end of a haul wakes
	}
	return c.cfg.Jobs.NextJob(ctx)
}

// claim begins a job, unless another process was faster.
func (c *Carrier) claim(ctx context.Context, j transfer.Job) error {
	c.mu.Lock()
	_, under := c.hauls[keyOf(j)]
	c.mu.Unlock()
	mover := c.cfg.Movers[j.Kind]
	if under || mover == nil || j.Over() {
		return nil
	}
	j.NextTry = c.cfg.Now().Add(jobLease)
	j, err := c.cfg.Jobs.PutJob(ctx, j)
	switch {
	case errors.Is(err, transfer.ErrJobChanged):
		return nil
	case err != nil:
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	if stop := c.waiting[keyOf(j)]; stop != nil {
		stop()
	}
	run, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	h := &Haul{c: c, job: j, cancel: cancel, over: make(chan struct{})}
	h.live.Store(j.Offset)
	c.hauls[keyOf(j)] = h
	c.done.Go(func() {
		defer close(h.over)
		c.run(run, h, mover)
		cancel(nil)
		c.Look()
	})
	return nil
}

// run moves until the job ends, or the transfer does not run any more.
func (c *Carrier) run(ctx context.Context, h *Haul, mover Mover) {
	j := h.Job()
	changed, stop := c.cfg.Watch(j.Context, j.Process) // before looking, so that no commit is missed
	err := mover.May(ctx, j)
	if err == nil {
		var beside sync.WaitGroup
		over, end := context.WithCancel(ctx)
		beside.Go(func() { changed, stop = c.guard(over, h, mover, changed, stop) })
		beside.Go(func() { c.beat(over, h) })
		err = mover.Move(ctx, h)
		end()
		beside.Wait()
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
	}
	c.end(ctx, h, mover, err)
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.hauls, keyOf(j))
	if errors.Is(err, ErrHeld) && !c.closed {
		c.await(ctx, keyOf(j), changed, stop)
		return
	}
	stop()
}

// beat renews the lease of a job, whatever its mover is doing, where nobody
// else has written it for a while.
func (c *Carrier) beat(ctx context.Context, h *Haul) {
	for {
		fired, stop := c.cfg.Timer(jobBeat)
		select {
		case <-fired:
			stop()
		case <-ctx.Done():
			stop()
			return
		}
		if h.Job().NextTry.Sub(c.cfg.Now()) > jobLease-jobBeat {
			continue
		}
		// A write that is cut off may have been done: the next one would take it
		// for somebody else's.
		write, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleJob)
		_ = h.Save(write, nil) // if it fails, the next one may not
		cancel()
	}
}

// guard looks again at each commit of the transfer, and stops the haul.
func (c *Carrier) guard(ctx context.Context, h *Haul, mover Mover, changed <-chan struct{}, stop func()) (<-chan struct{}, func()) {
	for {
		select {
		case <-changed:
		case <-ctx.Done():
			return changed, stop
		}
		stop()
		j := h.Job()
		changed, stop = c.cfg.Watch(j.Context, j.Process)
		if err := mover.May(ctx, j); err != nil && ctx.Err() == nil {
			h.cancel(err)
			return changed, stop
		}
	}
}

// await has a held job looked at when its transfer changes; the mutex is held.
func (c *Carrier) await(ctx context.Context, k jobKey, changed <-chan struct{}, stop func()) {
	over := make(chan struct{})
	var once sync.Once
	end := func() { once.Do(func() { close(over) }) }
	c.waiting[k] = func() { delete(c.waiting, k); end() }
	c.done.Go(func() {
		defer stop()
		select {
		case <-changed:
			c.mu.Lock()
			delete(c.waiting, k)
			c.mu.Unlock()
			c.Kick(context.WithoutCancel(ctx), k.context, k.process, k.kind)
		case <-over:
		}
	})
}

// Kick has a job looked at now, if it is not over. What goes wrong only makes
// it wait for its next try.
func (c *Carrier) Kick(ctx context.Context, contextID, process string, kind transfer.JobKind) {
	ctx, cancel := context.WithTimeout(ctx, settleJob)
	defer cancel()
	c.mu.Lock()
	_, under := c.hauls[jobKey{contextID, process, kind}]
	c.mu.Unlock()
	if under {
		return
	}
	j, err := c.cfg.Jobs.Job(ctx, contextID, process, kind)
	if err != nil || j.Over() {
		return
	}
	j.NextTry = c.cfg.Now()
	if _, err := c.cfg.Jobs.PutJob(ctx, j); err == nil {
		c.Look()
	}
}

// Stop ends what is being moved of a job, with a reason (ErrHeld), and waits
// until no byte more will be.
func (c *Carrier) Stop(ctx context.Context, contextID, process string, kind transfer.JobKind, why error) {
	c.mu.Lock()
	h := c.hauls[jobKey{contextID, process, kind}]
	c.mu.Unlock()
	if h == nil {
		return
	}
	h.cancel(why)
	select {
	case <-h.over:
	case <-ctx.Done():
	}
}

// Close ends all that is being moved: it goes on when the next process begins.
func (c *Carrier) Close() {
	c.mu.Lock()
	c.closed = true
	for _, h := range c.hauls {
		h.cancel(errClosed)
	}
	for _, end := range c.waiting {
		end()
	}
	c.mu.Unlock()
	c.done.Wait()
}

var errClosed = errors.New("this process ends")

// end writes what became of a job.
func (c *Carrier) end(ctx context.Context, h *Haul, mover Mover, err error) {
	if errors.Is(err, transfer.ErrJobChanged) {
		return // it is somebody else's
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleJob)
	defer cancel()
	now := c.cfg.Now()
	fault, final := errors.AsType[*transfer.JobFault](err)
	if final {
		if failed := mover.Over(ctx, h.Job(), fault); failed != nil {
			final, err = false, failed
		}
	}
	// If this write fails, the job is taken up when its lease is over.
	_ = h.write(ctx, func(j *transfer.Job) {
		later, timed := errors.AsType[*Later](err)
		j.NextTry = time.Time{}
		switch {
		case err == nil:
			j.State, j.Fault = transfer.JobDone, nil
		case final:
			j.State, j.Fault = transfer.JobFailed, fault
		case errors.Is(err, ErrHeld):
			j.State, j.NextTry = transfer.JobHeld, now.Add(heldLook)
		case errors.Is(err, errClosed):
			j.NextTry = now
		default:
			j.State, j.Fault = transfer.JobOpen, &transfer.JobFault{Code: codeOf(err), Reason: fmt.Sprintf("%.500s", err)}
			j.NextTry = now.Add(min(leastJobPause<<min(j.Tries, 10), mostJobPause))
			if timed && later.After > 0 {
				j.NextTry = now.Add(min(later.After, time.Hour))
			}
			j.Tries++
		}
	})
}

// codeOf names what is tried again.
func codeOf(err error) string {
	answered, ok := errors.AsType[*FetchError](err)
	switch {
	case ok && answered.Code != "":
		return answered.Code
	case ok:
		return "data-refused"
	case errors.Is(err, errMismatch):
		return "digest-mismatch"
	}
	return codeCut
}

const codeCut = "data-cut"

// refusedBefore reports whether a job was refused when it was tried last: its
// tries count what was cut as well.
func refusedBefore(j transfer.Job) bool { return j.Fault != nil && j.Fault.Code != codeCut }
