// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"

	"github.com/jmoiron/sqlx"
)

// sqliteStep is one caller's part of a transaction.
type sqliteStep = func(*session) error

// writer owns the one connection that writes. Callers queue what they want
// done; it runs each in a savepoint of one transaction, commits once, and only
// then answers them all.
type writer struct {
	gathering[sqliteStep]
	pool   *sqlx.DB
	recent *recent
}

func newWriter(pool *sqlx.DB) *writer {
	return &writer{gathering: newGathering[sqliteStep](), pool: pool, recent: newRecent()}
}

func (w *writer) start() { w.gathering.start(w.loop) }

// close answers what is queued and ends the writer.
func (w *writer) close() error {
	w.end()
	return w.pool.Close()
}

func (w *writer) loop() {
	var s *session
	for j := range w.queue {
		if s == nil {
			fresh, err := newSession(w.pool, w.recent)
			if err != nil {
				refuse(j, err)
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
func refuse[T any](j *job[T], err error) {
	if j.take() {
		j.answer <- err
	}
}

// batch runs first and whatever is queued behind it in one transaction. The
// error is the transaction's; it was given to every caller.
func (w *writer) batch(s *session, first *job[sqliteStep]) error {
	if err := s.begin(); err != nil {
		refuse(first, err)
		return err
	}
	var jobs []*job[sqliteStep]
	var results []error
	for j := first; j != nil; j = w.waiting(len(jobs)) {
		if !j.take() {
			continue
		}
		result, broken := s.step(j.part)
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

// answer tells every caller how its step ended.
func answer[T any](jobs []*job[T], results []error, failed error) error {
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
