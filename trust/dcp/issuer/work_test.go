// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

// until works, each time when the request is due, until something holds.
func (s *scene) until(t *testing.T, id string, holds func(issuer.Request) bool) {
	t.Helper()
	for range 1000 {
		s.work()
		r := s.kept(id)
		if holds(r) {
			return
		}
		s.world.Clock.Advance(max(r.NextTry.Sub(s.world.Clock.Now()), time.Second))
	}
	t.Fatalf("it never came to that: %+v", s.kept(id))
}
