// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"sync"
	"sync/atomic"
)

// maxBatch bounds the callers whose steps share one commit, and so how long
// the first of them waits for the last.
const maxBatch = 256

// gathering is where callers queue what they want done, for one goroutine that
// does it for many of them at a time.
type gathering[T any] struct {
	queue chan *job[T]
	done  chan struct{}

	mu      sync.RWMutex // held for reading while a job is queued
	started bool
	closed  bool
}

// job is one caller's part of a transaction.
type job[T any] struct {
	part   T
	answer chan error
	taken  atomic.Bool // by the goroutine, or by a caller who gave up
}

func newGathering[T any]() gathering[T] {
	return gathering[T]{queue: make(chan *job[T], maxBatch), done: make(chan struct{})}
}

// start runs loop, which takes jobs until the queue is closed.
func (g *gathering[T]) start(loop func()) {
	g.started = true
	go func() {
		defer close(g.done)
		loop()
	}()
}

// do has part done and waits until it is on disk. When ctx ends first, nothing
// was done.
func (g *gathering[T]) do(ctx context.Context, part T) error {
	j := &job[T]{part: part, answer: make(chan error, 1)}
	if err := g.enqueue(ctx, j); err != nil {
		return err
	}
	select {
	case err := <-j.answer:
		return err
	case <-ctx.Done():
		if j.take() {
			return ctx.Err()
		}
		return <-j.answer
	}
}

func (g *gathering[T]) enqueue(ctx context.Context, j *job[T]) error {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.closed {
		return ErrClosed
	}
	select {
	case g.queue <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// take reports whether the job is the caller's of take, to do or to give up.
func (j *job[T]) take() bool { return j.taken.CompareAndSwap(false, true) }

// waiting returns the next queued job, if there is one and the batch may grow.
func (g *gathering[T]) waiting(size int) *job[T] {
	if size >= maxBatch {
		return nil
	}
	select {
	case j := <-g.queue: // nil once the queue is closed and empty
		return j
	default:
		return nil
	}
}

// end has what is queued done, and returns when all of it is.
func (g *gathering[T]) end() {
	g.mu.Lock()
	if !g.closed {
		g.closed = true
		close(g.queue)
	}
	g.mu.Unlock()
	if g.started {
		<-g.done
	}
}
