// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// intake is a body that is coming.
type intake struct {
	cancel context.CancelCauseFunc
	over   chan struct{}
}

// end ends a body and waits until nothing more of it is written.
func (in *intake) end(ctx context.Context, why error) {
	in.cancel(why)
	select {
	case <-in.over:
	case <-ctx.Done():
	}
}

// errOvertaken: the same sender has begun again.
var errOvertaken = errors.New("a later request of the sender goes on with this body")

// maxQueue is how long a whole body waits for the one before it.
const maxQueue = 20 * time.Second

// enter waits for a body's turn. One that goes on with another overtakes it: its
// sender has given that up.
func (b *Inbox) enter(ctx context.Context, k jobKey, in *intake, overtake bool) error {
	limit, stop := b.cfg.Timer(maxQueue)
	defer stop()
	for {
		b.mu.Lock()
		before := b.busy[k]
		if before == nil {
			b.busy[k] = in
			b.mu.Unlock()
			return nil
		}
		b.mu.Unlock()
		if overtake {
			before.cancel(errOvertaken)
		}
		select {
		case <-before.over:
		case <-limit:
			return refusal{http.StatusServiceUnavailable, "upload-busy", "another body is being sent", "send this one when that has ended"}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (b *Inbox) leave(k jobKey, in *intake) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.busy, k)
	close(in.over)
}

// guard ends a body when the transfer does not run any more. The channel is
// closed after that.
func (b *Inbox) guard(ctx context.Context, cancel context.CancelCauseFunc, w http.ResponseWriter, k jobKey) <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		v := newVigil(b.cfg.Watch, k.context, k.process)
		defer v.end()
		may := func(ctx context.Context) error { return b.cfg.Receiving(ctx, k.context, k.process) }
		err := may(ctx) // it may have been long since
		if err == nil {
			err = v.keep(ctx, b.cfg.Timer, may)
		}
		cancel(err)
		if !errors.Is(context.Cause(ctx), context.Canceled) { // whoever waits for the sender
			_ = http.NewResponseController(w).SetReadDeadline(b.cfg.Now().Add(-time.Hour))
		}
	}()
	return ended
}
