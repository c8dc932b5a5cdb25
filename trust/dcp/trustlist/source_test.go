// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trustlist_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/trustlist"
)

func TestTrusts_OwnDecisionFirst(t *testing.T) {
	s := newScene(t)
	s.publish(s.sign(s.list(3)))
	s.settings.TrustedIssuers = []dcp.TrustedIssuer{
		{ID: registrar, Types: []string{trust.CorporateIdentityCredential}, Conformance: trust.Strict},
		{ID: "did:web:kit.example", Types: []string{"*"}, Conformance: trust.Lenient},
	}
	source := s.source(s.store)
	for _, c := range []struct {
		issuer, credentialType string
		trusted                bool
		conformance            trust.Conformance
		sequence               int64
	}{
		{registrar, trust.CorporateIdentityCredential, true, trust.Strict, 0},
		{registrar, trust.MembershipCredential, true, trust.Lenient, 3}, // by the list
		{registrar, trust.SecurityEvaluationCredential, false, "", 3},
		{"did:web:kit.example", "AnyCredential", true, trust.Lenient, 0},
		{"did:web:stranger.example", trust.MembershipCredential, false, "", 3},
		{"did:web:registrar.example:sub", trust.MembershipCredential, false, "", 3},
		{registrar, "membershipcredential", false, "", 3},
		{registrar, "", false, "", 3},
	} {
		trusted, conformance, sequence, err := source.Trusts(t.Context(), member, c.issuer, c.credentialType)
		if err != nil || trusted != c.trusted || sequence != c.sequence || trusted && conformance != c.conformance {
			t.Errorf("%s %s: %t %s by %d, %v; want %t %s by %d", c.issuer, c.credentialType, trusted, conformance, sequence, err, c.trusted, c.conformance, c.sequence)
		}
	}
}

func TestTrusts_WithoutAList(t *testing.T) {
	s := newScene(t)
	s.settings.TrustList = nil
	trusts(t, s.source(s.store), false, 0)
	if _, err := s.source(s.store).Current(t.Context(), member); !errors.Is(err, trustlist.ErrNone) {
		t.Errorf("%v, want ErrNone", err)
	}
}

func TestTrusts_FromMemory(t *testing.T) {
	s := newScene(t)
	s.publish(s.sign(s.list(1)))
	source := s.source(s.store)
	for range 100 {
		trusts(t, source, true, 1)
	}
	s.world.Clock.Advance(5*time.Minute - time.Second)
	trusts(t, source, true, 1)
	if n := s.fetched(); n != 1 {
		t.Errorf("the list was fetched %d times within its age", n)
	}
	s.publish(s.sign(s.list(2)))
	s.world.Clock.Advance(time.Second)
	trusts(t, source, true, 2)
	if n := s.fetched(); n != 2 {
		t.Errorf("the list was fetched %d times, want 2", n)
	}
	if l, err := source.Current(t.Context(), member); err != nil || l.Sequence != 2 {
		t.Errorf("in use is %d, %v; want 2", l.Sequence, err)
	}
}

func TestTrusts_Rollback(t *testing.T) {
	s := newScene(t)
	old := s.sign(s.list(4))
	s.publish(s.sign(s.list(5)))
	trusts(t, s.source(s.store), true, 5)
	same := s.list(5)
	same.Issuers = nil
	for name, raw := range map[string]string{"an older list": old, "another list of the same number": s.sign(same)} {
		t.Run(name, func(t *testing.T) {
			s.publish(raw)
			trusts(t, s.source(s.store), true, 5) // a new process: only the store remembers
			if !s.logged(trustlist.ErrRollback) {
				t.Error("nothing was said of the rollback")
			}
		})
	}
}

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

func TestTrusts_BadLists(t *testing.T) {
	s := newScene(t)
	other := s.world.Party("other")
	foreign := s.list(9)
	foreign.Authority = other.DID
	foreignRaw, err := trustlist.Sign(foreign, other.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	forged := s.draft(s.list(9))
	forged.Key = other.Issuer.Signer
	for name, raw := range map[string]string{
		"of another authority": foreignRaw,
		"forged":               forged.Sign(t),
		"no token":             "<html>",
		"empty":                "",
		"too large":            strings.Repeat("a", trustlist.MaxSize+1),
	} {
		t.Run(name, func(t *testing.T) {
			s.store = newMemory()
			s.publish(raw)
			trusts(t, s.source(s.store), false, 0)
			s.publish(s.sign(s.list(1)))
			source := s.source(s.store)
			trusts(t, source, true, 1)
			s.publish(raw)
			s.world.Clock.Advance(6 * time.Minute)
			trusts(t, source, true, 1) // the good one stays
			if !s.logged(trustlist.ErrList) {
				t.Error("nothing was said of the bad list")
			}
		})
	}
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

func TestTrusts_OneFetchAtATime(t *testing.T) {
	s := newScene(t)
	s.publish(s.sign(s.list(1)))
	s.hold = make(chan struct{})
	source := s.source(s.store)
	var all sync.WaitGroup
	errs := make(chan error, 20)
	for range cap(errs) {
		all.Go(func() {
			ok, _, _, err := source.Trusts(t.Context(), member, registrar, trust.MembershipCredential)
			if err == nil && !ok {
				err = errors.New("not trusted")
			}
			errs <- err
		})
	}
	<-s.began
	close(s.hold)
	all.Wait()
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if n := s.fetched(); n != 1 {
		t.Errorf("%d fetches, want 1", n)
	}

	t.Run("with a list in force nobody waits", func(t *testing.T) {
		s.mu.Lock()
		s.hold = make(chan struct{})
		s.mu.Unlock()
		s.world.Clock.Advance(6 * time.Minute)
		all.Go(func() { trusts(t, source, true, 1) })
		<-s.began
		trusts(t, source, true, 1) // while the fetch hangs
		close(s.hold)
		all.Wait()
	})
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

func TestTrusts_File(t *testing.T) {
	s := newScene(t)
	file := filepath.Join(t.TempDir(), "list.jwt")
	s.settings.TrustList.URL, s.settings.TrustList.File = "", file
	source := s.source(s.store)
	unavailable(t, source)
	if err := os.WriteFile(file, []byte(s.sign(s.list(1))+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.world.Clock.Advance(30 * time.Second)
	trusts(t, source, true, 1)
	if len(s.world.Network.Calls()) > 0 {
		t.Error("the network was asked for a file")
	}
}

func TestTrusts_AnotherAuthorityIsConfigured(t *testing.T) {
	s := newScene(t)
	s.publish(s.sign(s.list(1)))
	source := s.source(s.store)
	trusts(t, source, true, 1)
	other := s.world.Party("other")
	s.settings.TrustList = &dcp.TrustListSource{URL: listURL, Authority: other.DID}
	trusts(t, source, false, 0) // at once: the old list is no longer asked
}

func BenchmarkTrusts(b *testing.B) {
	s := newScene(b)
	l := s.list(1)
	for i := range 1000 {
		l.Issuers = append(l.Issuers, dcp.TrustedIssuer{ID: fmt.Sprintf("did:web:issuer-%d.example", i), Types: []string{"*"}})
	}
	s.publish(s.sign(l))
	source := s.source(s.store)
	for b.Loop() {
		trusts(b, source, true, 1)
	}
}
