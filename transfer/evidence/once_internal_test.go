// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/transfer"
)

// within is a store that is asked something while it keeps a batch.
type within struct {
	Store // it can do nothing else
	ask   func()
}

func (w *within) KeepEvidence(context.Context, Batch) error   { w.ask(); return nil }
func (w *within) HasBody(context.Context, Body) (bool, error) { return false, nil }
func (*within) Get(context.Context, string, string) (transfer.Process, error) {
	return transfer.Process{}, engine.ErrNotFound
}

// TestOnItsWay: whether a body is known is told while others are written, of one
// among them too, by a question whose cost is bounded.
func TestOnItsWay(t *testing.T) {
	s := &within{}
	r := New(Config{Store: s, Transfers: s, Now: time.Now, NewID: func() string { return "1" }})
	m := transfer.Movement{
		Context: "c", Process: "p", TrackingID: "name", Method: "POST", Status: 201, Bytes: 5, SHA256: strings.Repeat("a", 64), Whole: true, Alone: true,
	}
	asked := 0
	s.ask = func() {
		asked++
		if known, err := r.known(t.Context(), m); err != nil || !known {
			t.Errorf("it is on its way, and not known: %v", err)
		}
		other := m
		other.TrackingID = "another"
		if known, err := r.known(t.Context(), other); err != nil || known {
			t.Errorf("another one is known: %v", err)
		}
	}
	r.Moved(t.Context(), m)
	if err := r.Flush(t.Context()); err != nil || asked != 1 {
		t.Fatal(asked, err)
	}
	if known, _ := r.known(t.Context(), m); known {
		t.Error("it is still on its way")
	}
}
