// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer_test

import (
	"testing"

	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
)

// TestServedBy: a plane has a transfer until that is at its end.
func TestServedBy(t *testing.T) {
	w := newWorld(t, pull, false)
	w.p.set.Put(transfer.Member{Name: "tokyo", Formats: []string{pull}, Plane: w.p.plane})
	served := func(plane, want string) {
		t.Helper()
		if got, err := w.p.svc.ServedBy(t.Context(), "provider", plane); err != nil || got != want {
			t.Errorf("%s has %q, want %q: %v", plane, got, want, err)
		}
	}
	served("tokyo", "")
	_, providerPID := w.open(pull)
	served("tokyo", providerPID)
	served("osaka", "")
	if err := w.p.act(providerPID, negotiation.Decision{Act: negotiation.Terminate}); err != nil {
		t.Fatal(err)
	}
	w.settle()
	served("tokyo", "")
}
