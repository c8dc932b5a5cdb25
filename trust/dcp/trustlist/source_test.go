// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trustlist_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

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
