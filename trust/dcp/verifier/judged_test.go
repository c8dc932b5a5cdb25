// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier_test

import (
	"encoding/json"
	"slices"
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

// What was judged counts for a second where the same claims are judged again, and
// for no others: those that say something else, and whether they are revoked, are.
func TestRecheckKnowsWhatWasJudged(t *testing.T) {
	s := newScene(t)
	s.withStatus()
	claims := s.accepted(t)
	recheck := func(c trust.Claims) error { return s.profile.Recheck(t.Context(), "own", c, time.Second) }
	wrong := json.RawMessage(`{"id":"did:web:another.example"}`)

	others := claims
	others.Credentials = slices.Clone(claims.Credentials)
	others.Credentials[0].Subject = wrong
	wantRefusal(t, recheck(others), "V79")

	claims.Credentials[0].Subject = wrong // as nobody does: it shows that nothing is read
	if err := recheck(claims); err != nil {
		t.Errorf("judged again in the same second: %v", err)
	}
	s.statuses.err = trust.Refuse("V80", "revoked")
	wantRefusal(t, recheck(claims), "V80")
	s.statuses.err = nil
	s.Clock.Advance(time.Second)
	wantRefusal(t, recheck(claims), "V79")
}
