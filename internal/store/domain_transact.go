// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"github.com/musubi-ods/musubi/internal/engine"
)

// transact runs f as one step of the writer.
func (s *onSQLite) transact(ctx context.Context, f func(transaction) error) error {
	return s.do(ctx, func(w *session) error { return f(sqliteTransaction{w}) })
}

// sqliteTransaction cannot be cut off once it has begun.
type sqliteTransaction struct{ *session }

func (t sqliteTransaction) exec(_ context.Context, st statement) error { return t.session.exec(st) }

func (t sqliteTransaction) query(_ context.Context, dest any, query string, args ...any) error {
	return t.session.query(dest, query, args...)
}

func (t sqliteTransaction) journal(_ context.Context, contextID string, entries []engine.Entry) error {
	return t.session.journal(contextID, entries)
}

// transactDomain runs f as one transaction, and again where the connection was
// lost before COMMIT: f must begin anew each time.
func (s *onPostgres) transactDomain(ctx context.Context, f func(transaction) error) error {
	return s.writing(ctx, func() error { return transactOnce(ctx, s.pool, &s.database, f) })
}

func transactOnce(ctx context.Context, pool *sqlx.DB, d *database, f func(transaction) error) error {
	tx, err := pool.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing after a commit
	if err := f(sqlTransaction{tx, d}); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		if d.lost != nil && d.lost(err) {
			return fmt.Errorf("%w: %w", errDoubt, err)
		}
		return err
	}
	return nil
}

// sqlTransaction is a transaction of database/sql.
type sqlTransaction struct {
	tx *sqlx.Tx
	*database
}

func (t sqlTransaction) exec(ctx context.Context, st statement) error {
	result, err := t.tx.ExecContext(ctx, t.rebind(st.query), st.args...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || st.want == anyRows || n == st.want {
		return err
	}
	return st.otherwise
}

func (t sqlTransaction) query(ctx context.Context, dest any, query string, args ...any) error {
	return t.tx.SelectContext(ctx, dest, t.rebind(query), args...)
}

// journal leaves positions to the sequencer.
func (t sqlTransaction) journal(ctx context.Context, _ string, entries []engine.Entry) error {
	for _, e := range entries {
		if err := t.exec(ctx, insertEntry(e)); err != nil {
			return err
		}
	}
	return nil
}
