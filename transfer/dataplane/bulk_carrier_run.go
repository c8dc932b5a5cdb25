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

// run moves until the job ends, or the transfer does not run any more.
func (c *Carrier) run(ctx context.Context, h *Haul, mover Mover) {
	j := h.Job()
	v := newVigil(c.cfg.Watch, j.Context, j.Process) // before looking, so that no commit is missed
	err := c.expired(j)
	if err == nil {
		err = mover.May(ctx, j)
	}
	if err == nil {
		var beside sync.WaitGroup
		over, end := context.WithCancel(ctx)
		beside.Go(func() { c.guard(over, h, mover, v) })
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
	if c.hauls[keyOf(j)] == h { // else a request goes on with it
		delete(c.hauls, keyOf(j))
	}
	if errors.Is(err, ErrHeld) && !c.closed {
		c.await(ctx, keyOf(j), v)
		return
	}
	v.end()
}

// beat renews the lease of a job, whatever its mover is doing, where nobody
// else has written it for a while, and ends one whose time is over.
func (c *Carrier) beat(ctx context.Context, h *Haul) {
	for {
		pause := jobBeat
		if j := h.Job(); j.Lent() {
			pause = min(pause, max(j.Until.Sub(c.cfg.Now()), leastJobPause))
		}
		if timer(c.cfg.Timer).sleep(ctx, pause) != nil {
			return
		}
		j := h.Job()
		if err := c.expired(j); err != nil {
			h.cancel(err)
			return
		}
		if j.NextTry.Sub(c.cfg.Now()) > jobLease-jobBeat {
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
func (c *Carrier) guard(ctx context.Context, h *Haul, mover Mover, v *vigil) {
	may := func(ctx context.Context) error { return mover.May(ctx, h.Job()) }
	if err := v.keep(ctx, commitsAlone, may); err != nil {
		h.cancel(err)
	}
}

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
	before := h.Job()
	// If this write fails, the job is taken up when its lease is over.
	_ = h.write(ctx, func(j *transfer.Job) {
		later, timed := errors.AsType[*Later](err)
		j.NextTry = time.Time{}
		switch {
		case err == nil:
			j.State, j.Fault = transfer.JobDone, nil
		case errors.Is(err, errClosed):
			j.NextTry = now
		case j.Owed(): // it stays done
			j.NextTry = now.Add(pauseAfter(j.Tries))
			j.Tries++
		case final:
			j.State, j.Fault = transfer.JobFailed, fault
		case errors.Is(err, ErrHeld):
			j.State, j.NextTry = transfer.JobHeld, now.Add(heldLook)
		default:
			j.State, j.Fault = transfer.JobOpen, &transfer.JobFault{Code: codeOf(err), Reason: fmt.Sprintf("%.500s", err)}
			j.NextTry = now.Add(pauseAfter(j.Tries))
			if timed && later.After > 0 {
				j.NextTry = now.Add(min(later.After, time.Hour))
			}
			j.Tries++
		}
		if now.Before(j.Until) && j.NextTry.After(j.Until) {
			j.NextTry = j.Until
		}
	})
	tellJob(ctx, c.cfg.Log, before, h.Job())
}

// pauseAfter is how long a job waits that was tried in vain so often before.
func pauseAfter(tries int) time.Duration { return min(leastJobPause<<min(tries, 10), mostJobPause) }

// CodeRetentionOver is the fault of a job whose data may not be used any more.
const CodeRetentionOver = "retention-over"

// expired says why nothing more may come of a job, if its time is over.
func (c *Carrier) expired(j transfer.Job) error {
	if !j.Expired(c.cfg.Now()) {
		return nil
	}
	return &transfer.JobFault{Code: CodeRetentionOver, Reason: "the agreed time of use was over before all of the data had come"}
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
