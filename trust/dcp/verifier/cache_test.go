// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
)

func TestCache(t *testing.T) {
	s := newScene(t)
	asked := func(want int) {
		t.Helper()
		if n := len(s.wallet.Calls()); n != want {
			t.Errorf("the wallet was asked %d times, want %d", n, want)
		}
	}
	s.accepted(t)
	s.accepted(t)
	asked(1)
	s.Clock.Advance(59 * time.Second)
	s.accepted(t)
	asked(1)
	s.Clock.Advance(time.Second)
	s.present(s.issuer.Credential(s.peer, membership), s.issuer.Credential(s.peer, corporate))
	s.accepted(t)
	asked(1) // of the new wallet
	s.settings(`{"requires":{"catalog":["MembershipCredential"]}}`)
	s.accepted(t) // other scopes
	asked(2)
	s.peers[s.peer.DID] = trust.Peer{Conformance: trust.Lenient}
	s.accepted(t) // judged otherwise
	asked(3)
}

func TestCacheOff(t *testing.T) {
	s := newScene(t)
	s.settings(`{"presentationCache":"-1s"}`)
	s.accepted(t)
	s.accepted(t)
	if n := len(s.wallet.Calls()); n != 2 || s.profile.Cached() != 0 {
		t.Errorf("the wallet was asked %d times, %d are kept", n, s.profile.Cached())
	}
}

// A credential's end is the end of its place in the cache.
func TestCacheEndsWithCredential(t *testing.T) {
	s := newScene(t)
	end := func(d *dcptest.Draft) {
		d.VC()["expirationDate"] = s.Clock.Now().Add(10 * time.Second).Format(time.RFC3339)
	}
	s.present(s.issuer.Credential(s.peer, membership), s.issuer.Credential(s.peer, corporate, end))
	s.accepted(t)
	s.Clock.Advance(10 * time.Second)
	s.present(s.issuer.Credential(s.peer, membership), s.issuer.Credential(s.peer, corporate))
	s.accepted(t)
	if n := len(s.wallet.Calls()); n != 1 {
		t.Errorf("the new wallet was asked %d times", n)
	}
}

// What is refused is asked for again: the peer may have mended it.
func TestCacheKeepsNoRefusal(t *testing.T) {
	s := newScene(t)
	good := s.wallet
	s.present(s.issuer.Credential(s.peer, membership))
	s.refused(t, "V49")
	s.refused(t, "V49")
	if n := len(s.wallet.Calls()); n != 2 {
		t.Errorf("the wallet was asked %d times", n)
	}
	s.Network.Handle(s.peer.Host(), good)
	s.accepted(t)
}

func TestCacheIsBounded(t *testing.T) {
	s := newScene(t)
	s.profile.Limit(3)
	for i := range 5 {
		peer := s.Party(fmt.Sprintf("peer%d", i))
		peer.Wallet(s.own.DID, s.issuer.Credential(peer, membership), s.issuer.Credential(peer, corporate))
		if _, err := s.send(t, trust.ForCatalog, peer.Draft(s.own.DID).Bearer(t)); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.profile.Cached(); n != 3 {
		t.Errorf("%d are kept", n)
	}
}

// crowd sends messages of the peer at the same time and returns what became of
// them. The first query is answered once nothing else can happen: all others
// wait for it. It runs in a bubble of synctest.
func crowd(t *testing.T, s *scene, n int, ctx func(i int) context.Context) []error {
	t.Helper()
	var once sync.Once
	s.wallet.Wait = func(*http.Request) { once.Do(synctest.Wait) }
	errs := make([]error, n)
	var group sync.WaitGroup
	for i := range errs {
		r := trust.Request{Context: "own", Authorization: []string{s.peer.Draft(s.own.DID).Bearer(t)}, Purpose: trust.ForCatalog}
		group.Go(func() { _, errs[i] = s.profile.Verify(ctx(i), r) })
	}
	group.Wait()
	return errs
}

func TestOneQueryForACrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t)
		for _, err := range crowd(t, s, 64, func(int) context.Context { return t.Context() }) {
			if err != nil {
				t.Error(err)
			}
		}
		if n := len(s.wallet.Calls()); n != 1 {
			t.Errorf("the wallet was asked %d times", n)
		}
	})
}

// An outage is one for all that wait; a verdict on one access token is for
// its own message alone.
func TestCrowdThatFails(t *testing.T) {
	for _, c := range []struct{ status, calls int }{{503, 1}, {401, 16}} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t)
			s.wallet.Status = c.status
			for _, err := range crowd(t, s, 16, func(int) context.Context { return t.Context() }) {
				if unavailable := errors.Is(err, trust.ErrUnavailable); err == nil || unavailable != (c.status == 503) {
					t.Errorf("error %v", err)
				}
			}
			if n := len(s.wallet.Calls()); n != c.calls {
				t.Errorf("%d: the wallet was asked %d times", c.status, n)
			}
		})
	}
}

// Who asks may hang up: whoever waits asks again.
func TestCrowdWithoutItsLeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t)
		impatient, cancel := context.WithCancel(t.Context())
		defer cancel()
		s.wallet.Present = func(dcp.Query) []json.RawMessage {
			if len(s.wallet.Calls()) == 1 {
				cancel() // then the presentation is not even judged
			}
			return dcptest.Entries(s.peer.Presentation(s.own.DID, []string{s.issuer.Credential(s.peer, membership), s.issuer.Credential(s.peer, corporate)}))
		}
		// One message leads, the others come while it waits.
		var once sync.Once
		led := make(chan struct{})
		s.wallet.Wait = func(*http.Request) { once.Do(func() { close(led); synctest.Wait() }) }
		request := func() trust.Request {
			return trust.Request{Context: "own", Authorization: []string{s.peer.Draft(s.own.DID).Bearer(t)}, Purpose: trust.ForCatalog}
		}
		var group sync.WaitGroup
		first := request()
		group.Go(func() {
			if _, err := s.profile.Verify(impatient, first); !errors.Is(err, trust.ErrUnavailable) {
				t.Errorf("who hung up: %v", err)
			}
		})
		<-led
		for range 8 {
			r := request()
			group.Go(func() {
				if _, err := s.profile.Verify(t.Context(), r); err != nil {
					t.Errorf("who waited: %v", err)
				}
			})
		}
		group.Wait()
		if n := len(s.wallet.Calls()); n != 2 {
			t.Errorf("the wallet was asked %d times", n)
		}
	})
}

// Who waits may hang up too.
func TestCrowdThatHangsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t)
		impatient, cancel := context.WithCancel(t.Context())
		led := make(chan struct{})
		s.wallet.Wait = func(*http.Request) {
			close(led)
			synctest.Wait() // now all others wait
			cancel()
			synctest.Wait()
		}
		var group sync.WaitGroup
		group.Go(func() { s.accepted(t) })
		<-led
		for range 8 {
			r := trust.Request{Context: "own", Authorization: []string{s.peer.Draft(s.own.DID).Bearer(t)}, Purpose: trust.ForCatalog}
			group.Go(func() {
				if _, err := s.profile.Verify(impatient, r); !errors.Is(err, trust.ErrUnavailable) {
					t.Errorf("error %v", err)
				}
			})
		}
		group.Wait()
		if s.Replays.Len() != 1 {
			t.Errorf("%d tokens are used", s.Replays.Len())
		}
	})
}
