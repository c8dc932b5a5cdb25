// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
	"github.com/musubi-ods/musubi/trust/dcp/verifier"
)

// Anybody has a DID. Who has no more than that costs the store no write, or a
// stranger could fill the record of used tokens.
func TestStrangerWritesNothing(t *testing.T) {
	for name, spoil := range map[string]func(*scene){
		"no wallet": func(s *scene) { s.DIDs.Put(s.peer.DID, s.peer.Document()) },
		"a wallet that refuses": func(s *scene) {
			s.wallet.Status = 403
		},
		"a credential of nobody we trust": func(s *scene) {
			other := s.Party("other")
			s.present(other.Credential(s.peer, membership), other.Credential(s.peer, corporate))
		},
		"a credential that is revoked": func(s *scene) {
			s.withStatus()
			s.statuses.err = trust.Refuse("V80", "revoked")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			spoil(s)
			if _, err := s.verify(t); !errors.Is(err, trust.ErrUnauthenticated) {
				t.Errorf("error %v", err)
			}
			if n := s.Replays.Len(); n != 0 {
				t.Errorf("%d tokens are recorded", n)
			}
			if len(s.bindings.known) != 0 {
				t.Errorf("bound: %v", s.bindings.known)
			}
		})
	}
}

// Of many messages with one token at the same time exactly one is accepted,
// although it is recorded last.
func TestOneTokenManyMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t)
		s.wallet.Wait = nil
		bearer := s.peer.Draft(s.own.DID).Bearer(t)
		errs := make([]error, 32)
		var group sync.WaitGroup
		for i := range errs {
			group.Go(func() {
				_, errs[i] = s.profile.Verify(t.Context(), trust.Request{Context: "own", Authorization: []string{bearer}, Purpose: trust.ForCatalog})
			})
		}
		group.Wait()
		good := 0
		for _, err := range errs {
			if err == nil {
				good++
				continue
			}
			wantRefusal(t, err, "V38")
		}
		if good != 1 {
			t.Errorf("%d messages were accepted", good)
		}
	})
}

// A record that nobody could bind an identifier under is released: the token
// may come again.
func TestTokenIsGoodAfterABindingFailed(t *testing.T) {
	s := newScene(t)
	s.bindings.err = errors.New("the store is away")
	s.unavailable(t)
	s.bindings.err = nil
	s.accepted(t)
}

// However slow the parties are that are asked for a proof, it ends, and not as
// a verdict.
func TestProofIsBoundedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t)
		slow := s.config
		slow.Checker = slowChecker{}
		s.profile = verifier.New(slow)
		begin := time.Now()
		s.unavailable(t)
		if took := time.Since(begin); took > time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}

// slowChecker waits for a host that never answers.
type slowChecker struct{}

func (slowChecker) Presentation(ctx context.Context, _ json.RawMessage, _ vc.Want) ([]vc.Credential, error) {
	<-ctx.Done()
	return nil, errors.Join(trust.ErrUnavailable, ctx.Err())
}

// A wallet may not make us keep and judge any number of credentials.
func TestCredentialsAreBounded(t *testing.T) {
	s := newScene(t)
	one, two := s.issuer.Credential(s.peer, membership), s.issuer.Credential(s.peer, corporate)
	full := append(slices.Repeat([]string{one}, vc.MaxCredentials-1), two)
	s.present(full...)
	s.accepted(t)
	s.settings(`{"presentationCache":"-1s"}`)
	s.wallet.Present = func(dcp.Query) []json.RawMessage {
		return dcptest.Entries(s.peer.Presentation(s.own.DID, full), s.peer.Presentation(s.own.DID, full))
	}
	s.refused(t, "V48")
}

// The cache is bounded by what it holds, not by the number of entries alone.
func TestCacheIsBoundedInBytes(t *testing.T) {
	s := newScene(t)
	s.profile.Room(20 << 10)
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		peer := s.Party(name)
		peer.Wallet(s.own.DID, s.issuer.Credential(peer, membership), s.issuer.Credential(peer, corporate))
		if _, err := s.send(t, trust.ForCatalog, peer.Draft(s.own.DID).Bearer(t)); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.profile.Cached(); n < 1 || n > 6 {
		t.Errorf("%d are kept", n)
	}
	if s.profile.Left() < 0 {
		t.Errorf("%d bytes are left", s.profile.Left())
	}
}

// A cache that is shortened is shorter at once, also for what was kept before.
func TestCacheFollowsItsSetting(t *testing.T) {
	s := newScene(t)
	s.settings(`{"presentationCache":"1h"}`)
	s.accepted(t)
	s.settings(`{"presentationCache":"1s"}`)
	s.Clock.Advance(2 * time.Second)
	s.present(s.issuer.Credential(s.peer, membership), s.issuer.Credential(s.peer, corporate))
	s.accepted(t)
	if n := len(s.wallet.Calls()); n != 1 {
		t.Errorf("the wallet was asked %d times after the change", n)
	}
}

// A credential without a type of its own is nobody's: no issuer is asked for,
// and so none is believed.
func TestCredentialWithoutTypeIsNotBelieved(t *testing.T) {
	s := newScene(t)
	claims := s.accepted(t)
	for _, types := range [][]string{nil, {"VerifiableCredential"}} {
		claims.Credentials = slices.Clone(claims.Credentials)
		claims.Credentials[0].Types = types
		wantRefusal(t, s.profile.Recheck(t.Context(), "own", claims, time.Second), "V68")
	}
}

// What one participant of a process was presented, recorded and decided counts
// for no other.
func TestParticipantsShareNothing(t *testing.T) {
	s := newScene(t)
	s.accepted(t)
	second := s.Party("second")
	send := func() error {
		_, err := s.profile.Verify(t.Context(), trust.Request{
			Context: second.Context, Authorization: []string{s.peer.Draft(second.DID).Bearer(t)}, Purpose: trust.ForCatalog,
		})
		return err
	}
	wantRefusal(t, send(), "V56") // the wallet was asked, and presents to the first
	good := s.peer.Wallet(second.DID, s.issuer.Credential(s.peer, membership), s.issuer.Credential(s.peer, corporate))
	if err := send(); err != nil || len(good.Calls()) != 1 {
		t.Errorf("%v, %d calls", err, len(good.Calls()))
	}
	// A token for one is none for the other.
	_, err := s.profile.Verify(t.Context(), trust.Request{
		Context: second.Context, Authorization: []string{s.peer.Draft(s.own.DID).Bearer(t)}, Purpose: trust.ForCatalog,
	})
	wantRefusal(t, err, "V29")
}

// A presentation, a credential or an access token is no self-issued token, and
// a self-issued token is no access token.
func TestKindsOfTokens(t *testing.T) {
	s := newScene(t)
	presentation := s.peer.Presentation(s.own.DID, []string{s.issuer.Credential(s.peer, membership)})
	for name, token := range map[string]string{
		"presentation": presentation,
		"credential":   s.issuer.Credential(s.peer, membership),
	} {
		if claims, err := s.send(t, trust.ForCatalog, "Bearer "+token); !errors.Is(err, trust.ErrUnauthenticated) || claims.Participant != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	access, err := s.Tokens().Grant(t.Context(), s.peer.Participant(), s.own.DID, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.send(t, trust.ForCatalog, "Bearer "+access)
	wantRefusal(t, err, "V04")
	self, err := s.Tokens().Mint(t.Context(), s.own.Participant(), s.own.DID, "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Tokens().Granted(t.Context(), s.own.Participant(), s.own.DID, strings.TrimPrefix(self, "Bearer "))
	wantRefusal(t, err, "V39")
}

// What one holder presented opens nothing to another: neither a stranger nor
// one whose wallet lends the credentials of the first.
func TestCacheIsOfOneHolder(t *testing.T) {
	s := newScene(t)
	s.accepted(t)
	thief := s.Party("thief")
	send := func(check string) {
		t.Helper()
		_, err := s.send(t, trust.ForCatalog, thief.Draft(s.own.DID).Bearer(t))
		wantRefusal(t, err, check)
	}
	stolen := []string{s.issuer.Credential(s.peer, membership), s.issuer.Credential(s.peer, corporate)}
	thief.Wallet(s.own.DID, stolen...)
	send("V69")
	s.Network.Handle(thief.Host(), s.wallet) // the first one's presentation
	send("V54")
	if s.profile.Cached() != 1 || len(s.bindings.known) != 1 {
		t.Errorf("%d are kept, %d are bound", s.profile.Cached(), len(s.bindings.known))
	}
}

// A wallet gives less for one access token than for another. Who waits for the
// answer to the lesser one asks with its own.
func TestLesserTokenIsNobodyElses(t *testing.T) {
	for name, lesser := range map[string][]string{"nothing": {}, "one of two": {membership}} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t)
			var first sync.Once
			present := s.wallet.Present
			s.wallet.Present = func(q dcp.Query) (entries []json.RawMessage) {
				entries = present(q)
				first.Do(func() {
					entries = []json.RawMessage{}
					for _, one := range lesser {
						entries = dcptest.Entries(s.peer.Presentation(s.own.DID, []string{s.issuer.Credential(s.peer, one)}))
					}
				})
				return entries
			}
			refused := 0
			for _, err := range crowd(t, s, 8, func(int) context.Context { return t.Context() }) {
				if err != nil {
					refused++
				}
			}
			if refused != 1 {
				t.Errorf("%s: %d of 8 were refused", name, refused)
			}
		})
	}
}
