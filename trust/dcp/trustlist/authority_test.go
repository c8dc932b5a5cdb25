// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trustlist_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
	"github.com/musubi-ods/musubi/trust/dcp/trustlist"
)

func noSettings(context.Context, string) (dcp.Settings, error) {
	return dcp.Settings{}, errors.New("no connection")
}

func cancelled(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithCancel(t.Context())
}

func (s *scene) office() *trustlist.Authority {
	s.authority.Settings = []byte(`{"dataspace":"` + dcptest.Dataspace + `"}`)
	return trustlist.NewAuthority(trustlist.AuthorityConfig{
		Store: s.store, Keys: s.world.Keys, Participant: s.world.Participant, Now: s.world.Clock.Now,
	})
}

// route serves GET /trust/list.
func (s *scene) route(t *testing.T, a *trustlist.Authority) (dcp.Answer, error) {
	t.Helper()
	r := a.Routes()
	if len(r) != 1 || r[0].Method != http.MethodGet || r[0].Path != "/trust/list" {
		t.Fatalf("routes %v", r)
	}
	return r[0].Serve(t.Context(), dcp.Call{Own: s.authority.Participant()})
}

func TestAuthority_FromDraftToTrust(t *testing.T) {
	s := newScene(t)
	a, ctx, own := s.office(), t.Context(), s.authority.Context
	var fault *dcp.Fault
	if _, err := s.route(t, a); !errors.As(err, &fault) || fault.Status != http.StatusNotFound {
		t.Errorf("before there is a list: %v, want 404", err)
	}
	if _, err := a.Published(ctx, own); !errors.Is(err, trustlist.ErrNone) {
		t.Errorf("before there is a list: %v, want ErrNone", err)
	}
	i := dcp.TrustedIssuer{ID: registrar, Types: []string{trust.MembershipCredential}}
	if err := a.AddIssuer(ctx, own, i); err != nil {
		t.Fatal(err)
	}
	if draft, err := a.Draft(ctx, own); err != nil || !cmp.Equal(draft, []dcp.TrustedIssuer{i}) {
		t.Errorf("draft %v, %v", draft, err)
	}
	l, err := a.Publish(ctx, own, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if l.Sequence != 1 || l.Dataspace != dcptest.Dataspace || !l.ValidUntil.Equal(s.world.Clock.Now().Add(time.Hour)) {
		t.Errorf("published %+v", l)
	}
	answer, err := s.route(t, a)
	if err != nil || answer.Status != http.StatusOK || answer.ContentType != "application/jwt" {
		t.Fatalf("%+v, %v", answer, err)
	}
	if published, err := a.Published(ctx, own); err != nil || !cmp.Equal(published, l) {
		t.Errorf("published %+v, %v; want %+v", published, err, l)
	}
	s.publish(string(answer.Body))
	source := s.source(newMemory())
	trusts(t, source, true, 1)

	if err := a.RemoveIssuer(ctx, own, registrar); err != nil {
		t.Fatal(err)
	}
	if l, err = a.Publish(ctx, own, time.Hour); err != nil || l.Sequence != 2 {
		t.Fatalf("%+v, %v; want sequence 2", l, err)
	}
	answer, _ = s.route(t, a)
	s.publish(string(answer.Body))
	s.world.Clock.Advance(5 * time.Minute)
	trusts(t, source, false, 2)
}

func TestAuthority_Refuses(t *testing.T) {
	s := newScene(t)
	a := s.office()
	for name, i := range map[string]dcp.TrustedIssuer{
		"no DID":      {ID: "registrar", Types: []string{"*"}},
		"no types":    {ID: registrar},
		"conformance": {ID: registrar, Types: []string{"*"}, Conformance: "loose"},
	} {
		if err := a.AddIssuer(t.Context(), s.authority.Context, i); !errors.Is(err, trustlist.ErrList) {
			t.Errorf("%s: %v, want ErrList", name, err)
		}
	}
	for _, validity := range []time.Duration{0, -time.Hour, time.Millisecond} {
		if _, err := a.Publish(t.Context(), s.authority.Context, validity); !errors.Is(err, trustlist.ErrList) {
			t.Errorf("validity %s: %v, want ErrList", validity, err)
		}
	}
	if _, err := a.Publish(t.Context(), "nobody", time.Hour); !errors.Is(err, trust.ErrUnknownParticipant) {
		t.Errorf("%v, want ErrUnknownParticipant", err)
	}
	s.world.Keys.Err = errors.New("device gone")
	if _, err := a.Publish(t.Context(), s.authority.Context, time.Hour); !errors.Is(err, s.world.Keys.Err) {
		t.Errorf("%v, want the key store's error", err)
	}
}

func TestAuthority_TwoPublishAtOnce(t *testing.T) {
	s := newScene(t)
	a := s.office()
	var all sync.WaitGroup
	sequences := make(chan int64, 4)
	for range cap(sequences) {
		all.Go(func() {
			l, err := a.Publish(t.Context(), s.authority.Context, time.Hour)
			if err != nil {
				t.Error(err)
			}
			sequences <- l.Sequence
		})
	}
	all.Wait()
	seen := map[int64]bool{}
	for range cap(sequences) {
		seen[<-sequences] = true
	}
	if len(seen) != cap(sequences) || !seen[4] {
		t.Errorf("sequences %v, want 1 to 4", seen)
	}
}
