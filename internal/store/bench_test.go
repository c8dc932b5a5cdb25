// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"path/filepath"
	"testing"

	"github.com/musubi-ods/musubi/internal/store"
	"github.com/musubi-ods/musubi/internal/store/storetest"
)

func BenchmarkSQLite(b *testing.B) {
	storetest.Bench(b, func(b testing.TB) storetest.Opened {
		return storetest.Opened{Store: open(b, "sqlite:"+filepath.Join(b.TempDir(), "bench.db"))}
	})
}

func BenchmarkPostgres(b *testing.B) {
	storetest.Bench(b, func(b testing.TB) storetest.Opened {
		return storetest.Opened{Store: open(b, store.PostgresDSN(b))}
	})
}

func BenchmarkMemory(b *testing.B) {
	storetest.Bench(b, func(b testing.TB) storetest.Opened {
		return storetest.Opened{Store: open(b, "memory:")}
	})
}
