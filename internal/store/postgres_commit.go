// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/musubi-ods/musubi/internal/engine"
)

// commit stores one step of a process: alone while few are under way, else
// together with others.
func (s *onPostgres) commit(ctx context.Context, c engine.Commit) error {
	under := s.commits.Add(1)
	defer s.commits.Add(-1)
	err := errAlone
	if under > s.alone && !s.health.faulty.Load() {
		err = s.group.do(ctx, c)
	}
	if errors.Is(err, errAlone) {
		err = s.commitAlone(ctx, c)
	}
	if c.Held != nil && errors.Is(err, engine.ErrConflict) {
		return s.fenced(ctx, *c.Held)
	}
	return err
}

// commitAlone stores a step in a transaction of its own: all statements in one
// round trip, and COMMIT in a second if each touched the rows that it should.
func (s *onPostgres) commitAlone(ctx context.Context, c engine.Commit) error {
	statements, err := plan(c)
	if err != nil {
		return err
	}
	for _, e := range c.Journal {
		statements = append(statements, insertEntry(e))
	}
	return s.writing(ctx, func() error {
		return s.onConn(ctx, func(pg *pgx.Conn) error { return s.pipeline(ctx, pg, statements) })
	})
}

// errDoubt: the connection was lost while COMMIT was under way. The caller
// must look before doing the step again.
var errDoubt = fmt.Errorf("%w: the connection was lost", engine.ErrDoubt)

// onConn runs f, a transaction, on a connection of its own.
func (s *onPostgres) onConn(ctx context.Context, f func(*pgx.Conn) error) error {
	conn, err := s.pool.Connx(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	var result error
	err = conn.Raw(func(raw any) error {
		pg := raw.(*stdlib.Conn).Conn()
		result = f(pg)
		if pg.IsClosed() || pg.PgConn().TxStatus() != 'I' {
			return driver.ErrBadConn // not for the pool
		}
		return nil
	})
	if result == nil && err != nil {
		return fmt.Errorf("connection: %w", err)
	}
	return result
}

func (s *onPostgres) pipeline(ctx context.Context, pg *pgx.Conn, statements []statement) error {
	batch := &pgx.Batch{}
	batch.Queue("BEGIN")
	for _, st := range statements {
		batch.Queue(s.rebind(st.query), st.args...)
	}
	failed := judge(pg.SendBatch(ctx, batch), statements)
	if failed != nil {
		rollback(ctx, pg)
		return failed
	}
	return finish(ctx, pg)
}

// endTime bounds the end of a transaction, which must not be cut off by the
// caller's giving up.
const endTime = 10 * time.Second

// rollback ends a transaction; if it fails, onConn discards the connection.
func rollback(ctx context.Context, pg *pgx.Conn) {
	if pg.IsClosed() {
		return
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	_, _ = pg.Exec(end, "ROLLBACK")
}

// finish commits.
func finish(ctx context.Context, pg *pgx.Conn) error {
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	tag, err := pg.Exec(end, "COMMIT")
	switch {
	case err != nil && pg.IsClosed():
		return fmt.Errorf("%w: %w", errDoubt, err)
	case err == nil && tag.String() != "COMMIT":
		return fmt.Errorf("COMMIT answered %s", tag)
	}
	return err
}

// judge reads the results, that of BEGIN first, and returns the first that is
// not as it should be.
func judge(results pgx.BatchResults, statements []statement) error {
	if _, err := results.Exec(); err != nil {
		_ = results.Close()
		return err
	}
	return judgeAll(results, statements)
}

func judgeAll(results pgx.BatchResults, statements []statement) (failed error) {
	for _, st := range statements {
		if failed != nil {
			break
		}
		tag, err := results.Exec()
		switch {
		case err != nil:
			failed = err
		case st.want != anyRows && tag.RowsAffected() != st.want:
			failed = st.otherwise
		}
	}
	if err := results.Close(); failed == nil {
		return err
	}
	return failed
}

// fenced tells a lost lease from a lost race.
func (d *database) fenced(ctx context.Context, held engine.Work) error {
	var found []int
	err := d.query(ctx, &found, heldQuery, heldArgs(held)...)
	switch {
	case err != nil:
		return err
	case len(found) == 0:
		return engine.ErrFenced
	}
	return engine.ErrConflict
}
