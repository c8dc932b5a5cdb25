// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

// limitPages is how large the database may grow; 0: no further.
func limitPages(t *testing.T, s *onSQLite, pages int) {
	t.Helper()
	err := s.writer.do(t.Context(), func(w *session) error {
		var n []int
		return w.query(&n, fmt.Sprintf("PRAGMA max_page_count = %d", max(pages, 1)))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSQLiteFull(t *testing.T) {
	t.Parallel()
	log := &bytes.Buffer{}
	store, err := Open(t.Context(), Config{
		DSN: "sqlite:" + filepath.Join(t.TempDir(), "full.db"), Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	s := store.(*onSQLite)
	now := time.Unix(1000, 0)
	s.health.now = func() time.Time { return now }
	large := func(id string) error {
		c := step(id)
		c.Record.Data = bytes.Repeat([]byte("x"), 10_000)
		return s.For("c").Commit(t.Context(), c)
	}

	limitPages(t, s, 0)
	stored := 0
	for ; err == nil && stored < 1000; stored++ {
		err = large(fmt.Sprint("p", stored))
	}
	stored-- // the last was refused
	if !isOut(err) || !strings.Contains(err.Error(), "the disk is full") {
		t.Fatalf("got %v", err)
	}
	if got := len(processIDs(t, s)); got != stored { // which looks at the journal, too
		t.Fatalf("%d are stored, %d were answered", got, stored)
	}
	if err := s.Ready(t.Context()); !isOut(err) {
		t.Fatalf("ready: %v", err)
	}
	if text := log.String(); strings.Count(text, "level=ERROR") != 1 || !strings.Contains(text, "make room") {
		t.Fatalf("it logged: %s", text)
	}

	limitPages(t, s, 1_000_000)
	now = now.Add(calm)
	if err := s.Ready(t.Context()); err != nil {
		t.Fatalf("with room again: %v", err)
	}
	if err := large("q"); err != nil {
		t.Fatal(err)
	}
	if got := len(processIDs(t, s)); got != stored+1 || !strings.Contains(log.String(), "used again") {
		t.Fatalf("%d are stored; it logged: %s", got, log)
	}
}

// A transaction that SQLite undid by itself takes the connection with it, and
// no other: the callers of the batch learn that nothing of theirs is stored.
func TestSQLiteFullInABatch(t *testing.T) {
	t.Parallel()
	s := openFile(t)
	undone := func() error {
		return s.writer.do(t.Context(), func(w *session) error {
			if err := w.plain("ROLLBACK"); err != nil {
				return err
			}
			return passing("", errors.New("full"))
		})
	}
	for i, err := range together(t, s, commitOf(s, "a"), undone, commitOf(s, "b")) {
		if i < 2 && !errors.Is(err, engine.ErrUnavailable) {
			t.Errorf("part %d of the batch: %v", i, err)
		}
	}
	if err := commitOf(s, "c")(); err != nil {
		t.Fatalf("the writer did not recover: %v", err)
	}
	processIDs(t, s)
}
