// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

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
