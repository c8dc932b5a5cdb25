// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier_test

import (
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

// What credentials say, and under which identifier their holder is known, is
// asked once a second; whether they are revoked, at each message.
func TestJudgedOnceASecond(t *testing.T) {
	s := newScene(t)
	s.withStatus()
	s.accepted(t)
	clear(s.bindings.known)
	s.accepted(t)
	if len(s.bindings.known) != 0 {
		t.Error("bound again in the same second")
	}
	s.statuses.err = trust.Refuse("V80", "revoked")
	s.refused(t, "V80")
	s.statuses.err = nil
	s.Clock.Advance(time.Second)
	s.accepted(t)
	if len(s.bindings.known) != 1 {
		t.Error("not bound a second later")
	}
}

// A presentation that says something wrong is not judged less for being at
// hand.
func TestJudgedKeepsNoRefusal(t *testing.T) {
	s := newScene(t)
	s.settings(`{"dataspace":"urn:example:another"}`)
	s.refused(t, "C01")
	s.refused(t, "C01")
}
