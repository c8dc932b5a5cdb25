// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer_test

import (
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
)

// renewsOnly is a plane that wants to know of renewed addresses alone.
type renewsOnly struct{ *plane }

func (renewsOnly) Unprepared() {}

// TestUnpreparedPlane: a consumer's plane that need not prepare hears of a flow
// from its first renewed address on, also of its end; of others it hears nothing,
// and they cost no call.
func TestUnpreparedPlane(t *testing.T) {
	const all = "start suspend resume "
	for name, tc := range map[string]struct {
		renewed bool
		end     negotiation.Act
		want    string
	}{
		"a renewed address":                {true, negotiation.Complete, all + "complete"},
		"a renewed address, ended early":   {true, negotiation.Terminate, all + "terminate"},
		"an address that is never renewed": {false, negotiation.Complete, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, pull, false)
			w.c.set.Builtin(pull, "consumer", renewsOnly{w.c.plane})
			if tc.renewed {
				w.p.plane.renewal = []transfer.Property{
					{Name: transfer.PropertyRefreshToken, Value: "r"},
					{Name: transfer.PropertyExpiresIn, Value: "300"},
					{Name: transfer.PropertyRefreshEndpoint, Value: "https://p.example/data/:token"},
				}
			}
			_, providerPID := w.open(pull)
			for _, act := range []negotiation.Act{negotiation.Suspend, negotiation.Start, tc.end} {
				w.settle()
				if err := w.p.act(providerPID, negotiation.Decision{Act: act}); err != nil {
					t.Fatal(err)
				}
			}
			w.settle()
			if got := strings.Join(w.c.plane.calls, " "); got != tc.want {
				t.Errorf("the plane saw %q, want %q", got, tc.want)
			}
		})
	}
}
