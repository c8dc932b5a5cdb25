// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver

	"github.com/musubi-ods/musubi/internal/engine"
)

// sqliteReaders bounds the reads that run beside the writer.
const sqliteReaders = 4

// onSQLite is a store on one SQLite file, which it has to itself.
type onSQLite struct {
	database
	domain
	catalogs
	writer *writer
	shelf  *shelf
	lock   *fileLock
	closed sync.Once
}

func openSQLite(ctx context.Context, cfg Config, path string) (_ Store, err error) {
	if path == "" || strings.Contains(path, "?") {
		return nil, fmt.Errorf("%w: sqlite:<path> needs a path without a question mark", ErrDSN)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("database folder: %w", err)
	}
	if path, err = canonical(path); err != nil {
		return nil, fmt.Errorf("database path: %w", err)
	}
	s := &onSQLite{database: database{prepare: true, health: newHealth(cfg.Log), explain: explainSQLite}}
	if s.lock, err = lockFile(path + ".lock"); err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("opening %s: %w", path, explainSQLite(err)), s.abandon())
		}
	}()
	warnLost(cfg.Log, path, path+shelfName)
	if err := createFile(path); err != nil {
		return nil, err
	}
	write, err := openPool(ctx, path, 1, writerPragmas)
	if err != nil {
		return nil, err
	}
	s.writer = newWriter(write)
	if err := migrate(ctx, write.DB, goose.DialectSQLite3, "sqlite", cfg.Fixed); err != nil {
		return nil, err
	}
	if s.pool, err = openPool(ctx, path, sqliteReaders, readerPragmas); err != nil {
		return nil, err
	}
	if s.shelf, err = openShelf(ctx, path+shelfName, cfg.Fixed, s.health); err != nil {
		return nil, err
	}
	s.writer.start()
	return s, nil
}

// createFile makes the database for its owner alone: SQLite would let others
// read it, and gives the files beside it the same mode. One that exists is left
// as its owner set it. Nobody has it open: the lock is held.
func createFile(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return nil // SQLite will tell what is wrong
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// canonical makes two spellings of one file one, for the lock's sake.
func canonical(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if file, err := filepath.EvalSymlinks(path); err == nil {
		return file, nil
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	return filepath.Join(dir, filepath.Base(path)), err
}

type (
	// pragma is a setting of a connection: as it is set, and as it reads then.
	pragma  struct{ name, set, reads string }
	pragmas []pragma
)

// with are the pragmas with one that is set otherwise.
func (list pragmas) with(p pragma) pragmas {
	list = slices.Clone(list)
	list[slices.IndexFunc(list, func(old pragma) bool { return old.name == p.name })] = p
	return list
}

var (
	writerPragmas = pragmas{
		{"busy_timeout", "5000", "5000"},
		{"journal_mode", "WAL", "wal"},
		{"synchronous", "FULL", "2"},
		{"foreign_keys", "ON", "1"},
		// Savepoints copy the pages that they change, to memory.
		{"temp_store", "MEMORY", "2"},
		// The system keeps the file's pages too: this spares calls, and every
		// connection has its own.
		{"cache_size", "-2048", "-2048"},
		// Pages of 4 KiB; fewer checkpoints write fewer pages.
		{"wal_autocheckpoint", "4000", "4000"},
	}
	// Readers fill theirs slowly, each with what the others have too, and a
	// page takes twice its size there.
	readerPragmas = append(pragmas{{"query_only", "ON", "1"}}, writerPragmas.with(pragma{"cache_size", "-512", "-512"})...)
	// A page of a large catalogue walks many pages of the file.
	shelfPragmas = readerPragmas.with(pragma{"cache_size", "-8192", "-8192"})
)

// openPool opens connections and reads their pragmas back: SQLite ignores
// silently what it cannot do, such as a write-ahead log on a network disk.
func openPool(ctx context.Context, path string, conns int, pragmas pragmas) (*sqlx.DB, error) {
	query := url.Values{"_txlock": {"immediate"}}
	for _, p := range pragmas {
		query.Add("_pragma", p.name+"("+p.set+")")
	}
	pool, err := sqlx.Open("sqlite", path+"?"+query.Encode())
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	for _, p := range pragmas {
		var got string
		if err := pool.GetContext(ctx, &got, "PRAGMA "+p.name); err != nil {
			return nil, errors.Join(err, pool.Close())
		}
		if got != p.reads {
			return nil, errors.Join(fmt.Errorf("SQLite keeps %s at %q, %q is needed; is the file on a local disk?",
				p.name, got, p.reads), pool.Close())
		}
	}
	return pool, nil
}

// For implements engine.Store.
func (s *onSQLite) For(context string) engine.Processes {
	return &processes{database: &s.database, context: context, commit: s.commit, recent: s.writer.recent}
}

// TakeOver implements engine.Store: the lock on the file says that every
// other owner is gone.
func (s *onSQLite) TakeOver(ctx context.Context) error {
	all := statement{query: `UPDATE outbox SET owner = NULL, lease_until = NULL WHERE owner IS NOT NULL`, want: anyRows}
	return s.change(ctx, all, (*recent).drop)
}

// Unpark implements engine.Store.
func (s *onSQLite) Unpark(ctx context.Context, latest time.Time) error {
	return s.change(ctx, unpark(latest), (*recent).drop)
}

// Release implements engine.Store.
func (s *onSQLite) Release(ctx context.Context, w engine.Work) error {
	free := freeWork(w)
	free.want = anyRows
	return s.change(ctx, free, freed(w))
}

// PutHead implements engine.Store.
func (s *onSQLite) PutHead(ctx context.Context, h engine.Head) error { return s.exec(ctx, putHead(h)) }

// Notify implements engine.Store: there is no other process to tell.
func (s *onSQLite) Notify(context.Context, []engine.Change) error { return nil }

// Listen implements engine.Store: nobody else commits here.
func (s *onSQLite) Listen(ctx context.Context, _ func(engine.Change)) error {
	<-ctx.Done()
	return nil
}

// Sequence implements engine.Store: the commit itself gives positions.
func (s *onSQLite) Sequence(context.Context, string, time.Time, int) (int, error) { return 0, nil }

// Close implements Store.
func (s *onSQLite) Close() (err error) {
	s.closed.Do(func() { err = s.abandon() })
	return err
}

// abandon gives back whatever was opened.
func (s *onSQLite) abandon() error {
	var errs []error
	if s.pool != nil {
		errs = append(errs, s.close())
	}
	if s.writer != nil {
		errs = append(errs, s.writer.close())
	}
	if s.shelf != nil {
		errs = append(errs, s.shelf.close())
	}
	return errors.Join(append(errs, s.lock.unlock())...)
}
