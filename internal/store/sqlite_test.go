// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"path/filepath"
	"testing"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store"
	"github.com/musubi-ods/musubi/internal/store/storetest"
)

// open opens a store that is closed at the end of the test.
func open(t testing.TB, dsn string) store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestSQLiteContract(t *testing.T) {
	t.Parallel()
	sqliteContract(t, func(store.Store) {})
}

// What is kept at hand is no other than what is read.
func TestSQLiteContractWithNothingAtHand(t *testing.T) {
	t.Parallel()
	sqliteContract(t, store.KeepNothing)
}

func sqliteContract(t *testing.T, with func(store.Store)) {
	t.Helper()
	storetest.Run(t, func(t testing.TB) storetest.Opened {
		path := filepath.Join(t.TempDir(), "new folder", "a #1 %41 test.db")
		store.EmptySQLite(t, path)
		dsn := "sqlite:" + path
		s := open(t, dsn)
		with(s)
		return storetest.Opened{
			Store:     s,
			Exclusive: true,
			Restart: func() engine.Store {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				again := open(t, dsn)
				with(again)
				return again
			},
		}
	})
}
