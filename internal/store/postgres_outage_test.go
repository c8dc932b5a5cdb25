// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

// until tries f again and again until it answers as wanted.
func until(t *testing.T, what string, f func(context.Context) error, as func(error) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := f(ctx)
		if as(err) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s: the last answer is %v", what, err)
		}
	}
}

func works(err error) bool { return err == nil }
func isOut(err error) bool { return errors.Is(err, engine.ErrUnavailable) }

// A connection on which nothing comes back any more would be waited on until
// the operating system gives up, which takes it a quarter of an hour.
func TestPostgresNoticesASilentServer(t *testing.T) {
	t.Parallel()
	line, through := newBetween(t, PostgresDSN(t))
	s := openServer(t, through)
	commit := func(id string) func(context.Context) error {
		return func(ctx context.Context) error { return s.For("c").Commit(ctx, step(id)) }
	}
	if err := commit("a")(t.Context()); err != nil {
		t.Fatal(err)
	}
	line.silent.Store(true)
	until(t, "a commit that nobody answers", commit("b"), isOut)
	until(t, "without a server", s.Ready, isOut)
	short, cancel := context.WithTimeout(t.Context(), time.Second) // nothing is tried
	defer cancel()
	for range 100 {
		if err := commit("b")(short); !isOut(err) {
			t.Fatalf("got %v", err)
		}
	}
	line.silent.Store(false)
	until(t, "with a server again", s.Ready, works)
	until(t, "with a server again", func(ctx context.Context) error {
		if err := commit("b")(ctx); !errors.Is(err, engine.ErrExists) { // the lost answer's
			return err
		}
		return nil
	}, works)
}

// After a failover the old primary may live on as a standby: to a pool of
// connections to it nothing seems wrong.
func TestPostgresLeavesAServerThatBecameReadOnly(t *testing.T) {
	t.Parallel()
	store, err := Open(t.Context(), Config{DSN: PostgresDSN(t), Conns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	s := store.(*onPostgres)
	for name, use := range map[string]func() error{
		"commit": func() error { return s.For("c").Commit(t.Context(), step("p")) },
		"token": func() error {
			_, err := s.UseToken(t.Context(), "c", "i", "t", time.Unix(9, 0))
			return err
		},
		"transaction": func() error { return s.ReleaseToken(t.Context(), "c", "i", "t") },
	} {
		if _, err := s.pool.ExecContext(t.Context(), `SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY`); err != nil {
			t.Fatal(err)
		}
		if err := use(); err != nil {
			t.Errorf("%s on a connection that only reads: %v", name, err)
		}
	}
}

func TestPostgresProvesThatThereIsRoom(t *testing.T) {
	t.Parallel()
	s := openServer(t, PostgresDSN(t))
	s.health.failed(full)
	if err := s.Ready(t.Context()); !errors.Is(err, errUnproved) {
		t.Fatalf("a moment after a fault: %v", err)
	}
	until(t, "later", s.Ready, works)
	var left []string
	if err := s.query(t.Context(), &left, `SELECT name FROM lease WHERE name LIKE 'room%'`); err != nil || len(left) != 0 {
		t.Fatalf("the proof left %v, %v", left, err)
	}
}
