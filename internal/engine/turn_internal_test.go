// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"sync"
	"testing"
)

func TestTurnsFollowEachOther(t *testing.T) {
	turns, id := new(turns), Change{"acme", "p"}
	var group sync.WaitGroup
	n := 0 // the race detector watches it
	for range 64 {
		group.Go(func() {
			defer turns.take(t.Context(), id)()
			n++
		})
	}
	group.Wait()
	if n != 64 || len(turns.held) != 0 {
		t.Errorf("%d turns, %d processes are kept", n, len(turns.held))
	}
}

func TestTurnsOfOtherProcessesDoNotWait(t *testing.T) {
	turns := new(turns)
	for _, id := range []Change{{"acme", "p"}, {"acme", "q"}, {"other", "p"}} {
		defer turns.take(t.Context(), id)()
	}
	if len(turns.held) != 3 {
		t.Errorf("%d turns at the same time", len(turns.held))
	}
}

func TestWhoGivesUpWaitingGoesOnWithoutATurn(t *testing.T) {
	turns, id := new(turns), Change{"acme", "p"}
	first := turns.take(t.Context(), id)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	turns.take(over, id)()
	if turns.held[id] == nil {
		t.Fatal("the turn of another was ended")
	}
	first()
	if len(turns.held) != 0 {
		t.Error("the last one has left and the process is kept")
	}
	turns.take(t.Context(), id)()
}

func TestWithoutTurnsNobodyWaits(t *testing.T) {
	var none *turns
	id := Change{"acme", "p"}
	defer none.take(t.Context(), id)()
	none.take(t.Context(), id)()
}
