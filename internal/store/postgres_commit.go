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

// commit stores one step of a process: all statements in one round trip, and
// COMMIT in a second if each touched the rows that it should.
func (s *onPostgres) commit(ctx context.Context, c engine.Commit) error {
	statements, err := plan(c)
	if err != nil {
		return err
	}
	for _, e := range c.Journal {
		statements = append(statements, insertEntry(e))
	}
	err = s.writing(ctx, func() error { return s.transact(ctx, statements) })
	if c.Held != nil && errors.Is(err, engine.ErrConflict) {
		return s.fenced(ctx, *c.Held)
	}
	return err
}

// errDoubt: the connection was lost while COMMIT was under way. The caller
// must look before doing the step again.
var errDoubt = fmt.Errorf("%w: the connection was lost", engine.ErrDoubt)

// transact runs statements as one transaction on a connection of its own.
func (s *onPostgres) transact(ctx context.Context, statements []statement) error {
	conn, err := s.pool.Connx(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	var result error
	err = conn.Raw(func(raw any) error {
		pg := raw.(*stdlib.Conn).Conn()
		result = s.pipeline(ctx, pg, statements)
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
	// The end must not be cut off by the caller's giving up.
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if failed != nil {
		if !pg.IsClosed() {
			_, _ = pg.Exec(end, "ROLLBACK") // if it fails, transact discards the connection
		}
		return failed
	}
	tag, err := pg.Exec(end, "COMMIT")
	switch {
	case err != nil && pg.IsClosed():
		return fmt.Errorf("%w: %w", errDoubt, err)
	case err == nil && tag.String() != "COMMIT":
		return fmt.Errorf("COMMIT answered %s", tag)
	}
	return err
}

// judge reads the results and returns the first that is not as it should be.
func judge(results pgx.BatchResults, statements []statement) error {
	_, failed := results.Exec() // of BEGIN
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
