// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"
)

// ErrStopped: the transfer was suspended or ended while it was used. Why is
// wrapped as well.
var ErrStopped = errors.New("the transfer does not run any more")

// passage is one request on its way through a Proxy.
type passage struct {
	w      http.ResponseWriter
	cancel context.CancelCauseFunc
	began  atomic.Bool // the header was written: there will be no problem
	over   chan struct{}
}

// guard ends a request when its transfer does not run any more. Who asked has
// looked just before: a request that is over in a second costs no look.
func (p *Proxy) guard(ctx context.Context, w http.ResponseWriter, c Pulling) (context.Context, *passage) {
	ctx, cancel := context.WithCancelCause(ctx)
	g := &passage{w: w, cancel: cancel, over: make(chan struct{})}
	if p.Watch == nil {
		close(g.over)
		return ctx, g
	}
	v := newVigil(p.Watch, c.Context, c.Process)
	go func() {
		defer close(g.over)
		defer v.end()
		may := func(ctx context.Context) error { return p.Receiving(ctx, c.Context, c.Process) }
		if err := v.keep(ctx, p.Timer, may); err != nil {
			g.stop(fmt.Errorf("%w: %w", ErrStopped, err), p.Now().Add(-time.Hour))
		}
	}()
	return ctx, g
}

// stop ends what comes from the provider, and wakes who waits for the
// application to read.
func (g *passage) stop(why error, past time.Time) {
	g.cancel(why)
	if g.began.Load() {
		_ = http.NewResponseController(g.w).SetWriteDeadline(past)
	}
}

// end is called when the request is over. After it the connection is not
// touched.
func (g *passage) end() {
	g.cancel(nil)
	<-g.over
}
