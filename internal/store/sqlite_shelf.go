// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"log/slog"
	"os"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
)

// shelfName is what the path of the catalogues has after that of the database.
const shelfName = ".catalog"

// warnLost says that a database begins with empty catalogues, which nobody
// expects of one that is there: it was copied without them, perhaps.
func warnLost(log *slog.Logger, path, shelf string) {
	_, err := os.Stat(path)
	if _, lost := os.Stat(shelf); err == nil && errors.Is(lost, os.ErrNotExist) {
		log.Warn("the file of the catalogues is not beside the database: nothing is on offer until it is published again",
			"file", shelf, "hint", "stop, and put the file there that belongs to the database, or publish anew")
	}
}

// shelf is the file that the catalogues have to themselves. SQLite lets one
// transaction write to a file at a time: in a file of its own a publication of
// a hundred thousand datasets is one transaction, all or nothing, and no step of
// a process waits for it. Nothing is ever written to both files together: an
// agreement keeps copies of what was on offer.
type shelf struct {
	database          // reads
	write    *sqlx.DB // one connection
}

// h is told how the file does, as it is of the other one.
func openShelf(ctx context.Context, path string, fixed bool, h *health) (_ *shelf, err error) {
	s := &shelf{database: database{prepare: true, health: h, explain: explainSQLite}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if err := createFile(path); err != nil {
		return nil, err
	}
	if s.write, err = openPool(ctx, path, 1, writerPragmas); err != nil {
		return nil, err
	}
	if err := migrate(ctx, s.write.DB, goose.DialectSQLite3, "sqlite-catalog", fixed); err != nil {
		return nil, err
	}
	s.pool, err = openPool(ctx, path, sqliteReaders, shelfPragmas)
	return s, err
}

func (s *shelf) close() error {
	var errs []error
	if s.pool != nil {
		errs = append(errs, s.database.close())
	}
	if s.write != nil {
		errs = append(errs, s.write.Close())
	}
	return errors.Join(errs...)
}

// transact runs f as one transaction, when those before it have ended.
func (s *shelf) transact(ctx context.Context, f func(transaction) error) error {
	return s.writing(ctx, func() error { return transactOnce(ctx, s.write, &s.database, f) })
}
