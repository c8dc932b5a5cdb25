// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trustlist_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/trustlist"
)

func TestTrusts_StaleUntilItsEndAndGrace(t *testing.T) {
	for _, grace := range []time.Duration{0, time.Hour} {
		t.Run(grace.String(), func(t *testing.T) {
			s := newScene(t)
			s.settings.TrustList.Grace = dcp.Duration(grace)
			s.publish(s.sign(s.list(1)))
			source := s.source(s.store)
			trusts(t, source, true, 1)
			s.answer(http.StatusBadGateway)
			end := s.list(1).ValidUntil.Add(grace)
			s.world.Clock.Set(end.Add(-time.Second))
			trusts(t, source, true, 1)
			trusts(t, s.source(s.store), true, 1) // a new process reads it from the store
			s.world.Clock.Set(end)
			unavailable(t, source)
			unavailable(t, s.source(s.store))
			s.answer(http.StatusOK) // the authority is there again, with the old list
			s.world.Clock.Advance(30 * time.Second)
			trusts(t, source, false, 0)
			if _, err := source.Current(t.Context(), member); !errors.Is(err, trustlist.ErrEnded) {
				t.Errorf("%v, want ErrEnded", err)
			}
			s.publish(s.sign(s.list(2)))
			s.world.Clock.Advance(5 * time.Minute)
			trusts(t, source, true, 2)
		})
	}
}

func TestTrusts_AFreshListPastItsEndInGrace(t *testing.T) {
	s := newScene(t)
	s.settings.TrustList.Grace = dcp.Duration(time.Hour)
	l := s.list(1)
	s.publish(s.sign(l))
	s.world.Clock.Set(l.ValidUntil.Add(time.Minute))
	trusts(t, s.source(s.store), true, 1)
	s.settings.TrustList.Grace = 0
	trusts(t, s.source(s.store), false, 0)
}

func TestTrusts_Outages(t *testing.T) {
	for name, cut := range map[string]func(s *scene) (mend func()){
		"the list's server": func(s *scene) func() {
			s.world.Network.Fail("lists.example", errors.New("no route"))
			return func() { s.world.Network.Handle("lists.example", http.HandlerFunc(s.serve)) }
		},
		"the list's answer": func(s *scene) func() {
			s.answer(http.StatusNotFound)
			return func() { s.answer(http.StatusOK) }
		},
		"the authority's keys": func(s *scene) func() {
			document := s.authority.Document()
			s.world.DIDs.Fail(s.authority.DID, did.ErrUnreachable)
			return func() { s.world.DIDs.Put(s.authority.DID, document) }
		},
		"the store": func(s *scene) func() {
			s.store.fail(errors.New("no connection"))
			return func() { s.store.fail(nil) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.publish(s.sign(s.list(1)))
			mend := cut(s)
			source := s.source(s.store)
			unavailable(t, source)
			before := s.fetched()
			unavailable(t, source)
			if s.fetched() != before {
				t.Error("each message asks again during an outage")
			}
			mend()
			s.world.Clock.Advance(30 * time.Second)
			trusts(t, source, true, 1)
			cut(s)
			s.world.Clock.Advance(10 * time.Minute)
			trusts(t, source, true, 1) // what is known is used
		})
	}
}

func TestTrusts_SettingsOutOfReach(t *testing.T) {
	s := newScene(t)
	source := trustlist.NewSource(trustlist.Config{
		Store: s.store, DIDs: s.world.DIDs, HTTP: s.world.Network, Now: s.world.Clock.Now, Settings: noSettings,
	})
	unavailable(t, source)
}

func TestTrusts_AnotherReplicasList(t *testing.T) {
	s := newScene(t)
	s.publish(s.sign(s.list(1)))
	one, two := s.source(s.store), s.source(s.store)
	trusts(t, one, true, 1)
	trusts(t, two, true, 1)
	withdrawn := s.list(2)
	withdrawn.Issuers = nil
	s.publish(s.sign(withdrawn))
	s.world.Clock.Advance(5 * time.Minute)
	trusts(t, one, false, 0)
	s.answer(http.StatusBadGateway) // two cannot fetch it, and still learns of it
	trusts(t, two, false, 0)
}

// A store that is put back to an older state takes no running process with it.
func TestTrusts_AStoreThatGoesBack(t *testing.T) {
	s := newScene(t)
	s.publish(s.sign(s.list(1)))
	old := newMemory()
	trusts(t, s.source(old), true, 1)
	withdrawn := s.list(2)
	withdrawn.Issuers = nil
	s.publish(s.sign(withdrawn))
	source := s.source(s.store)
	trusts(t, source, false, 0)
	s.store.lists = old.lists
	s.answer(http.StatusBadGateway)
	s.world.Clock.Advance(5 * time.Minute)
	trusts(t, source, false, 0)
}

func TestTrusts_ACallerWhoLeaves(t *testing.T) {
	s := newScene(t)
	s.publish(s.sign(s.list(1)))
	source := s.source(s.store)
	gone, cancel := cancelled(t)
	cancel()
	if ok, _, _, err := source.Trusts(gone, member, registrar, trust.MembershipCredential); ok || !errors.Is(err, trust.ErrUnavailable) {
		t.Fatalf("%t, %v; want trust.ErrUnavailable", ok, err)
	}
	trusts(t, source, true, 1) // and does not hinder the next one
}
