// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// explainSQLite adds to an error what a user can do about it.
func explainSQLite(err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok || errors.Is(err, engine.ErrUnavailable) {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return passing("the database is used by another process: stop it", fmt.Errorf("%w: %w", ErrInUse, err))
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("the file is not a sound SQLite database; restore a backup or name another file: %w", err)
	case sqlite3.SQLITE_FULL:
		return passing("make room where the database is", fmt.Errorf("the disk is full: %w", err))
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM:
		return passing("is the disk sound, and is there room and memory?", err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return passing("the file and its folder must be writable", fmt.Errorf("the file and its folder must be writable: %w", err))
	case sqlite3.SQLITE_CONSTRAINT:
		if e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE {
			return fmt.Errorf("%w: %w", engine.ErrExists, err)
		}
		return fmt.Errorf("%w: %w", rule.ErrInvalid, err)
	}
	return err
}

// Ready implements engine.Store.
func (s *onSQLite) Ready(ctx context.Context) error {
	return s.health.ready(func() error {
		var one []int
		return s.query(ctx, &one, "SELECT 1")
	}, func() error { return explainSQLite(s.writer.do(ctx, room)) })
}

// room writes a page to the log: a number that is there for whoever likes it.
func room(w *session) error {
	var was []int64
	if err := w.query(&was, "PRAGMA user_version"); err != nil {
		return err
	}
	if len(was) == 0 || was[0] == 0 {
		return w.plain("PRAGMA user_version = 1")
	}
	return w.plain("PRAGMA user_version = 0")
}
