// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"crypto/aes"
	"crypto/cipher"
	"path/filepath"
	"testing"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store"
	"github.com/musubi-ods/musubi/internal/store/storetest"
)

// seal is a cipher under a key of the tests.
func seal(t testing.TB, key byte) cipher.AEAD {
	t.Helper()
	raw := make([]byte, 32)
	raw[0] = key
	block, err := aes.NewCipher(raw)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	return aead
}

// openSealed opens a store that is closed at the end of the test.
func openSealed(t testing.TB, dsn string) store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{DSN: dsn, Seal: seal(t, 1)})
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

// again closes s and opens its data once more.
func again(t testing.TB, s store.Store, dsn string) func() engine.Store {
	return func() engine.Store {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return openSealed(t, dsn)
	}
}

func onSQLite(t testing.TB) storetest.Opened {
	path := filepath.Join(t.TempDir(), "domain.db")
	store.EmptySQLite(t, path)
	dsn := "sqlite:" + path
	s := openSealed(t, dsn)
	return storetest.Opened{Store: s, Exclusive: true, Restart: again(t, s, dsn)}
}

func onPostgres(t testing.TB) storetest.Opened {
	dsn := store.EmptyDSN(t)
	s := openSealed(t, dsn)
	return storetest.Opened{
		Store: s, Another: func() engine.Store { return openSealed(t, dsn) }, Restart: again(t, s, dsn),
	}
}

func TestSQLiteDomain(t *testing.T) {
	t.Parallel()
	storetest.RunDomain(t, onSQLite)
}

func TestSQLiteTrust(t *testing.T) {
	t.Parallel()
	storetest.RunTrust(t, onSQLite)
}

func TestPostgresDomain(t *testing.T) {
	t.Parallel()
	storetest.RunDomain(t, onPostgres)
}

func TestPostgresTrust(t *testing.T) {
	t.Parallel()
	storetest.RunTrust(t, onPostgres)
}

func TestSQLitePolicy(t *testing.T) {
	t.Parallel()
	storetest.RunPolicy(t, onSQLite)
}

func TestPostgresPolicy(t *testing.T) {
	t.Parallel()
	storetest.RunPolicy(t, onPostgres)
}

func TestSQLiteEvidence(t *testing.T) {
	t.Parallel()
	storetest.RunEvidence(t, onSQLite)
}

func TestPostgresEvidence(t *testing.T) {
	t.Parallel()
	storetest.RunEvidence(t, onPostgres)
}

func TestSQLiteFlows(t *testing.T) {
	t.Parallel()
	storetest.RunFlows(t, onSQLite)
}

func TestPostgresFlows(t *testing.T) {
	t.Parallel()
	storetest.RunFlows(t, onPostgres)
}
