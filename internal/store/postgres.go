// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/musubi-ods/musubi/internal/engine"
)

const (
	defaultConns   = 16
	connIdle       = 5 * time.Minute
	connectTimeout = 10 * time.Second
)

// settings of each connection, unless the data source name has its own. What a
// process left open that was stopped keeps others from it for so long. The
// judgement of conditional writes relies on READ COMMITTED.
var settings = map[string]string{
	"application_name":                    "musubi",
	"statement_timeout":                   "30s",
	"lock_timeout":                        "10s",
	"idle_in_transaction_session_timeout": "10s",
	// No statement is so long that compiling it pays; what it costs is guessed high.
	"jit": "off",
}

// onPostgres is a store on PostgreSQL, shared by any number of processes.
type onPostgres struct {
	database
	domain
	catalogs
	config   *pgx.ConnConfig
	lines    lines           // every connection but the one that watches
	watched  *pgx.ConnConfig // of that one
	channel  string          // of notices, this schema's own
	instance string          // tells our notices from those of others
	log      *slog.Logger

	// Of the commits under way at a time, alone are done one by one and the
	// others together.
	commits atomic.Int64
	alone   int64
	group   *group
	uses    atomic.Int64 // of tokens, likewise
	tokens  *tokens

	suspicion chan struct{} // that the server is gone
	unwatch   func()        // ends the watch; nil: there is none
}

func openPostgres(ctx context.Context, cfg Config) (Store, error) {
	config, err := pgx.ParseConfig(cfg.DSN)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDSN, err)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	for name, value := range settings {
		if _, own := config.RuntimeParams[name]; !own {
			config.RuntimeParams[name] = value
		}
	}
	config.RuntimeParams["default_transaction_isolation"] = "read committed"
	conns := cfg.Conns
	if conns <= 0 {
		conns = defaultConns
	}
	if config.ValidateConnect == nil { // the name may ask for something else
		config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	s := &onPostgres{
		config: config, watched: config.Copy(), instance: rand.Text(), log: cfg.Log, suspicion: make(chan struct{}, 1),
		database: database{health: newHealth(cfg.Log), explain: explainPostgres}, alone: fewCommits,
	}
	s.lost = s.broken
	config.DialFunc = s.lines.through(s.health, config.DialFunc)
	s.pool = sqlx.NewDb(stdlib.OpenDB(*config), "pgx")
	s.pool.SetMaxOpenConns(conns)
	s.pool.SetMaxIdleConns(conns)
	s.pool.SetConnMaxIdleTime(connIdle)
	if err := s.prepareSchema(ctx, cfg.Fixed); err != nil {
		where := fmt.Sprintf("database %q at %s:%d", config.Database, config.Host, config.Port)
		return nil, errors.Join(fmt.Errorf("opening PostgreSQL %s: %w", where, err), s.close())
	}
	s.startWatch(ctx)
	s.group, s.tokens = newGroup(ctx, s), newTokens(ctx, s)
	return s, nil
}

// prepareSchema checks the server and migrates.
func (s *onPostgres) prepareSchema(ctx context.Context, fixed bool) error {
	var server struct {
		Schema string
		Sync   string
	}
	err := s.pool.GetContext(ctx, &server, `SELECT coalesce(current_schema(), '') AS schema,
		current_setting('synchronous_commit') AS sync`)
	switch {
	case err != nil:
		return fmt.Errorf("is it running, and does it let this user in? %w", err)
	case server.Schema == "":
		return errors.New("no schema of search_path exists; create it or change search_path")
	case server.Sync == "off":
		return errors.New("synchronous_commit is off: a power cut would lose agreements; set it to on")
	}
	id := fnv.New64a()
	_, _ = id.Write([]byte("musubi " + server.Schema))
	s.channel = fmt.Sprintf("musubi_%016x", id.Sum64())
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(int64(id.Sum64())), lock.WithLockTimeout(1, 300))
	if err != nil {
		return err
	}
	patient := s.config.Copy() // a migration may take its time
	delete(patient.RuntimeParams, "statement_timeout")
	delete(patient.RuntimeParams, "lock_timeout")
	db := stdlib.OpenDB(*patient)
	return errors.Join(
		migrate(ctx, db, goose.DialectPostgres, "postgres", fixed, goose.WithSessionLocker(locker)), db.Close())
}

// For implements engine.Store.
func (s *onPostgres) For(context string) engine.Processes {
	return &processes{database: &s.database, context: context, commit: s.commit}
}

// TakeOver implements engine.Store: others may well be at work.
func (s *onPostgres) TakeOver(context.Context) error { return nil }

// Unpark implements engine.Store.
func (s *onPostgres) Unpark(ctx context.Context, latest time.Time) error {
	return s.exec(ctx, unpark(latest))
}

// Release implements engine.Store.
func (s *onPostgres) Release(ctx context.Context, w engine.Work) error {
	free := freeWork(w)
	free.want = anyRows
	return s.exec(ctx, free)
}

// PutHead implements engine.Store.
func (s *onPostgres) PutHead(ctx context.Context, h engine.Head) error {
	return s.exec(ctx, putHead(h))
}

// Close implements Store.
func (s *onPostgres) Close() error {
	s.group.end()
	s.tokens.end()
	s.unwatch()
	return s.close()
}

// exec runs one statement, which may be repeated, as a transaction of its own.
func (s *onPostgres) exec(ctx context.Context, st statement) error {
	return s.writing(ctx, func() error { return s.execOnce(ctx, st) })
}

// execUnrepeated is exec for a statement that must not be repeated: if the
// connection is lost when the server may have it, nobody knows.
func (s *onPostgres) execUnrepeated(ctx context.Context, st statement) error {
	return s.writing(ctx, func() error {
		err := s.execOnce(ctx, st)
		if _, answered := errors.AsType[*pgconn.PgError](err); err != nil && !answered && lost(err) && !pgconn.SafeToRetry(err) {
			return fmt.Errorf("%w: %w", errDoubt, err)
		}
		return err
	})
}

func (s *onPostgres) execOnce(ctx context.Context, st statement) error {
	result, err := s.pool.ExecContext(ctx, s.rebind(st.query), st.args...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || st.want == anyRows || n == st.want {
		return err
	}
	return st.otherwise
}
