// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"

	"github.com/musubi-ods/musubi/transfer"
)

// await has a held job looked at when its transfer changes; the mutex is held.
func (c *Carrier) await(ctx context.Context, k jobKey, v *vigil) {
	over := make(chan struct{})
	c.waiting[k] = over
	c.done.Go(func() {
		defer v.end()
		select {
		case <-v.changed:
			c.mu.Lock()
			if c.waiting[k] == over { // else the job was held again meanwhile
				delete(c.waiting, k)
			}
			c.mu.Unlock()
			c.Kick(context.WithoutCancel(ctx), k.context, k.process, k.kind)
		case <-over:
		}
	})
}

// unwatch ends the watch of a held job, if there is one; the mutex is held.
func (c *Carrier) unwatch(k jobKey) {
	if over := c.waiting[k]; over != nil {
		delete(c.waiting, k)
		close(over)
	}
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
