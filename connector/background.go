// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"sync"
	"time"
)

// chore is work beside the messages: it is done once and says when it wants
// to be done again.
type chore struct {
	name string
	do   func(ctx context.Context) (next time.Time, err error)
	wake <-chan struct{} // sooner; may be nil
}

// background does chores until it is stopped.
type background struct {
	now  func() time.Time
	warn func(name string, err error)

	cancel context.CancelFunc
	done   sync.WaitGroup
}

// The bounds of a pause: a chore that fails must not spin, and one that
// forgets itself must come back.
const (
	leastPause = 20 * time.Millisecond
	mostPause  = time.Minute
)

// start begins the work. It outlives ctx, and ends with stop.
func (b *background) start(ctx context.Context, chores []chore) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	b.cancel = cancel
	for _, c := range chores {
		b.done.Go(func() { b.loop(ctx, c) })
	}
}

func (b *background) loop(ctx context.Context, c chore) {
	failed := 0
	for ctx.Err() == nil {
		next, err := c.do(ctx)
		pause := mostPause
		switch {
		case err != nil && ctx.Err() != nil:
			return
		case err != nil:
			failed++
			b.warn(c.name, err)
			pause = min(time.Second<<min(failed, 6), mostPause)
		case !next.IsZero():
			failed, pause = 0, min(max(next.Sub(b.now()), leastPause), mostPause)
		default:
			failed = 0
		}
		over, stop := timer(pause)
		select {
		case <-ctx.Done():
		case <-over:
		case <-c.wake:
		}
		stop()
	}
}

// stop ends all chores and waits for them.
func (b *background) stop() {
	if b.cancel != nil {
		b.cancel()
	}
	b.done.Wait()
}
