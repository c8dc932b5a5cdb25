// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/internal/store"
)

// A copy of the database without its catalogues is no reason not to start, and
// not to be passed over: everything on offer is gone.
func TestSQLiteSaysThatTheCataloguesAreNotThere(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "m.db")
	var log bytes.Buffer
	again := func(want bool) {
		t.Helper()
		log.Reset()
		s, err := store.Open(t.Context(), store.Config{DSN: "sqlite:" + path, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err == nil {
			err = s.Close()
		}
		if err != nil || strings.Contains(log.String(), path+".catalog") != want {
			t.Errorf("%v; it logged: %s", err, &log)
		}
	}
	again(false) // a new database
	again(false)
	if err := errors.Join(os.Remove(path+".catalog"), removed(path+".catalog-wal"), removed(path+".catalog-shm")); err != nil {
		t.Fatal(err)
	}
	again(true)
	again(false)
}

func removed(path string) error {
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
