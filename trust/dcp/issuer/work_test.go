// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

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

// The same before anything is issued: only one of them issues.
func TestWork_AnExpiredLeaseBeforeIssuing(t *testing.T) {
	s := newScene(t, approving)
	id := s.ask("pid-1", membership11, membership20)
	slow := issuer.New(s.config)
	looks := 0
	s.store.before = func(method string) error {
		if method != "ListUse" {
			return nil
		}
		if looks++; looks > 1 {
			return nil
		}
		s.world.Clock.Advance(3 * time.Minute)
		_, err := s.service.Work(t.Context())
		return err
	}
	if _, err := slow.Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.store.count() != 2 || looks != 2 || len(s.wallet.one().Credentials) != 2 {
		t.Errorf("%d credentials, %d looks for places; want 2 and 2", s.store.count(), looks)
	}
	if r := s.kept(id); r.Delivered.IsZero() || r.LastError != "" {
		t.Errorf("%+v", r)
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
