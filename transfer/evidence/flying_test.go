// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package evidence_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer/evidence"
)

// meanwhile is a store during whose failing write something happens.
type meanwhile struct {
	*world
	moves func()
}

func (m meanwhile) KeepEvidence(ctx context.Context, b evidence.Batch) error {
	if m.moves != nil {
		m.moves()
	}
	return m.world.KeepEvidence(ctx, b)
}

// TestFullWhileKept: where memory becomes full while a batch is on its way to the
// store, and does not come there, what moved meanwhile counts beside it.
func TestFullWhileKept(t *testing.T) {
	const most = 20_000
	w := newWorld()
	store := &meanwhile{world: w}
	r := evidence.New(evidence.Config{Store: store, Transfers: w, Now: func() time.Time { return w.now }, NewID: w.newID})
	move := func(process, id string) {
		m := body(id, 1)
		m.Process = process
		r.Moved(t.Context(), m)
	}
	for i := range most {
		move(fmt.Sprintf("p%05d", i), "1")
	}
	w.broken = errors.New("no store")
	if err := r.Flush(t.Context()); err == nil { // nobody waits for the store for a while
		t.Fatal("the store took it")
	}
	store.moves = func() {
		move("another", "1")
		move("p00000", "2")
	}
	if err := r.Flush(t.Context()); err == nil {
		t.Fatal("the store took it")
	}
	w.broken, store.moves = nil, nil
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.sent(t, "p00000").Sent; got == nil || got.Bodies != 2 {
		t.Errorf("%+v is kept of two bodies", got)
	}
}
