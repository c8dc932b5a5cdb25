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
	// lost says of an error that the connection was lost, not that the
	// statement was bad; nil where that cannot be.
	lost func(error) bool
}

// maxLost bounds how many lost connections a call survives: a restart of the
// server leaves a pool full of them.
const maxLost = 4

// again calls f, and again on another connection while connections are lost.
// f must be harmless to repeat.
func (d *database) again(ctx context.Context, f func() error) error {
	err := f()
	for range maxLost {
		if err == nil || d.lost == nil || !d.lost(err) || ctx.Err() != nil {
			return err
		}
		err = f()
	}
	return err
}

// query fills dest, a pointer to a slice.
func (d *database) query(ctx context.Context, dest any, query string, args ...any) error {
	if !d.prepare {
		return d.again(ctx, func() error { return d.pool.SelectContext(ctx, dest, d.rebind(query), args...) })
	}
	stmt, ok := d.prepared.Load(query)
	if !ok {
		fresh, err := d.pool.PreparexContext(ctx, query)
		if err != nil {
			return err
		}
		if stmt, ok = d.prepared.LoadOrStore(query, fresh); ok {
			_ = fresh.Close() // another goroutine was faster
		}
	}
	return stmt.(*sqlx.Stmt).SelectContext(ctx, dest, args...)
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
