// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/internal/store"
)

// refused opens what must not open.
func refused(t *testing.T, cfg store.Config, want error, words string) {
	t.Helper()
	s, err := store.Open(t.Context(), cfg)
	if err == nil {
		_ = s.Close()
		t.Fatalf("%s was opened", cfg.DSN)
	}
	if want != nil && !errors.Is(err, want) || !strings.Contains(err.Error(), words) {
		t.Fatalf("got %v, want %v with %q", err, want, words)
	}
}

func TestOpenRefusesUnknownNames(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{"", "musubi.db", "mysql://x", "sqlite:", "sqlite:a?mode=ro"} {
		refused(t, store.Config{DSN: dsn}, store.ErrDSN, "sqlite:<path>")
	}
	refused(t, store.Config{DSN: "postgres://host:notaport/x"}, store.ErrDSN, "")
}

func TestSQLiteIsOpenedOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "one.db")
	open(t, "sqlite:"+path)
	refused(t, store.Config{DSN: "sqlite:" + path}, store.ErrInUse, "in use by another process; stop it or use PostgreSQL")

	link := filepath.Join(dir, "link.db")
	if err := os.Symlink(path, link); err == nil {
		refused(t, store.Config{DSN: "sqlite:" + link}, store.ErrInUse, "in use")
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program) // another process
	cmd.Env = append(os.Environ(), victimDSN+"=sqlite:"+path)
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), store.ErrInUse.Error()) {
		t.Fatalf("another process: %v, %s", err, out)
	}
}

func TestSQLiteCanBeOpenedAgainAfterClose(t *testing.T) {
	t.Parallel()
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "new folder", "a #1 %41 test.db")
	for range 3 {
		s, err := store.Open(t.Context(), store.Config{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.TakeOver(t.Context()); !errors.Is(err, store.ErrClosed) {
			t.Fatalf("after Close: %v", err)
		}
	}
}

func TestSQLiteSaysWhatIsWrongWithTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "text.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("this is not a database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, store.Config{DSN: "sqlite:" + path}, nil, "not a sound SQLite database")
	refused(t, store.Config{DSN: "sqlite:" + t.TempDir()}, nil, "must be writable")
}

func TestFixedRefusesAnOldSchema(t *testing.T) {
	t.Parallel()
	for name, dsn := range map[string]func(testing.TB) string{
		"sqlite":   func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "fixed.db") },
		"postgres": store.PostgresDSN,
	} {
		t.Run(name, func(t *testing.T) {
			dsn := dsn(t)
			refused(t, store.Config{DSN: dsn, Fixed: true}, store.ErrBehind, "musubi migrate")
			s, err := store.Open(t.Context(), store.Config{DSN: dsn})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if s, err = store.Open(t.Context(), store.Config{DSN: dsn, Fixed: true}); err != nil {
				t.Fatal(err)
			}
			_ = s.Close()
		})
	}
}
