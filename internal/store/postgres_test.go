// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"testing"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store"
	"github.com/musubi-ods/musubi/internal/store/storetest"
	"github.com/musubi-ods/musubi/internal/testkit"
)

func TestPostgresContract(t *testing.T) {
	t.Parallel()
	postgresContract(t, func(store.Store) {})
}

func TestPostgresContractTogether(t *testing.T) {
	t.Parallel()
	if !testkit.Full() {
		t.Skip("a long version: MUSUBI_FULL=1")
	}
	postgresContract(t, store.Together)
}

func postgresContract(t *testing.T, with func(store.Store)) {
	t.Helper()
	storetest.Run(t, func(t testing.TB) storetest.Opened {
		dsn := store.EmptyDSN(t)
		fresh := func() store.Store {
			s := open(t, dsn)
			with(s)
			return s
		}
		s := fresh()
		return storetest.Opened{
			Store:   s,
			Another: func() engine.Store { return fresh() },
			Restart: func() engine.Store {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				return fresh()
			},
		}
	})
}
