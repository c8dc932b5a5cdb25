// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// Haul is a job that this process works on.
type Haul struct {
	c    *Carrier
	lane transfer.Lane
	// passive: the other side moves it, and nobody here would try again.
	passive bool
	cancel  context.CancelCauseFunc
	live    atomic.Int64 // bytes that have come, safe or not
	over    chan struct{}

	mu  sync.Mutex
	job transfer.Job
}

// Job is the job as it was written last.
func (h *Haul) Job() transfer.Job {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.job
}

// Save writes a change, which also says that the job is being worked on.
func (h *Haul) Save(ctx context.Context, change func(*transfer.Job)) error {
	return h.write(ctx, func(j *transfer.Job) {
		if !j.Over() {
			j.State = transfer.JobOpen
		}
		if !h.passive {
			j.NextTry = h.c.cfg.Now().Add(jobLease)
		}
		if change != nil {
			change(j)
		}
	})
}

// write ends the haul where somebody else has the job.
func (h *Haul) write(ctx context.Context, change func(*transfer.Job)) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	j := h.job
	change(&j)
	if h.passive {
		j.Rest()
	}
	put, err := h.c.cfg.Jobs.PutJob(ctx, j)
	if errors.Is(err, transfer.ErrJobChanged) {
		h.cancel(err)
	}
	if err == nil {
		h.job = put
	}
	return err
}

// moved notes how many bytes there are, for those who look at it.
func (h *Haul) moved(offset int64) { h.live.Store(offset) }

// Adopt returns a haul for a job that the other side moves; cancel is called if
// somebody else writes the job. Call release at its end.
func (c *Carrier) Adopt(j transfer.Job, cancel context.CancelCauseFunc) (h *Haul, release func()) {
	h = &Haul{c: c, lane: j.Lane(), passive: true, cancel: cancel, job: j, over: make(chan struct{})}
	h.moved(j.Offset)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hauls[keyOf(j)] = h
	return h, func() {
		c.mu.Lock()
		if c.hauls[keyOf(j)] == h {
			delete(c.hauls, keyOf(j))
		}
		c.mu.Unlock()
		close(h.over)
		if j := h.Job(); j.Owed() || j.Expired(c.cfg.Now()) {
			c.Look()
		}
	}
}

// Progress returns a job as it is at this moment, which may be further than
// what is safe. ErrNoJob.
func (c *Carrier) Progress(ctx context.Context, contextID, process string, kind transfer.JobKind) (transfer.Job, error) {
	c.mu.Lock()
	h := c.hauls[jobKey{contextID, process, kind}]
	c.mu.Unlock()
	if h != nil {
		j := h.Job()
		j.Offset = max(j.Offset, h.live.Load())
		return j, nil
	}
	return c.cfg.Jobs.Job(ctx, contextID, process, kind)
}

// awaitPause is how often Await looks at a job that another process works on.
const awaitPause = 200 * time.Millisecond

// Await waits until a job is over or ctx ends, and returns it as it is then.
func (c *Carrier) Await(ctx context.Context, contextID, process string, kind transfer.JobKind) (transfer.Job, error) {
	for {
		c.mu.Lock()
		h := c.hauls[jobKey{contextID, process, kind}]
		c.mu.Unlock()
		j, err := c.Progress(context.WithoutCancel(ctx), contextID, process, kind)
		if err != nil || j.Over() || ctx.Err() != nil {
			return j, err
		}
		var over <-chan struct{}
		if h != nil {
			over = h.over
		}
		fired, stop := c.cfg.Timer(awaitPause)
		select {
		case <-over:
		case <-fired:
		case <-ctx.Done():
		}
		stop()
	}
}
