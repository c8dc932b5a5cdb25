// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/musubi-ods/musubi/internal/engine"
)

// domain is the part of a store that is not about processes, alike in both
// dialects: it reads through db and writes through transact.
type domain struct {
	db       reader
	seal     seal
	transact func(ctx context.Context, f func(transaction) error) error
	// use records a token, and never again where it may have been stored.
	use     func(ctx context.Context, u tokenUse) error
	dialect dialect
}

// catalogs is the part about what is on offer, which on SQLite has a file of
// its own.
type catalogs struct{ domain }

// reader reads. Queries have question marks and neither {in} nor {rows}.
type reader interface {
	// query keeps the query prepared: there must be few of them.
	query(ctx context.Context, dest any, query string, args ...any) error
	// once does not, for queries that strangers shape.
	once(ctx context.Context, dest any, query string, args ...any) error
}

// once implements reader.
func (d *database) once(ctx context.Context, dest any, query string, args ...any) error {
	return d.reading(ctx, func() error { return d.pool.SelectContext(ctx, dest, d.pool.Rebind(query), args...) })
}

// transaction is what is done wholly or not at all. Its statements are few
// and kept prepared. If f of transact fails, nothing was done.
type transaction interface {
	exec(ctx context.Context, st statement) error
	query(ctx context.Context, dest any, query string, args ...any) error
	// journal appends rows, as a step of a process does, and gives them
	// positions where a step would.
	journal(ctx context.Context, contextID string, entries []engine.Entry) error
}

// dialect says how lists and rows go into a statement.
type dialect struct {
	// text replaces {in}, which compares with one list, {rows}, which is r
	// with a column value, from one table, {each}, which is a table whose column
	// value has the rows of one list, {skip}, which takes rows and leaves
	// those that another transaction has, and {pending}, which is the name of
	// a process's pending message.
	text *strings.Replacer
	// list is the argument of {in}.
	list func([]string) any
	// like compares with a pattern by which case counts, pattern makes it of
	// one of catalog.Like.
	like    string
	pattern func(string) string
	// lateral is put around a query for each row before it; x.value is what it
	// finds. fence ends a query that must not be planned into another, v.
	lateral [2]string
	fence   string
	// picked is put around a query for keys of table job, for each row before
	// it; h are the jobs of these.
	picked [2]string
}

var sqliteDialect = dialect{
	text: strings.NewReplacer(
		"{in}", "IN (SELECT value FROM json_each(?))",
		"{rows}", "json_each(?) AS r",
		"{each}", "json_each(?)",
		"{skip}", "", // there is one writer
		"{pending}", "json_extract(doc, '$.pending.message')",
	),
	list:    func(values []string) any { return mustJSON(values) },
	like:    ` GLOB ?`,
	pattern: glob.Replace,
	lateral: [2]string{`json_each((SELECT json_group_array(asset) FROM (`, `))) x`},
	picked:  [2]string{`CROSS JOIN job h WHERE (h.context, h.process, h.kind) IN (`, `)`},
}

var postgresDialect = dialect{
	text: strings.NewReplacer(
		"{in}", "= ANY(CAST(? AS text[]))",
		"{rows}", "json_array_elements(CAST(? AS json)) AS r(value)",
		"{each}", "(SELECT unnest(CAST(? AS text[])) AS value)",
		"{skip}", "FOR UPDATE SKIP LOCKED",
		"{pending}", "CAST(doc AS json) #>> '{pending,message}'",
	),
	list:    func(values []string) any { return values },
	like:    ` LIKE ? ESCAPE ''`,
	pattern: func(pattern string) string { return pattern },
	lateral: [2]string{`LATERAL (`, `) x(value)`},
	fence:   ` LIMIT ?) v`,
	picked:  [2]string{`CROSS JOIN LATERAL (`, `) k JOIN job h ON h.context = k.context AND h.process = k.process AND h.kind = k.kind`},
}

// table is the argument of {rows}.
func table(rows [][]any) string { return mustJSON(rows) }

// mustJSON writes texts, numbers and lists of these.
func mustJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // a mistake in this package
	}
	return string(text)
}

// read fills dest, a pointer to a slice.
func (d *domain) read(ctx context.Context, dest any, query string, args ...any) error {
	return d.db.query(ctx, dest, d.dialect.text.Replace(query), args...)
}

// write runs one statement.
func (d *domain) write(ctx context.Context, st statement) error {
	return d.transact(ctx, func(tx transaction) error { return tx.exec(ctx, st) })
}

// do is a statement that may touch any number of rows.
func (d *domain) do(query string, args ...any) statement {
	return statement{query: d.dialect.text.Replace(query), args: args, want: anyRows}
}

// first returns the only row, or none.
func first[T any](rows []T, none error) (T, error) {
	if len(rows) == 0 {
		var zero T
		return zero, none
	}
	return rows[0], nil
}

// withDomain opens a store and gives it its domain part.
func withDomain(ctx context.Context, cfg Config, open func() (Store, error)) (Store, error) {
	s, err := open()
	if err != nil {
		return nil, err
	}
	var d *domain
	var c *catalogs
	switch s := s.(type) {
	case *onSQLite:
		d, c = &s.domain, &s.catalogs
		*d = domain{db: &s.database, transact: s.transact, use: s.useToken, dialect: sqliteDialect, seal: seal{cfg.Seal}}
		c.domain = domain{db: &s.shelf.database, transact: s.shelf.transact, dialect: sqliteDialect, seal: d.seal}
	case *onPostgres:
		d, c = &s.domain, &s.catalogs
		*d = domain{db: &s.database, transact: s.transactDomain, use: s.useToken, dialect: postgresDialect, seal: seal{cfg.Seal}}
		c.domain = *d
	}
	if err := d.checkSeal(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the database: %w", err), s.Close())
	}
	return s, nil
}
