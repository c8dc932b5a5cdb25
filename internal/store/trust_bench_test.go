// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"path/filepath"
	"testing"

	"github.com/musubi-ods/musubi/internal/store"
	"github.com/musubi-ods/musubi/internal/store/memory"
	"github.com/musubi-ods/musubi/internal/store/storetest"
)

func BenchmarkTrust(b *testing.B) {
	for name, open := range map[string]func(testing.TB) storetest.Opened{
		"memory": func(testing.TB) storetest.Opened { return storetest.Opened{Store: memory.New()} },
		"sqlite": func(b testing.TB) storetest.Opened {
			return storetest.Opened{Store: openSealed(b, "sqlite:"+filepath.Join(b.TempDir(), "bench.db"))}
		},
		"postgres": func(b testing.TB) storetest.Opened {
			return storetest.Opened{Store: openSealed(b, store.PostgresDSN(b))}
		},
	} {
		b.Run(name, func(b *testing.B) { storetest.BenchTrust(b, open) })
	}
}
