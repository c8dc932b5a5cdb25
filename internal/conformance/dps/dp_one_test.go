// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dps_test

import (
	"context"
	"slices"
	"testing"

	"github.com/musubi-ods/musubi/internal/conformance/dps"
	"github.com/musubi-ods/musubi/internal/testkit"
)

// TestOneDataPlane: all tests of a data plane in turn, of one kit with a new key
// in each, against the settings that cmd/cutdps gives the official kit.
func TestOneDataPlane(t *testing.T) {
	if !testkit.Full() {
		t.Skip("the tests of each alone stand for it")
	}
	t.Parallel()
	k := newDPKit(t)
	did, err := dps.KitDID(k.url)
	if err != nil {
		t.Fatal(err)
	}
	p, base, err := dps.StartPlane(t.Context(), dps.Config{Kit: k.url, Received: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
		defer cancel()
		if err := p.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	k.plane, k.shown, k.participant = base, dps.PlaneAuthorization, dps.PlaneParticipant
	for _, c := range slices.Concat(dpCases, dpHTTPCases) {
		t.Run(c.id, func(t *testing.T) {
			k.t = t
			if got := k.newDID(); got != did {
				t.Fatalf("the kit is %s, not %s", got, did)
			}
			k.plays(c.id)
			k.counter = k.newDID() // as dataplane.counterparty.id says, in all tests
			c.run(k)
		})
	}
}
