// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package stripes_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/musubi-ods/musubi/internal/stripes"
)

func TestOneAtATime(t *testing.T) {
	var locks stripes.Locks
	var group sync.WaitGroup
	n := 0 // the race detector watches it
	for range 64 {
		group.Go(func() {
			defer locks.Lock("context", "id")()
			n++
		})
	}
	group.Wait()
	if n != 64 {
		t.Errorf("%d callers", n)
	}
}

// TestUntil: who waits for a lock gives up with its context, and leaves it as it
// is.
func TestUntil(t *testing.T) {
	var locks stripes.Locks
	unlock := locks.Lock("context", "id")
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := locks.LockUntil(over, "context", "id"); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	unlock()
	unlock, err := locks.LockUntil(t.Context(), "context", "id")
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	locks.Lock("context", "id")()
}
