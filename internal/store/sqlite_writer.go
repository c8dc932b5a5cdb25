// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/jmoiron/sqlx"
)

// maxBatch bounds the callers whose steps share one commit, and so how long
// the first of them waits for the last.
const maxBatch = 256

// writer owns the one connection that writes. Callers queue what they want
// done; it runs each in a savepoint of one transaction, commits once, and only
// then answers them all.
type writer struct {
	pool   *sqlx.DB
	recent *recent
	queue  chan *job
	done   chan struct{}

	mu      sync.RWMutex // held for reading while a job is queued
	started bool
	closed  bool
}

// job is one caller's part of a transaction.
type job struct {
	run    func(*session) error
	answer chan error
	taken  atomic.Bool // by the writer, or by a caller who gave up
}

func newWriter(pool *sqlx.DB) *writer {
	return &writer{pool: pool, recent: newRecent(), queue: make(chan *job, maxBatch), done: make(chan struct{})}
}

func (w *writer) start() {
	w.started = true
	go w.loop()
}

// do has run executed by the writer and waits until it is on disk. When ctx
// ends first, nothing was done.
func (w *writer) do(ctx context.Context, run func(*session) error) error {
	j := &job{run: run, answer: make(chan error, 1)}
	if err := w.enqueue(ctx, j); err != nil {
		return err
	}
	select {
	case err := <-j.answer:
		return err
	case <-ctx.Done():
		if j.taken.CompareAndSwap(false, true) {
			return ctx.Err()
		}
		return <-j.answer
	}
}

func (w *writer) enqueue(ctx context.Context, j *job) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return ErrClosed
	}
	select {
	case w.queue <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close answers what is queued and ends the writer.
func (w *writer) close() error {
	w.mu.Lock()
	again := w.closed
	w.closed = true
	if !again {
		close(w.queue)
	}
	w.mu.Unlock()
	if w.started {
		<-w.done
	}
	return w.pool.Close()
}

func (w *writer) loop() {
	defer close(w.done)
	var s *session
	for j := range w.queue {
		if s == nil {
			fresh, err := newSession(w.pool, w.recent)
			if err != nil {
				j.refuse(err)
				continue
			}
			s = fresh
		}
		if err := w.batch(s, j); err != nil {
			s.discard() // the connection is in doubt: begin with another
			s = nil
		}
	}
	if s != nil {
		s.close()
	}
}

// refuse answers a job that was not begun.
func (j *job) refuse(err error) {
	if j.taken.CompareAndSwap(false, true) {
		j.answer <- err
	}
}

// batch runs first and whatever is queued behind it in one transaction. The
// error is the transaction's; it was given to every caller.
func (w *writer) batch(s *session, first *job) error {
	if err := s.begin(); err != nil {
		first.refuse(err)
		return err
	}
	var jobs []*job
	var results []error
	for j := first; j != nil; j = w.waiting(len(jobs)) {
		if !j.taken.CompareAndSwap(false, true) {
			continue
		}
		result, broken := s.step(j.run)
		jobs, results = append(jobs, j), append(results, result)
		if broken != nil {
			_ = s.rollback() // SQLite may have done it; the connection is closed anyway
			return answer(jobs, nil, broken)
		}
	}
	if err := s.end(); err != nil {
		_ = s.rollback()
		return answer(jobs, nil, err)
	}
	return answer(jobs, results, nil)
}

// waiting returns the next queued job, if there is one and the batch may grow.
func (w *writer) waiting(size int) *job {
	if size >= maxBatch {
		return nil
	}
	select {
	case j := <-w.queue: // nil once the queue is closed and empty
		return j
	default:
		return nil
	}
}

// answer tells every caller how its step ended.
func answer(jobs []*job, results []error, failed error) error {
	for i, j := range jobs {
		var err error
		if failed == nil {
			err = results[i]
		} else {
			err = fmt.Errorf("committing: %w", explainSQLite(failed))
		}
		j.answer <- err
	}
	return failed
}
