// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// anyRows is the want of a statement that may touch any number of rows.
const anyRows = -1

// session is the writer's connection with its transaction. Its statements are
// never cut off: a caller who gives up does so before its step begins.
type session struct {
	conn  *sqlx.Conn
	stmts map[string]*sqlx.Stmt
	tails tails

	recent *recent
	// What the batch and the step under way did to what recent keeps.
	batch, changes []change
}

func newSession(pool *sqlx.DB, r *recent) (*session, error) {
	conn, err := pool.Connx(context.Background())
	if err != nil {
		return nil, fmt.Errorf("connecting the writer: %w", err)
	}
	return &session{conn: conn, stmts: map[string]*sqlx.Stmt{}, tails: newTails(), recent: r}, nil
}

// changed says what a step did to what recent keeps.
func (s *session) changed(c change) { s.changes = append(s.changes, c) }

func (s *session) close() {
	for _, stmt := range s.stmts {
		_ = stmt.Close()
	}
	clear(s.stmts)
	_ = s.conn.Close()
}

// discard closes the connection itself, with whatever it began: given back, it
// would be the next session's.
func (s *session) discard() {
	for _, stmt := range s.stmts {
		_ = stmt.Close()
	}
	clear(s.stmts)
	_ = s.conn.Raw(func(any) error { return driver.ErrBadConn }) // not for the pool
	_ = s.conn.Close()
}

func (s *session) stmt(query string) (*sqlx.Stmt, error) {
	stmt, ok := s.stmts[query]
	if !ok {
		var err error
		if stmt, err = s.conn.PreparexContext(context.Background(), query); err != nil {
			return nil, err
		}
		s.stmts[query] = stmt
	}
	return stmt, nil
}

// query fills dest, a pointer to a slice.
func (s *session) query(dest any, query string, args ...any) error {
	stmt, err := s.stmt(query)
	if err != nil {
		return err
	}
	return stmt.SelectContext(context.Background(), dest, args...)
}

func (s *session) execute(query string, args ...any) (rows int64, err error) {
	stmt, err := s.stmt(query)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// exec runs a conditional statement.
func (s *session) exec(st statement) error {
	n, err := s.execute(st.query, st.args...)
	switch {
	case err != nil:
		return err
	case st.want != anyRows && n != st.want:
		return st.otherwise
	}
	return nil
}

func (s *session) plain(query string) error {
	_, err := s.execute(query)
	return err
}

func (s *session) begin() error {
	s.tails.forget()
	s.batch = nil
	return s.plain("BEGIN IMMEDIATE")
}

func (s *session) rollback() error {
	s.tails.forget()
	s.recent.forget()
	return s.plain("ROLLBACK")
}

// step runs one caller's part: all of it or, with an error, nothing. broken
// says that the whole transaction cannot go on.
func (s *session) step(run func(*session) error) (result, broken error) {
	s.changes = nil
	if err := s.plain("SAVEPOINT step"); err != nil {
		return err, err
	}
	if result = protect(s, run); result != nil {
		s.tails.undo()
		if err := s.plain("ROLLBACK TO step"); err != nil {
			return result, errors.Join(result, err)
		}
	}
	s.tails.keep()
	if result == nil {
		s.batch = append(s.batch, s.changes...)
	}
	return result, s.plain("RELEASE step")
}

// protect turns a panic of a step into its error: the other callers of the
// batch have done nothing wrong.
func protect(s *session, run func(*session) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a step: %v", p)
		}
	}()
	return run(s)
}

// end writes what the batch left to its end and commits.
func (s *session) end() error {
	if err := s.tails.write(s); err != nil {
		return err
	}
	s.recent.committing()
	if err := s.plain("COMMIT"); err != nil {
		return err
	}
	s.tails.committed()
	s.recent.committed(s.batch)
	return nil
}
