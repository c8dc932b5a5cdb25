// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory_test

import (
	"testing"

	"github.com/musubi-ods/musubi/internal/store/memory"
	"github.com/musubi-ods/musubi/internal/store/storetest"
)

func TestDomain(t *testing.T) {
	storetest.RunDomain(t, func(testing.TB) storetest.Opened {
		return storetest.Opened{Store: memory.New(), Exclusive: true}
	})
}

func TestTrust(t *testing.T) {
	storetest.RunTrust(t, func(testing.TB) storetest.Opened {
		return storetest.Opened{Store: memory.New(), Exclusive: true}
	})
}

func TestPolicy(t *testing.T) {
	storetest.RunPolicy(t, func(testing.TB) storetest.Opened {
		return storetest.Opened{Store: memory.New(), Exclusive: true}
	})
}

func TestEvidence(t *testing.T) {
	storetest.RunEvidence(t, func(testing.TB) storetest.Opened {
		return storetest.Opened{Store: memory.New(), Exclusive: true}
	})
}

func TestFlows(t *testing.T) {
	storetest.RunFlows(t, func(testing.TB) storetest.Opened {
		return storetest.Opened{Store: memory.New(), Exclusive: true}
	})
}
