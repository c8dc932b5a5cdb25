// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package stripes_test

import (
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
