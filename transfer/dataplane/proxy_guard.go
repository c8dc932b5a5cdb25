// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"
)

// ErrStopped: the transfer was suspended or ended while the provider was asked.
var ErrStopped = errors.New("the transfer does not run any more")

// proxyGuard has the answer to an application end with its transfer, whether or
// not the provider cuts it.
type proxyGuard struct {
	p     *Proxy
	w     http.ResponseWriter
	c     Pulling
	began atomic.Bool // the answer: no refusal can be written any more
}

// watch cancels when no data may come any more, until ctx ends. Who asked for c
// has looked at the transfer just now, so that a short answer costs no look. The
// channel is closed after the last use of the connection.
func (g *proxyGuard) watch(ctx context.Context, cancel context.CancelCauseFunc) <-chan struct{} {
	ended := make(chan struct{})
	if g.p.Receiving == nil {
		close(ended)
		return ended
	}
	changed, stop := g.p.Watch(g.c.Context, g.c.Process)
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			fired, release := g.p.Timer(recheck)
			select {
			case <-changed:
			case <-fired:
			case <-ctx.Done():
			}
			release()
			stop()
			changed, stop = g.p.Watch(g.c.Context, g.c.Process) // before looking, so that no commit is missed
			if ctx.Err() == nil {
				g.look(ctx, cancel)
			}
		}
		stop()
	}()
	return ended
}

// look wakes also who waits for an application that does not read.
func (g *proxyGuard) look(ctx context.Context, cancel context.CancelCauseFunc) {
	err := g.p.Receiving(ctx, g.c.Context, g.c.Process)
	if err == nil || ctx.Err() != nil {
		return
	}
	cancel(errors.Join(ErrStopped, err))
	if g.began.Load() {
		_ = http.NewResponseController(g.w).SetWriteDeadline(g.p.Now().Add(-time.Hour))
	}
}
