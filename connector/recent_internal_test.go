// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// countingStore has one participant, and counts who asks for it.
type countingStore struct {
	p     trust.Participant
	asked int
}

func (s *countingStore) Participant(_ context.Context, contextID string) (trust.Participant, error) {
	s.asked++
	if contextID != s.p.Context {
		return trust.Participant{}, trust.ErrUnknownParticipant
	}
	return s.p, nil
}

// What another replica decided counts after a second, what this one decided at
// once; settings are read again only where they are others.
func TestRecentParticipant(t *testing.T) {
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	store := &countingStore{p: trust.Participant{Context: "acme", ID: "did:web:acme.example", Profile: profileDCP}}
	r := &recent{store: store, now: func() time.Time { return now }}
	purposes := func() int {
		t.Helper()
		p, err := r.participant(t.Context(), "acme")
		if err != nil {
			t.Fatal(err)
		}
		s, err := r.settings(p)
		if err != nil {
			t.Fatal(err)
		}
		return len(s.RequiredFor(trust.ForCatalog))
	}
	first, again := purposes(), purposes()
	if first != 2 || again != 2 || store.asked != 1 {
		t.Errorf("asked %d times", store.asked)
	}
	store.p.Settings = json.RawMessage(`{"requires":{"catalog":["MembershipCredential"]}}`)
	now = now.Add(recentFor - 1)
	if purposes() != 2 {
		t.Error("it is not remembered")
	}
	now = now.Add(1)
	if purposes() != 1 {
		t.Error("old settings are in use after a second")
	}
	store.p.Settings = nil
	r.forget("acme")
	if purposes() != 2 {
		t.Error("old settings are in use after a change")
	}
	store.p.ID = "urn:none" // settings that cannot be read are not remembered as good
	if _, err := r.settings(store.p); !errors.Is(err, dcp.ErrSettings) {
		t.Errorf("error %v", err)
	}
	for range 3 {
		if _, err := r.participant(t.Context(), "nobody"); !errors.Is(err, trust.ErrUnknownParticipant) {
			t.Errorf("error %v", err)
		}
	}
	if len(r.rows.known) > 2 || len(r.read) != 1 {
		t.Errorf("%d and %d are remembered", len(r.rows.known), len(r.read))
	}
}

// noKeys is a key store without keys.
type noKeys struct{ trust.KeyStore }

func (noKeys) PublicKeys(context.Context, string, string) ([]trust.PublicKey, error) { return nil, nil }

// We answer for a DID ourselves only where it leads to us: that of another host
// is asked for there, and of two participants with one DID neither replaces the
// other.
func TestLocalDocuments(t *testing.T) {
	own := trust.Participant{Context: "acme", ID: "did:web:here.example:acme", PublicURL: "https://here.example/acme", Profile: profileDCP}
	with := func(change func(*trust.Participant)) trust.Participant {
		p := own
		change(&p)
		return p
	}
	for name, c := range map[string]struct {
		list  []trust.Participant
		id    string
		local bool
	}{
		"ours":               {[]trust.Participant{own}, own.ID, true},
		"nobody's":           {[]trust.Participant{own}, "did:web:here.example:other", false},
		"of another case":    {[]trust.Participant{own}, "did:web:HERE.example:acme", false},
		"of another host":    {[]trust.Participant{with(func(p *trust.Participant) { p.ID = "did:web:victim.example" })}, "did:web:victim.example", false},
		"of another profile": {[]trust.Participant{with(func(p *trust.Participant) { p.Profile = preshared })}, own.ID, false},
		"twice": {[]trust.Participant{own, with(func(p *trust.Participant) {
			p.Context, p.PublicURL = "second", "https://here.example/second"
		}), with(func(p *trust.Participant) { p.Context, p.Profile = "third", preshared })}, own.ID, true},
	} {
		t.Run(name, func(t *testing.T) {
			d := &documents{keys: noKeys{}, now: time.Now, participants: func(context.Context) ([]trust.Participant, error) { return c.list, nil }}
			raw, ok, err := d.local(t.Context(), c.id)
			if err != nil || ok != c.local {
				t.Errorf("%s, %v, %v", raw, ok, err)
			}
			if p, _, _ := d.find(t.Context(), c.id); c.local && p.Context != "acme" {
				t.Errorf("it is that of %q", p.Context)
			}
		})
	}
}

// newTestConnector has a participant of each profile, and does not listen.
func newTestConnector(t *testing.T, more ...ParticipantConfig) (*Connector, error) {
	t.Helper()
	cfg := Default()
	cfg.Store, cfg.DevMode = "memory:", true
	cfg.Protocol.Listen, cfg.Management.Listen = "-", "-"
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Stop(context.Background()) })
	for _, p := range append([]ParticipantConfig{
		{Context: "acme", PublicURL: "https://here.example/acme"},
		{Context: "plain", ID: "did:web:here.example:plain", PublicURL: "https://here.example/plain", Profile: preshared},
	}, more...) {
		if _, err := c.AddParticipant(t.Context(), p); err != nil {
			return c, err
		}
	}
	return c, nil
}

// Two participants with one DID would take each other's tokens.
func TestOneDIDIsOneParticipants(t *testing.T) {
	for _, p := range []ParticipantConfig{
		{Context: "second", PublicURL: "https://here.example/second", ID: "did:web:here.example:acme"},
		{Context: "second", PublicURL: "https://here.example/acme"},
	} {
		if _, err := newTestConnector(t, p); !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), `participant "acme"`) {
			t.Errorf("error %v", err)
		}
	}
	if _, err := newTestConnector(t, ParticipantConfig{Context: "acme", PublicURL: "https://here.example/acme"}); err != nil {
		t.Errorf("changed: %v", err)
	}
}

// A participant of another profile has no wallet and no token service, even if
// its id is a DID, and is no error either.
func TestClaimsAreOfOneProfile(t *testing.T) {
	c, err := newTestConnector(t)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][2]int{ // of acme, of plain
		"/dcp/presentations/query": {401, 404},
		"/dcp/offers":              {401, 404},
		"/dcp/credentials":         {401, 404},
		"/issuer/credentials":      {404, 404},
		"/sts/token":               {404, 404},
	} {
		for i, name := range []string{"acme", "plain"} {
			answer := httptest.NewRecorder()
			c.ProtocolHandler().ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/"+name+path, strings.NewReader("{}")))
			if answer.Code != want[i] {
				t.Errorf("%s of %s: %d, want %d: %s", path, name, answer.Code, want[i], answer.Body)
			}
		}
	}
	answer := httptest.NewRecorder()
	c.ProtocolHandler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/plain/did.json", http.NoBody))
	if answer.Code != http.StatusNotFound {
		t.Errorf("did.json of plain: %d", answer.Code)
	}
}

// That an issuer's credentials are judged leniently says nothing of messages it
// sends, and that a peer is judged leniently nothing of what it issues.
func TestLenienceDoesNotSpread(t *testing.T) {
	c, err := newTestConnector(t, ParticipantConfig{
		Context: "judge", PublicURL: "https://here.example/judge",
		Identity: dcp.Settings{TrustedIssuers: []dcp.TrustedIssuer{
			{ID: "did:web:issuer.example", Types: []string{"*"}, Conformance: trust.Lenient},
			{ID: "did:web:peer.example", Types: []string{"*"}},
		}},
		Peers: []PeerConfig{{ID: "did:web:peer.example", URL: "https://peer.example", Conformance: trust.Lenient}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for who, want := range map[string][3]bool{ // its messages, its calls to our wallet, its credentials
		"did:web:issuer.example": {false, true, true},
		"did:web:peer.example":   {true, true, false},
		"did:web:none.example":   {false, false, false},
	} {
		_, credentials, _, err := c.identity.trust.Trusts(t.Context(), "judge", who, trust.MembershipCredential)
		got := [3]bool{
			c.peerConformance(t.Context(), "judge", who).Lenient(), c.conformance(t.Context(), "judge", who).Lenient(), credentials.Lenient(),
		}
		if err != nil || got != want {
			t.Errorf("%s: %v, %v", who, got, err)
		}
		if c.peerConformance(t.Context(), "acme", who).Lenient() || c.conformance(t.Context(), "acme", who).Lenient() {
			t.Errorf("%s: lenient with another participant too", who)
		}
	}
}

// Settings that are changed count for the next message.
func TestSettingsCountAtOnce(t *testing.T) {
	c, err := newTestConnector(t)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"https://a.example", "https://b.example"} {
		if _, err := c.setIdentity(t.Context(), "acme", dcp.Settings{Dataspace: want}); err != nil {
			t.Fatal(err)
		}
		if s, err := c.settings(t.Context(), "acme"); err != nil || s.Dataspace != want {
			t.Errorf("%q, %v", s.Dataspace, err)
		}
	}
}
