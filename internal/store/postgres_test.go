// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"testing"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store"
	"github.com/musubi-ods/musubi/internal/store/storetest"
)

func TestPostgresContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB) storetest.Opened {
		dsn := store.PostgresDSN(t)
		s := open(t, dsn)
		return storetest.Opened{
			Store:   s,
			Another: func() engine.Store { return open(t, dsn) },
			Restart: func() engine.Store {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				return open(t, dsn)
			},
		}
	})
}
