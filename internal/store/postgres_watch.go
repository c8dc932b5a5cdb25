// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/musubi-ods/musubi/internal/engine"
)

const (
	watchPause = time.Second            // between two looks at a server that is there
	watchHurry = 100 * time.Millisecond // and at one that is not
	watchLimit = 3 * time.Second        // in which it has to answer
)

// startWatch begins a watch that Close ends.
func (s *onPostgres) startWatch(ctx context.Context) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.watch(ctx)
	}()
	s.unwatch = func() { cancel(); <-ended }
}

// watch asks the server again and again whether it is there and can be written
// to, on a connection of its own. Without it whoever met a silent server would
// wait for minutes, and everybody behind him. While there is none, all are
// refused at once.
func (s *onPostgres) watch(ctx context.Context) {
	var conn *pgx.Conn
	defer func() { hangUp(ctx, conn) }()
	for {
		var err error
		conn, err = s.look(ctx, conn)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil, errors.Is(err, errSlow):
			s.health.found()
			wait(ctx, watchPause, s.suspicion)
		default:
			s.health.lost(explainPostgres(err))
			s.lines.drop()
			wait(ctx, watchHurry, nil)
		}
	}
}

// errSlow: the server answers others, and this question not, or not in time.
var errSlow = errors.New("the server is slow")

// look asks the server, and takes one that is slow for one that is there.
func (s *onPostgres) look(ctx context.Context, conn *pgx.Conn) (*pgx.Conn, error) {
	heard := s.lines.heard.Load()
	conn, err := s.ask(ctx, conn)
	late := pgconn.Timeout(err) || errors.Is(err, context.DeadlineExceeded)
	if late && s.lines.heard.Load() != heard || crowded(err) {
		return nil, errSlow
	}
	return conn, err
}

// crowded says that the server is there and has no connection left for one who
// asks: those that are open are as good as before.
func crowded(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == "53300"
}

// ask asks on conn or, where that is nil or broken, on a new connection. One
// that the server itself ended is not yet a sign that it is gone.
func (s *onPostgres) ask(ctx context.Context, conn *pgx.Conn) (*pgx.Conn, error) {
	if conn != nil {
		limited, cancel := context.WithTimeout(ctx, watchLimit)
		defer cancel()
		err := writable(limited, conn)
		if err == nil {
			return conn, nil
		}
		hangUp(ctx, conn)
		if limited.Err() != nil {
			return nil, fmt.Errorf("the server does not answer: %w", err)
		}
	}
	return pgx.ConnectConfig(ctx, s.watched.Copy()) // which asks, too, and has a limit of its own
}

// writable is what every new connection is asked: a standby, or a server that
// became one, lets us in and takes nothing.
func writable(ctx context.Context, conn *pgx.Conn) error {
	return pgconn.ValidateConnectTargetSessionAttrsReadWrite(ctx, conn.PgConn())
}

// broken reports whether err says that a connection was lost, and has the
// server looked at. A server that became read-only has all of them replaced.
func (s *onPostgres) broken(err error) bool {
	is := lost(err)
	if readOnly(err) {
		s.lines.drop()
	}
	if is || errors.Is(err, engine.ErrDoubt) {
		select {
		case s.suspicion <- struct{}{}:
		default: // it will be
		}
	}
	return is
}

// met is for an error of what is not repeated: a connection that was lost is
// for the watch to judge.
func (s *onPostgres) met(err error) error {
	if s.broken(err) {
		return explainPostgres(err)
	}
	return s.health.ended(explainPostgres(err), true)
}

// hangUp closes a connection that may be broken, without waiting for it.
func hangUp(ctx context.Context, conn *pgx.Conn) {
	if conn == nil {
		return
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = conn.Close(end)
}

// Ready implements engine.Store.
func (s *onPostgres) Ready(ctx context.Context) error {
	return s.health.ready(func() error {
		var one []int
		return s.once(ctx, &one, "SELECT 1")
	}, func() error { return s.room(ctx) })
}

// errUndone has a transaction undone.
var errUndone = errors.New("undone")

// room writes a page or two, and undoes it.
func (s *onPostgres) room(ctx context.Context) error {
	err := transactOnce(ctx, s.pool, &s.database, func(tx transaction) error {
		if err := tx.exec(ctx, statement{query: roomQuery, args: []any{"room " + s.instance}, want: 1}); err != nil {
			return err
		}
		return errUndone
	})
	if errors.Is(err, errUndone) {
		return nil
	}
	return explainPostgres(err)
}

// What is not compressible takes its room.
const roomQuery = `INSERT INTO lease (name, owner, until, fence)
	SELECT ?, string_agg(md5(CAST(random() AS text)), ''), 0, 1 FROM generate_series(1, 500)`
