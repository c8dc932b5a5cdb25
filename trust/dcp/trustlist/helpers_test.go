// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trustlist_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
	"github.com/musubi-ods/musubi/trust/dcp/trustlist"
)

// memory is a trustlist.Store.
type memory struct {
	mu    sync.Mutex
	err   error
	lists map[[2]string]kept
	draft map[string][]dcp.TrustedIssuer
}

type kept struct {
	sequence int64
	raw      string
}

func newMemory() *memory {
	return &memory{lists: map[[2]string]kept{}, draft: map[string][]dcp.TrustedIssuer{}}
}

func (m *memory) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

func (m *memory) TrustList(_ context.Context, contextID, authority string) (int64, string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.lists[[2]string{contextID, authority}]
	if m.err == nil && !ok {
		return 0, "", trustlist.ErrNone
	}
	return k.sequence, k.raw, m.err
}

func (m *memory) PutTrustList(_ context.Context, contextID, authority string, sequence int64, raw string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := [2]string{contextID, authority}
	if k, ok := m.lists[key]; ok && k.raw != raw && k.sequence >= sequence {
		return trustlist.ErrRollback
	}
	if m.err == nil {
		m.lists[key] = kept{sequence, raw}
	}
	return m.err
}

func (m *memory) TrustDraft(_ context.Context, contextID string) ([]dcp.TrustedIssuer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.draft[contextID]), m.err
}

func (m *memory) PutTrustDraft(_ context.Context, contextID string, i dcp.TrustedIssuer) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := slices.DeleteFunc(slices.Clone(m.draft[contextID]), func(old dcp.TrustedIssuer) bool { return old.ID == i.ID })
	if len(i.Types) > 0 {
		list = append(list, i)
	}
	slices.SortFunc(list, func(a, b dcp.TrustedIssuer) int { return strings.Compare(a.ID, b.ID) })
	m.draft[contextID] = list
	return m.err
}

// scene is an authority, a participant that uses its list, and where the list
// is.
type scene struct {
	t         testing.TB
	world     *dcptest.World
	authority *dcptest.Party
	store     *memory
	settings  dcp.Settings

	mu     sync.Mutex
	served string
	status int
	gets   int
	hold   chan struct{} // if set, answers wait for it
	began  chan struct{} // is told of each request
	logs   []error
}

const (
	member    = "acme"
	registrar = "did:web:registrar.example"
	listURL   = "https://lists.example/trust/list"
)

func newScene(t testing.TB) *scene {
	w := dcptest.NewWorld(t)
	s := &scene{t: t, world: w, authority: w.Party("authority"), store: newMemory(), status: http.StatusOK, began: make(chan struct{}, 100)}
	s.settings = dcp.Settings{TrustList: &dcp.TrustListSource{URL: listURL, Authority: s.authority.DID}}
	w.Network.Handle("lists.example", http.HandlerFunc(s.serve))
	return s
}

func (s *scene) serve(out http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	s.gets++
	served, status, hold := s.served, s.status, s.hold
	s.mu.Unlock()
	s.began <- struct{}{}
	if hold != nil {
		<-hold
	}
	out.WriteHeader(status)
	_, _ = out.Write([]byte(served))
}

func (s *scene) publish(raw string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.served, s.status = raw, http.StatusOK
}

func (s *scene) answer(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

func (s *scene) fetched() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gets
}

func (s *scene) source(store trustlist.Store) *trustlist.Source {
	return trustlist.NewSource(trustlist.Config{
		Store: store, DIDs: s.world.DIDs, HTTP: s.world.Network, Now: s.world.Clock.Now,
		Settings: func(context.Context, string) (dcp.Settings, error) { return s.settings, nil },
		Log: func(_, _ string, err error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.logs = append(s.logs, err)
		},
	})
}

// logged reports whether a list was refused for a reason.
func (s *scene) logged(why error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.logs, func(err error) bool { return errors.Is(err, why) })
}

// list is good for a day and trusts the registrar for memberships.
func (s *scene) list(sequence int64) trustlist.List {
	now := s.world.Clock.Now()
	return trustlist.List{
		Dataspace: dcptest.Dataspace, Authority: s.authority.DID, Sequence: sequence, Issued: now, ValidUntil: now.Add(24 * time.Hour),
		Issuers: []dcp.TrustedIssuer{{ID: registrar, Types: []string{trust.MembershipCredential}, Conformance: trust.Lenient}},
	}
}

func (s *scene) sign(l trustlist.List) string {
	s.t.Helper()
	raw, err := trustlist.Sign(l, s.authority.Issuer)
	if err != nil {
		s.t.Fatal(err)
	}
	return raw
}

// trusts asks for the registrar's memberships and demands an answer.
func trusts(t testing.TB, s *trustlist.Source, want bool, sequence int64) {
	t.Helper()
	got, _, by, err := s.Trusts(t.Context(), member, registrar, trust.MembershipCredential)
	if err != nil || got != want || want && by != sequence {
		t.Fatalf("trusted %t by list %d, %v; want %t by %d", got, by, err, want, sequence)
	}
}

func unavailable(t testing.TB, s *trustlist.Source) {
	t.Helper()
	got, _, _, err := s.Trusts(t.Context(), member, registrar, trust.MembershipCredential)
	if got || !errors.Is(err, trust.ErrUnavailable) {
		t.Fatalf("trusted %t, %v; want trust.ErrUnavailable", got, err)
	}
}
