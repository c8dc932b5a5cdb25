// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"sync"

	"github.com/jmoiron/sqlx"
)

// The driver of modernc.org/sqlite has a name that sqlx does not know.
func init() { //nolint:gochecknoinits // a registry of the library, written once
	sqlx.BindDriver("sqlite", sqlx.QUESTION)
}

// database reads, alike in both dialects. Queries are written with question
// marks and prepared once.
type database struct {
	pool *sqlx.DB
	// prepare keeps statements; pgx keeps its own, per connection.
	prepare  bool
	prepared sync.Map // query, to *sqlx.Stmt
	rebound  sync.Map // query, to the dialect's query
	health   *health
	// explain makes the store's own errors of the driver's.
	explain func(error) error
	// lost says of an error that the connection was lost, not that the
	// statement was bad, and takes note of it; nil where that cannot be.
	lost func(error) bool
}

// maxLost bounds how many lost connections a call survives: a restart of the
// server leaves a pool full of them.
const maxLost = 4

// reading calls f, which reads, and again on another connection while
// connections are lost.
func (d *database) reading(ctx context.Context, f func() error) error { return d.again(ctx, false, f) }

// writing is reading for an f that writes and is harmless to repeat.
func (d *database) writing(ctx context.Context, f func() error) error { return d.again(ctx, true, f) }

func (d *database) again(ctx context.Context, writes bool, f func() error) error {
	var err error
	for range 1 + maxLost {
		if down := d.health.refusal(); down != nil {
			return down
		}
		if err = f(); err == nil || d.lost == nil || !d.lost(err) || ctx.Err() != nil {
			break
		}
	}
	if err = d.explain(err); ctx.Err() != nil {
		return err // the caller's impatience is no fault of the database
	}
	return d.health.ended(err, writes)
}

// query fills dest, a pointer to a slice.
func (d *database) query(ctx context.Context, dest any, query string, args ...any) error {
	return d.reading(ctx, func() error {
		if !d.prepare {
			return d.pool.SelectContext(ctx, dest, d.rebind(query), args...)
		}
		stmt, err := d.stmt(ctx, query)
		if err != nil {
			return err
		}
		return stmt.SelectContext(ctx, dest, args...)
	})
}

// stmt returns the prepared statement of a query.
func (d *database) stmt(ctx context.Context, query string) (*sqlx.Stmt, error) {
	stmt, ok := d.prepared.Load(query)
	if !ok {
		fresh, err := d.pool.PreparexContext(ctx, query)
		if err != nil {
			return nil, err
		}
		if stmt, ok = d.prepared.LoadOrStore(query, fresh); ok {
			_ = fresh.Close() // another goroutine was faster
		}
	}
	return stmt.(*sqlx.Stmt), nil
}

// rebind returns query with the dialect's placeholders.
func (d *database) rebind(query string) string {
	if text, ok := d.rebound.Load(query); ok {
		return text.(string)
	}
	text := d.pool.Rebind(query)
	d.rebound.Store(query, text)
	return text
}

func (d *database) close() error {
	d.prepared.Range(func(_, stmt any) bool {
		_ = stmt.(*sqlx.Stmt).Close()
		return true
	})
	return d.pool.Close()
}
