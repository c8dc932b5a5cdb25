// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

func openFile(t *testing.T) *onSQLite {
	t.Helper()
	return openPath(t, filepath.Join(t.TempDir(), "internal.db"))
}

func openPath(t *testing.T, path string) *onSQLite {
	t.Helper()
	s, err := Open(t.Context(), Config{DSN: "sqlite:" + path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s.(*onSQLite)
}

// step is the first commit of a process with a journal row.
func step(id string) engine.Commit {
	at := time.Unix(1, 0)
	return engine.Commit{
		Record: engine.Record{
			Context: "c", ID: id, Kind: engine.Transfer, Role: engine.Provider, State: "STARTED", Version: 1, Created: at,
		},
		Journal: []engine.Entry{{Context: "c", ID: "e-" + id, Process: id, Event: "x", At: at}},
	}
}

// together holds the writer back until every part is queued, so that they
// share one commit, and returns their results.
func together(t *testing.T, s *onSQLite, parts ...func() error) []error {
	t.Helper()
	busy, begin := make(chan bool), make(chan bool)
	go func() {
		_ = s.writer.do(context.Background(), func(*session) error { close(busy); <-begin; return nil })
	}()
	<-busy
	results := make([]chan error, len(parts))
	for i, part := range parts {
		results[i] = make(chan error, 1)
		go func() { results[i] <- part() }()
		for len(s.writer.queue) <= i && len(results[i]) == 0 {
			runtime.Gosched() // until it is queued, or refused
		}
	}
	close(begin)
	var errs []error
	for _, r := range results {
		errs = append(errs, <-r)
	}
	return errs
}

func commitOf(s *onSQLite, id string) func() error {
	return func() error { return s.For("c").Commit(context.Background(), step(id)) }
}

func processIDs(t *testing.T, s *onSQLite) (ids []string) {
	t.Helper()
	list, err := s.For("c").List(t.Context(), engine.Query{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		ids = append(ids, r.ID)
	}
	rows, err := s.For("c").Journal(t.Context(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	prev := ""
	for i, e := range rows {
		if e.Position != int64(i+1) || e.Prev != prev || e.Hash != engine.Chain(prev, e) {
			t.Fatalf("journal row %d does not follow", i+1)
		}
		prev = e.Hash
	}
	if len(rows) != len(ids) {
		t.Fatalf("%d journal rows for %d processes", len(rows), len(ids))
	}
	return ids
}

func TestWriterFailsOneStepOfABatchAlone(t *testing.T) {
	t.Parallel()
	s := openFile(t)
	errs := together(t, s,
		commitOf(s, "a"),
		commitOf(s, "a"), // exists
		func() error {
			return s.writer.do(context.Background(), func(w *session) error {
				if err := w.journal("c", step("lost").Journal); err != nil {
					return err
				}
				panic("a mistake")
			})
		},
		commitOf(s, "b"),
	)
	if errs[0] != nil || !errors.Is(errs[1], engine.ErrExists) || errs[2] == nil ||
		!strings.Contains(errs[2].Error(), "a mistake") || errs[3] != nil {
		t.Fatalf("got %v", errs)
	}
	if got := fmt.Sprint(processIDs(t, s)); got != "[b a]" {
		t.Fatalf("stored: %s", got)
	}
}

func TestWriterFailsTheWholeBatchWhenItCannotCommit(t *testing.T) {
	t.Parallel()
	s := openFile(t)
	breaks := func() error {
		return s.writer.do(context.Background(), func(w *session) error { return w.plain("ROLLBACK") })
	}
	errs := together(t, s, commitOf(s, "a"), breaks)
	for i, err := range errs {
		if err == nil {
			t.Fatalf("caller %d was told that its step is stored", i)
		}
	}
	if err := commitOf(s, "b")(); err != nil {
		t.Fatalf("the writer did not recover: %v", err)
	}
	if got := fmt.Sprint(processIDs(t, s)); got != "[b]" {
		t.Fatalf("stored: %s", got)
	}
}

func TestWriterDoesNothingForACallerWhoGaveUp(t *testing.T) {
	t.Parallel()
	s := openFile(t)
	ctx, cancel := context.WithCancel(context.Background())
	errs := together(t, s,
		func() error { return s.For("c").Commit(ctx, step("a")) },
		func() error { cancel(); return commitOf(s, "b")() },
	)
	if !errors.Is(errs[0], context.Canceled) || errs[1] != nil {
		t.Fatalf("got %v", errs)
	}
	if got := fmt.Sprint(processIDs(t, s)); got != "[b]" {
		t.Fatalf("stored: %s", got)
	}
}

func TestWriterAnswersEveryoneWhoIsQueuedWhenItCloses(t *testing.T) {
	t.Parallel()
	s := openFile(t)
	closed := make(chan error, 1)
	errs := together(t, s, commitOf(s, "a"), func() error {
		go func() { closed <- s.writer.close() }()
		return commitOf(s, "b")()
	})
	if errs[0] != nil || errs[1] != nil && !errors.Is(errs[1], ErrClosed) {
		t.Fatalf("got %v", errs)
	}
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	if err := commitOf(s, "c")(); !errors.Is(err, ErrClosed) {
		t.Fatalf("after close: %v", err)
	}
}

func TestPragmasAreReadBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pragma.db")
	_, err := openPool(t.Context(), path, 1, []pragma{{"synchronous", "OFF", "2"}})
	if err == nil || !strings.Contains(err.Error(), "synchronous") {
		t.Fatalf("got %v", err)
	}
	for _, pragmas := range [][]pragma{writerPragmas, readerPragmas} {
		demanded := map[string]string{}
		for _, p := range pragmas {
			demanded[p.name] = p.reads
		}
		for name, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000"} {
			if demanded[name] != want {
				t.Errorf("%s: %q is demanded, want %q", name, demanded[name], want)
			}
		}
	}
}

func TestReadersCannotWrite(t *testing.T) {
	t.Parallel()
	s := openFile(t)
	if _, err := s.pool.Exec("DELETE FROM process"); err == nil {
		t.Fatal("a reader wrote")
	}
}

// modernc.org/sqlite is translated C that fits one version of its C library.
func TestLibcIsTheOneThatSQLiteWasMadeFor(t *testing.T) {
	t.Parallel()
	type module struct{ Version, GoMod string }
	list := func(path string) (m module) {
		out, err := exec.Command("go", "list", "-m", "-json", path).Output()
		if err != nil {
			t.Fatalf("go list %s: %v", path, err)
		}
		if err := json.Unmarshal(out, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	text, err := os.ReadFile(list("modernc.org/sqlite").GoMod)
	if err != nil {
		t.Fatal(err)
	}
	asked := regexp.MustCompile(`modernc\.org/libc (v\S+)`).FindSubmatch(text)
	if asked == nil {
		t.Fatal("modernc.org/sqlite asks for no libc")
	}
	if have := list("modernc.org/libc").Version; have != string(asked[1]) {
		t.Fatalf("go.mod has modernc.org/libc %s, modernc.org/sqlite asks for %s: pin that", have, asked[1])
	}
}
