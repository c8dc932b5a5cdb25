// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package fill

import (
	"context"
	"errors"
	"fmt"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite" // the driver sqlite
)

// chunk is how many rows of the main table one transaction makes.
const chunk = 50_000

// database is filled, and has its tables already.
type database struct {
	*sqlx.DB
	postgres bool
}

// open opens a database, on SQLite its file with the suffix.
func open(dsn, suffix string) (*database, error) {
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		path += suffix
		db, err := sqlx.Open("sqlite", path+"?_pragma=synchronous(OFF)&_pragma=cache_size(-200000)&_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)")
		if err == nil {
			db.SetMaxOpenConns(1)
		}
		return &database{DB: db}, err
	}
	db, err := sqlx.Open("pgx", dsn)
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return &database{DB: db, postgres: true}, err
}

// bare runs f while tables have no indexes beside their keys, and on PostgreSQL
// no references: they are made at the end, in the order of their entries.
func (db *database) bare(ctx context.Context, tables []string, f func() error) error {
	find, off, on := `SELECT sql AS make, 'DROP INDEX ' || name AS remove FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?`, ``, ``
	if db.postgres {
		find = `SELECT i.indexdef AS make, 'DROP INDEX ' || i.indexname AS remove FROM pg_indexes i WHERE i.schemaname = current_schema() AND i.tablename = ?
			AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname AND c.connamespace = current_schema()::regnamespace)`
		off, on = `SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '256MB'`, `RESET session_replication_role`
	}
	var list []struct{ Make, Remove string }
	for _, name := range tables {
		var some []struct{ Make, Remove string }
		if err := db.SelectContext(ctx, &some, db.Rebind(find), name); err != nil {
			return err
		}
		list = append(list, some...)
	}
	run := func(query string) error {
		if query == "" {
			return nil
		}
		_, err := db.ExecContext(ctx, query)
		return err
	}
	err := run(off)
	for _, index := range list {
		err = errors.Join(err, run(index.Remove))
	}
	if err != nil {
		return err
	}
	err = f()
	for _, index := range list {
		err = errors.Join(err, run(index.Make))
	}
	return errors.Join(err, run(on))
}

// rows runs statements for the numbers from 0 up to n, in chunks: each of them
// selects FROM n, whose column is i. Question marks stand for args, which are
// the same for each statement.
func (db *database) rows(ctx context.Context, n int, statements []statement) error {
	for from := 0; from < n; from += chunk {
		tx, err := db.BeginTxx(ctx, nil)
		if err != nil {
			return err
		}
		for _, st := range statements {
			numbers := fmt.Sprintf(`(WITH RECURSIVE k(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM k WHERE i < %d) SELECT i FROM k) n`,
				from, min(from+chunk, n)-1)
			if db.postgres {
				numbers = fmt.Sprintf(`generate_series(%d, %d) n(i)`, from, min(from+chunk, n)-1)
			}
			query := db.Rebind(strings.ReplaceAll(st.query, "{n}", numbers))
			if _, err := tx.ExecContext(ctx, query, st.args...); err != nil {
				return errors.Join(fmt.Errorf("%s: %w", query, err), tx.Rollback())
			}
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	return nil
}

type statement struct {
	query string
	args  []any
}

// pad writes an expression with nine digits.
func pad(expression string) string {
	return `substr('000000000' || CAST(` + expression + ` AS TEXT), length(CAST(` + expression + ` AS TEXT)) + 1)`
}

// settle gives the planner what a database that grew to this size has.
func (db *database) settle(ctx context.Context) error {
	query := `PRAGMA wal_checkpoint(TRUNCATE)`
	if db.postgres {
		query = `VACUUM ANALYZE`
	}
	_, err := db.ExecContext(ctx, query)
	return errors.Join(err, db.Close())
}
