// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp_test

import (
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
)

// BenchmarkRefused is what a caller costs who proves nothing.
func BenchmarkRefused(b *testing.B) {
	w := dcptest.NewWorld(b)
	own, peer := w.Party("own"), w.Party("peer")
	a := w.Authenticator()
	good := peer.Draft(own.DID).Bearer(b)
	old := peer.Draft(own.DID)
	old.Claims["exp"] = 1
	large := peer.Draft(own.DID)
	large.Claims["exp"] = 1
	large.Claims["padding"] = strings.Repeat("x", 11_000)
	for name, bearer := range map[string]string{
		"no token": "Bearer x.y.z", "expired": old.Bearer(b), "expired and large": large.Bearer(b),
		"forged": good[:strings.LastIndexByte(good, '.')+1] + strings.Repeat("A", 86),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := a.Check(b.Context(), own.Participant(), []string{bearer}, dcp.Demand{AccessToken: true}); err == nil {
					b.Fatal("accepted")
				}
			}
		})
	}
}
