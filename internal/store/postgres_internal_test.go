// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

func openServer(t *testing.T, dsn string) *onPostgres {
	t.Helper()
	s, err := Open(t.Context(), Config{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s.(*onPostgres)
}

// cutOff ends the connections of others that run with this schema's path.
func cutOff(t *testing.T, s *onPostgres, like string) int {
	t.Helper()
	var cut []bool
	err := s.pool.SelectContext(t.Context(), &cut, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE application_name = $1 AND query LIKE $2 AND pid <> pg_backend_pid()`, t.Name(), like)
	if err != nil {
		t.Fatal(err)
	}
	return len(cut)
}

// named makes the connections of a data source name known by the test's name.
func named(t *testing.T, dsn string) string { return dsn + "&application_name=" + t.Name() }

func TestPostgresSurvivesLostConnections(t *testing.T) {
	t.Parallel()
	dsn := PostgresDSN(t)
	s, other := openServer(t, named(t, dsn)), openServer(t, dsn)
	var wg sync.WaitGroup
	for i := range 12 { // fill the pool
		wg.Go(func() {
			if err := s.For("c").Commit(t.Context(), step(fmt.Sprint("warm", i))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	uses := map[string]func() error{
		"commit": func() error { return s.For("c").Commit(t.Context(), step("p")) },
		"load":   func() error { _, err := s.For("c").Load(t.Context(), "warm1"); return err },
		"claim": func() error {
			_, _, err := s.Claim(t.Context(), engine.ClaimRequest{Owner: "o", Now: time.Unix(9, 0), Limit: 1})
			return err
		},
		"token": func() error {
			if first, err := s.UseToken(t.Context(), "c", "i", "t", time.Unix(9, 0)); err != nil || !first {
				return fmt.Errorf("first: %v, %w", first, err)
			}
			return nil
		},
		"notify": func() error { return s.Notify(t.Context(), []engine.Change{{Context: "c", Process: "p"}}) },
		"release": func() error {
			return s.Release(t.Context(), engine.Work{Context: "c", Process: "p", Op: "send", Key: "k", Owner: "o", Fence: 1})
		},
	}
	tick, late := time.NewTicker(time.Hour), time.NewTimer(time.Minute)
	defer tick.Stop()
	defer late.Stop()
	for name, use := range uses {
		if cutOff(t, other, "%") == 0 {
			t.Fatal("no connection was cut")
		}
		err := use()
		// One that was being opened may have been cut, too. Then nothing was done, and
		// for a moment nothing is tried.
		for tick.Reset(20 * time.Millisecond); err != nil && strings.Contains(err.Error(), "failed to connect") && t.Context().Err() == nil; {
			select {
			case <-tick.C:
				err = use()
			case <-late.C:
				t.Fatalf("%s: the connections do not come back: %v", name, err)
			}
		}
		if err != nil {
			t.Errorf("%s after all connections were cut: %v", name, err)
		}
	}
	if r, err := s.For("c").Load(t.Context(), "p"); err != nil || r.Version != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
}

func TestPostgresListensAgainAfterALostConnection(t *testing.T) {
	t.Parallel()
	dsn := PostgresDSN(t)
	s, other := openServer(t, named(t, dsn)), openServer(t, dsn)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	heard, ended := make(chan engine.Change, 1000), make(chan error, 1)
	go func() { ended <- s.Listen(ctx, func(c engine.Change) { heard <- c }) }()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for round := range 3 {
		want := engine.Change{Context: "c", Process: fmt.Sprint("round", round)}
		for got := (engine.Change{}); got != want; {
			if err := other.Notify(ctx, []engine.Change{want}); err != nil {
				t.Fatal(err)
			}
			select {
			case got = <-heard:
			case <-tick.C:
			}
		}
		if cutOff(t, other, "LISTEN%") != 1 {
			t.Fatal("the listening connection was not found")
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

func TestPostgresNoticesStayInTheirSchema(t *testing.T) {
	t.Parallel()
	a, b := openServer(t, PostgresDSN(t)), openServer(t, PostgresDSN(t))
	if a.channel == b.channel {
		t.Fatalf("both use %s", a.channel)
	}
}

func TestPostgresHasOneSequencerAtATime(t *testing.T) {
	t.Parallel()
	dsn := PostgresDSN(t)
	a, b := openServer(t, dsn), openServer(t, dsn)
	t0 := time.Unix(1000, 0)
	sequence := func(s Store, owner string, after time.Duration, want int) {
		t.Helper()
		if err := s.For("c").Commit(t.Context(), step(fmt.Sprint(owner, after))); err != nil {
			t.Fatal(err)
		}
		if n, err := s.Sequence(t.Context(), owner, t0.Add(after), 100); err != nil || n != want {
			t.Fatalf("%s sequenced %d rows, %v, want %d", owner, n, err, want)
		}
	}
	sequence(a, "a", 0, 1)
	sequence(b, "b", sequencerLease-1000, 0)
	sequence(a, "a", sequencerLease-1000, 2) // which extends the lease
	sequence(b, "b", sequencerLease, 0)
	sequence(b, "b", 2*sequencerLease, 2)
	sequence(a, "a", 2*sequencerLease+1000, 0)
	sequence(b, "b", 365*24*time.Hour, 2) // its clock is wrong
	sequence(a, "a", 5*sequencerLease, 1)
}

// Both replicas try at once, each of them believing to have the lease.
func TestPostgresSequencersCannotInterfere(t *testing.T) {
	t.Parallel()
	dsn := PostgresDSN(t)
	stores := []Store{openServer(t, dsn), openServer(t, dsn)}
	const rows = 300
	var wg sync.WaitGroup
	for i, s := range stores {
		wg.Go(func() {
			for n := range rows / 2 {
				if err := s.For("c").Commit(t.Context(), step(fmt.Sprint(i, "-", n))); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			for done := 0; done < rows; {
				if _, err := s.Sequence(t.Context(), "same name", time.Unix(1, 0), 7); err != nil {
					t.Error(err)
					return
				}
				list, err := s.For("c").Journal(t.Context(), 0, 0)
				if err != nil {
					t.Error(err)
					return
				}
				done = len(list)
			}
		})
	}
	wg.Wait()
	list, err := stores[0].For("c").Journal(t.Context(), 0, 0)
	if err != nil || len(list) != rows {
		t.Fatalf("%d rows, %v", len(list), err)
	}
	prev := ""
	for i, e := range list {
		if e.Position != int64(i+1) || e.Prev != prev || e.Hash != engine.Chain(prev, e) {
			t.Fatalf("row %d does not follow", i+1)
		}
		prev = e.Hash
	}
}

func TestPostgresSaysWhatIsWrongWithTheServer(t *testing.T) {
	t.Parallel()
	_, err := Open(t.Context(), Config{DSN: "postgres://someone:secret@127.0.0.1:1/db?connect_timeout=2"})
	if err == nil || !strings.Contains(err.Error(), "is it running") || strings.Contains(err.Error(), "secret") {
		t.Fatalf("got %v", err)
	}
	_, err = Open(t.Context(), Config{DSN: "postgres://someone:secret@host:notaport/db"})
	if !errors.Is(err, ErrDSN) || strings.Contains(err.Error(), "secret") {
		t.Fatalf("got %v", err)
	}
	dsn := PostgresDSN(t)
	for setting, want := range map[string]string{
		"synchronous_commit=off":       "a power cut would lose agreements",
		"search_path=there_is_no_such": "no schema of search_path exists",
	} {
		s, err := Open(t.Context(), Config{DSN: dsn + "&" + setting})
		if err == nil {
			_ = s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", setting, err)
		}
	}
}

func TestPostgresReplicasMigrateTogether(t *testing.T) {
	t.Parallel()
	dsn := PostgresDSN(t)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			s, err := Open(t.Context(), Config{DSN: dsn})
			if err != nil {
				t.Error(err)
				return
			}
			_ = s.Close()
		})
	}
	wg.Wait()
}
