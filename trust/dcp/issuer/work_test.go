// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
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

func payloads(m dcp.CredentialMessage) []string {
	var list []string
	for _, c := range m.Credentials {
		list = append(list, c.Payload)
	}
	return list
}

func TestWork_ACrashBetweenSavingAndDelivering(t *testing.T) {
	s := newScene(t, approving)
	id := s.ask("pid-1", membership11, membership20)
	saves := 0
	s.store.before = func(method string) error {
		if method == "SaveIssuerRequest" {
			if saves++; saves == 2 {
				return errors.New("killed") // after the delivery, before it is noted
			}
		}
		return nil
	}
	if _, err := s.service.Work(t.Context()); err == nil {
		t.Fatal("the store's error was lost")
	}
	if s.wallet.taken() != 1 || s.store.count() != 2 {
		t.Fatalf("%d deliveries, %d credentials", s.wallet.taken(), s.store.count())
	}
	restarted := issuer.New(s.config)
	s.service = restarted
	s.until(t, id, func(r issuer.Request) bool { return !r.Delivered.IsZero() })
	if s.store.count() != 2 {
		t.Errorf("%d credentials after the restart, want 2", s.store.count())
	}
	if first, second := payloads(s.wallet.messages[0]), payloads(s.wallet.messages[1]); !slices.Equal(first, second) {
		t.Error("other credentials were delivered after the restart")
	}
}

func TestWork_NothingIsDeliveredThatIsNotSaved(t *testing.T) {
	s := newScene(t, approving)
	id := s.ask("pid-1", membership11)
	s.store.before = func(method string) error {
		if method == "SaveIssuerRequest" {
			return errors.New("no connection")
		}
		return nil
	}
	_, err := s.service.Work(t.Context())
	if err == nil || s.wallet.posts != 0 {
		t.Fatalf("%v, %d posts", err, s.wallet.posts)
	}
	s.store.before = nil
	if r := s.kept(id); r.State != issuer.Approved || r.NextTry.IsZero() {
		t.Errorf("%+v", r)
	}
	s.until(t, id, func(r issuer.Request) bool { return !r.Delivered.IsZero() })
}

func TestWork_AllOrNothing(t *testing.T) {
	s := newScene(t)
	id := s.ask("pid-1", membership11, sensitive11)
	s.approve(id, map[string]json.RawMessage{trust.MembershipCredential: member, "SensitiveDataCredential": json.RawMessage(`{}`)})
	r := s.kept(id)
	delete(r.Claims, "SensitiveDataCredential") // as no approval would leave it
	if _, err := s.store.SaveIssuerRequest(t.Context(), s.issuer.Context, r, nil); err != nil {
		t.Fatal(err)
	}
	s.work()
	if r = s.kept(id); r.State != issuer.Approved || r.LastError == "" || s.store.count() != 0 || s.wallet.posts != 0 {
		t.Errorf("%+v, %d credentials, %d posts", r, s.store.count(), s.wallet.posts)
	}
}

func TestWork_TwoWorkers(t *testing.T) {
	s := newScene(t, approving)
	var ids []string
	for i := range 10 {
		ids = append(ids, s.ask("pid-"+string(rune('a'+i)), membership11, membership20))
	}
	other := issuer.New(s.config)
	var all sync.WaitGroup
	for _, worker := range []*issuer.Service{s.service, other, s.service, other} {
		all.Go(func() {
			if _, err := worker.Work(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if s.wallet.taken() != len(ids) || s.store.count() != 2*len(ids) {
		t.Errorf("%d deliveries, %d credentials; want %d and %d", s.wallet.taken(), s.store.count(), len(ids), 2*len(ids))
	}
}

// Two workers hold the same request: the lease of one has run out.
func TestWork_AnExpiredLease(t *testing.T) {
	s := newScene(t, approving)
	id := s.ask("pid-1", membership11)
	slow := issuer.New(s.config)
	first := true
	s.wallet.hook = func() {
		if !first {
			return
		}
		first = false
		s.world.Clock.Advance(3 * time.Minute)
		if _, err := s.service.Work(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if _, err := slow.Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.store.count() != 1 || s.wallet.taken() != 2 || !slices.Equal(payloads(s.wallet.messages[0]), payloads(s.wallet.messages[1])) {
		t.Errorf("%d credentials in %d deliveries; want the same one twice", s.store.count(), s.wallet.taken())
	}
	if r := s.kept(id); r.Delivered.IsZero() || !r.NextTry.IsZero() {
		t.Errorf("%+v", r)
	}
}

func TestWork_Outages(t *testing.T) {
	for name, cut := range map[string]func(s *scene) (mend func()){
		"the wallet answers 503": func(s *scene) func() {
			s.wallet.down = 503
			return func() { s.wallet.down = 0 }
		},
		"the wallet is out of reach": func(s *scene) func() {
			s.wallet.err = errors.New("no route to host")
			return func() { s.wallet.err = nil }
		},
		"the holder's DID document": func(s *scene) func() {
			s.world.DIDs.Fail(s.holder.DID, did.ErrUnreachable)
			return func() { s.world.DIDs.Put(s.holder.DID, s.holder.Document("CredentialService", s.holder.URL()+"/dcp")) }
		},
		"the issuer's key": func(s *scene) func() {
			s.world.Keys.Err = errors.New("device gone")
			return func() { s.world.Keys.Err = nil }
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, approving)
			id := s.ask("pid-1", membership11)
			mend := cut(s)
			before := s.world.Clock.Now()
			next, err := s.service.Work(t.Context())
			r := s.kept(id)
			if err != nil || r.LastError == "" || r.Tries != 1 || !r.NextTry.Equal(before.Add(5*time.Second)) || !next.Equal(r.NextTry) {
				t.Fatalf("next %s, %v; %+v", next, err, r)
			}
			for range 3 {
				s.world.Clock.Set(s.kept(id).NextTry)
				s.work()
			}
			if r = s.kept(id); r.NextTry.Sub(s.world.Clock.Now()) != 40*time.Second {
				t.Errorf("after 4 tries the next is in %s, want 40s", r.NextTry.Sub(s.world.Clock.Now()))
			}
			mend()
			if got := s.state(id).Status; got != dcp.Received {
				t.Errorf("status %s before the delivery", got)
			}
			s.until(t, id, func(r issuer.Request) bool { return !r.Delivered.IsZero() })
			if r = s.kept(id); r.LastError != "" || s.store.count() != 1 {
				t.Errorf("%+v, %d credentials", r, s.store.count())
			}
			s.wallet.one()
		})
	}
}

func TestWork_GivesUpAtTheDeadline(t *testing.T) {
	for name, c := range map[string]struct {
		down int
		most int // posts in 24 h
	}{"refused": {401, 30}, "no answer": {503, 120}} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, approving)
			id := s.ask("pid-1", membership11)
			s.wallet.down = c.down
			began := s.world.Clock.Now()
			s.until(t, id, func(r issuer.Request) bool { return r.NextTry.IsZero() })
			r := s.kept(id)
			if r.State != issuer.Lost || !r.Delivered.IsZero() || r.LastError == "" {
				t.Errorf("%+v", r)
			}
			if took := s.world.Clock.Now().Sub(began); took != 24*time.Hour {
				t.Errorf("it was given up after %s", took)
			}
			if s.wallet.posts > c.most || s.wallet.posts < 10 {
				t.Errorf("%d posts in a day", s.wallet.posts)
			}
			s.wallet.down = 0
			s.world.Clock.Advance(time.Hour)
			s.work()
			if s.wallet.taken() != 0 {
				t.Error("delivered after it was given up")
			}
			if got := s.state(id).Status; got != dcp.Issued {
				t.Errorf("status %s", got)
			}
		})
	}
}

func TestWork_OtherNamesOnlyWhereTheyMayHelp(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(s *scene)
		posts int
	}{
		"refused by 401":          {func(s *scene) { s.wallet.down = 401 }, 1},
		"refused by 500":          {func(s *scene) { s.wallet.down = 500 }, 1},
		"refused by 400":          {func(s *scene) { s.wallet.down = 400 }, 2},
		"no connection":           {func(s *scene) { s.wallet.err = errors.New("connection refused") }, 1},
		"configured, and closed":  {func(s *scene) { s.wallet.names, s.peers[s.holder.DID] = olderNames, trust.Peer{FormatNames: "profile"} }, 1},
		"configured, and refused": {func(s *scene) { s.peers[s.holder.DID] = trust.Peer{FormatNames: trust.LegacyNames} }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, approving)
			s.ask("pid-1", membership11)
			c.spoil(s)
			s.work()
			if s.wallet.posts != c.posts || s.wallet.taken() != 0 {
				t.Errorf("%d posts, %d taken; want %d posts", s.wallet.posts, s.wallet.taken(), c.posts)
			}
		})
	}
}

func TestWork_NoIssuerAnyMore(t *testing.T) {
	s := newScene(t, approving)
	id := s.ask("pid-1", membership11)
	s.issuer.Settings = nil
	s.work()
	if r := s.kept(id); s.store.count() != 0 || r.LastError == "" || !r.NextTry.After(s.world.Clock.Now()) {
		t.Errorf("%+v, %d credentials", r, s.store.count())
	}
}

func TestWork_Next(t *testing.T) {
	s := newScene(t, approving)
	next, err := s.service.Work(t.Context())
	if want := s.world.Clock.Now().Add(30 * time.Second); err != nil || !next.Equal(want) {
		t.Errorf("with nothing to do: %s, %v; want %s", next, err, want)
	}
	for i := range 20 {
		s.ask("pid-"+string(rune('a'+i)), membership11)
	}
	if next, err = s.service.Work(t.Context()); err != nil || !next.Equal(s.world.Clock.Now()) {
		t.Errorf("with more than one pass to do: %s, %v; want now", next, err)
	}
	s.work()
	if s.wallet.taken() != 20 {
		t.Errorf("%d deliveries, want 20", s.wallet.taken())
	}
	s.store.before = func(string) error { return errors.New("no connection") }
	if _, err = s.service.Work(t.Context()); err == nil {
		t.Error("the store's error was lost")
	}
}

// A wallet that is out of reach is asked once in a pass, whatever is due to it.
func TestWork_OneTryForAWalletOutOfReach(t *testing.T) {
	s := newScene(t, approving)
	var ids []string
	for i := range 5 {
		ids = append(ids, s.ask("pid-"+string(rune('a'+i)), membership11))
	}
	s.wallet.err = errors.New("connection refused")
	s.work()
	if s.wallet.posts != 1 || s.store.count() != len(ids) {
		t.Errorf("%d posts, %d credentials; want 1 and %d", s.wallet.posts, s.store.count(), len(ids))
	}
	for _, id := range ids {
		if r := s.kept(id); r.State != issuer.Issued || r.LastError == "" || r.Tries != 1 {
			t.Errorf("%+v", r)
		}
	}
	s.wallet.err = nil
	for _, id := range ids {
		s.until(t, id, func(r issuer.Request) bool { return !r.Delivered.IsZero() })
	}
	s.wallet.down = 401 // an answer to one is none to the others
	before := s.wallet.posts
	for i := range 3 {
		s.ask("more-"+string(rune('a'+i)), membership11)
	}
	s.work()
	if got := s.wallet.posts - before; got != 3 {
		t.Errorf("%d posts, want 3", got)
	}
}

func TestWork_StopsWithItsContext(t *testing.T) {
	s := newScene(t, approving)
	id := s.ask("pid-1", membership11)
	ctx, stop := context.WithCancel(t.Context())
	s.wallet.hook = stop
	s.wallet.err = context.Canceled
	if _, err := s.service.Work(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
	if r := s.kept(id); r.State != issuer.Issued || r.Tries != 0 || r.NextTry.IsZero() {
		t.Errorf("%+v", r)
	}
}
