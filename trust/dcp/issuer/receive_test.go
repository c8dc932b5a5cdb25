// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

func TestReceive_WaitsForAPerson(t *testing.T) {
	s := newScene(t)
	id := s.ask("pid-1", membership20, membership11)
	r := s.kept(id)
	if r.State != issuer.Received || r.Holder != s.holder.DID || r.HolderPID != "pid-1" || r.Token != "access-token" || !r.NextTry.IsZero() {
		t.Errorf("%+v", r)
	}
	s.world.Clock.Advance(48 * time.Hour)
	s.work()
	if got := s.state(id).Status; got != dcp.Received || s.store.count() != 0 {
		t.Errorf("status %s, %d credentials; nobody approved", got, s.store.count())
	}
}

func TestReceive_TheSameAgain(t *testing.T) {
	s := newScene(t)
	first := s.ask("pid-1", membership11, membership20)
	s.world.Clock.Advance(time.Hour)
	d := s.holder.Draft(s.issuer.DID)
	d.Claims["token"] = "newer-token"
	a, err := s.call(http.MethodPost, "/issuer/credentials", d.Bearer(t), body(t, "pid-1", membership20, membership11, membership11))
	if err != nil || a.Status != http.StatusCreated || !strings.HasSuffix(a.Location, first) {
		t.Fatalf("%+v, %v; want 201 and request %s", a, err, first)
	}
	if got := s.kept(first).Token; got != "newer-token" {
		t.Errorf("the token kept is %q, want the newer one", got)
	}
	if other := s.ask("pid-1", membership11); other == first {
		t.Error("a request for something else was taken for the same")
	}
	if other := s.ask("pid-2", membership11, membership20); other == first {
		t.Error("a request of another id was taken for the same")
	}
	stranger := s.world.Party("stranger")
	a, err = s.call(http.MethodPost, "/issuer/credentials", stranger.Draft(s.issuer.DID).Bearer(t), body(t, "pid-1", membership11, membership20))
	if err != nil || strings.HasSuffix(a.Location, first) {
		t.Errorf("another holder got %+v, %v", a, err)
	}
	if _, err := s.service.Reject(t.Context(), s.issuer.Context, first, "an officer", "no"); err != nil {
		t.Fatal(err)
	}
	if again := s.ask("pid-1", membership11, membership20); again == first {
		t.Error("a request that was refused cannot be made again")
	}
}

func TestReceive_Refuses(t *testing.T) {
	s := newScene(t)
	good := string(body(t, "pid-1", membership11))
	for name, raw := range map[string]string{
		"unknown type":       string(body(t, "pid-1", "OtherCredential-vc11")),
		"unknown profile":    string(body(t, "pid-1", "MembershipCredential-vc99")),
		"type alone":         string(body(t, "pid-1", trust.MembershipCredential)),
		"one of two unknown": string(body(t, "pid-1", membership11, "x-vc11")),
		"no credentials":     strings.Replace(good, `[{"id":"`+membership11+`"}]`, "[]", 1),
		"empty holderPid":    strings.Replace(good, `"pid-1"`, `""`, 1),
		"long holderPid":     string(body(t, strings.Repeat("x", 600), membership11)),
		"hidden holderPid":   string(body(t, "a\x00b", membership11)),
		"no JSON":            "{",
		"another message":    strings.Replace(good, "CredentialRequestMessage", "CredentialMessage", 1),
		"no context":         strings.Replace(good, "https://w3id.org/dspace-dcp/v1.0/dcp.jsonld", "https://example.com", 1),
		"empty":              "",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.call(http.MethodPost, "/issuer/credentials", s.holder.Draft(s.issuer.DID).Bearer(t), []byte(raw))
			fault(t, err, http.StatusBadRequest)
		})
	}
	if list, _ := s.store.IssuerRequests(t.Context(), s.issuer.Context, "", "", 10); len(list) != 0 {
		t.Errorf("%d requests were kept", len(list))
	}
}

func TestReceive_NotTooManyOfOneHolder(t *testing.T) {
	s := newScene(t)
	for i := range 50 {
		s.ask(fmt.Sprint("pid-", i), membership11)
	}
	_, err := s.call(http.MethodPost, "/issuer/credentials", s.holder.Draft(s.issuer.DID).Bearer(t), body(t, "one more", membership11))
	fault(t, err, http.StatusTooManyRequests)
	s.ask("pid-3", membership11) // one that is open may be repeated
}

func TestReceive_StoreOutOfReach(t *testing.T) {
	s := newScene(t)
	down := errors.New("no connection")
	for _, method := range []string{"IssuerRequests", "SaveIssuerRequest"} {
		s.store.before = func(m string) error {
			if m == method {
				return down
			}
			return nil
		}
		token := s.holder.Draft(s.issuer.DID).Bearer(t)
		if _, err := s.call(http.MethodPost, "/issuer/credentials", token, body(t, "pid-1", membership11)); !errors.Is(err, down) {
			t.Errorf("%s: %v", method, err)
		}
		s.store.before = nil
		if a, err := s.call(http.MethodPost, "/issuer/credentials", token, body(t, "pid-1", membership11)); err != nil {
			t.Errorf("the same token after a failure of ours: %+v, %v", a, err)
		}
	}
}

func TestRoutes_OfNoIssuer(t *testing.T) {
	for name, spoil := range map[string]func(s *scene){
		"issues nothing": func(s *scene) { s.issuer.Settings = nil },
		"switched off":   func(s *scene) { s.set(func(d *dcp.Settings) { d.Off = []string{"issuer"} }) },
		"another profile, without a DID": func(s *scene) {
			s.issuer.Settings, s.issuer.DID = nil, "acme"
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			spoil(s)
			token := s.holder.Draft(s.issuer.DID).Bearer(t)
			for _, r := range s.service.Routes() {
				_, err := s.call(r.Method, strings.Replace(r.Path, ":id", "1-revocation-bssl", 1), token, body(t, "pid-1", membership11))
				fault(t, err, http.StatusNotFound)
			}
		})
	}
}

func TestRequestStatus_OnlyForItsHolder(t *testing.T) {
	s := newScene(t)
	id := s.ask("pid-1", membership11)
	stranger := s.world.Party("stranger")
	_, foreign := s.call(http.MethodGet, "/issuer/requests/"+id, stranger.Draft(s.issuer.DID).Bearer(t), nil)
	_, unknown := s.call(http.MethodGet, "/issuer/requests/"+id+"0", stranger.Draft(s.issuer.DID).Bearer(t), nil)
	_, long := s.call(http.MethodGet, "/issuer/requests/"+strings.Repeat("0", 1000), stranger.Draft(s.issuer.DID).Bearer(t), nil)
	for _, err := range []error{foreign, unknown, long} {
		fault(t, err, http.StatusNotFound)
		if err.Error() != foreign.Error() {
			t.Errorf("%q differs from %q", err, foreign)
		}
	}
	other := s.world.Party("other", "IssuerService", "https://other.example/issuer")
	other.Settings = s.issuer.Settings
	s.issuer = other // of another participant of the same process
	_, err := s.call(http.MethodGet, "/issuer/requests/"+id, s.holder.Draft(other.DID).Bearer(t), nil)
	fault(t, err, http.StatusNotFound)
}

func TestAutoApprove(t *testing.T) {
	named := json.RawMessage(`{"membershipNumber":"NAMED","role":["consumer"]}`)
	for _, c := range []struct {
		name   string
		rules  func(holder string) []dcp.Approval
		ids    []string
		state  string
		number string
	}{
		{"nobody", func(string) []dcp.Approval { return nil }, []string{membership11}, issuer.Received, ""},
		{"another", func(string) []dcp.Approval {
			return []dcp.Approval{{Holder: "did:web:x.example", Claims: map[string]json.RawMessage{trust.MembershipCredential: named}}}
		}, []string{membership11}, issuer.Received, ""},
		{"named, before everybody", func(holder string) []dcp.Approval {
			return []dcp.Approval{{Holder: "*", Claims: map[string]json.RawMessage{trust.MembershipCredential: member}}, {Holder: holder, Claims: map[string]json.RawMessage{trust.MembershipCredential: named}}}
		}, []string{membership11, membership20}, issuer.Approved, "NAMED"},
		{"claims for more than was asked", func(string) []dcp.Approval {
			return []dcp.Approval{{Holder: "*", Claims: map[string]json.RawMessage{trust.MembershipCredential: named, "X": named}}}
		}, []string{membership11}, issuer.Approved, "NAMED"},
		{"claims that no verifier takes", func(string) []dcp.Approval {
			return []dcp.Approval{{Holder: "*", Claims: map[string]json.RawMessage{trust.MembershipCredential: json.RawMessage(`{"role":["king"]}`)}}}
		}, []string{membership11}, issuer.Received, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t)
			s.set(func(d *dcp.Settings) { d.Issues.AutoApprove = c.rules(s.holder.DID) })
			r := s.kept(s.ask("pid-1", c.ids...))
			if r.State != c.state || (c.state == issuer.Approved) != (r.Decided == "rule" && !r.NextTry.IsZero()) {
				t.Fatalf("%+v", r)
			}
			if c.number != "" && !strings.Contains(string(r.Claims[trust.MembershipCredential]), c.number) {
				t.Errorf("claims %s", r.Claims[trust.MembershipCredential])
			}
			select {
			case <-s.service.Wake():
				if c.state != issuer.Approved {
					t.Error("a wake-up for nothing")
				}
			default:
				if c.state == issuer.Approved {
					t.Error("no wake-up")
				}
			}
		})
	}
}

func FuzzRequest(f *testing.F) {
	s := newScene(f, approving)
	f.Add(body(f, "pid-1", membership11, sensitive11))
	f.Add([]byte(`{"@context":["https://w3id.org/dspace-dcp/v1.0/dcp.jsonld"],"type":"CredentialRequestMessage","holderPid":"\u0000","credentials":[{"id":"-vc11"}]}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s.store = newMemory()
		s.config.Store = s.store
		s.service, s.t = issuer.New(s.config), t
		a, err := s.call(http.MethodPost, "/issuer/credentials", s.holder.Draft(s.issuer.DID).Bearer(t), raw)
		if err != nil {
			fault(t, err, http.StatusBadRequest)
			return
		}
		if a.Status != http.StatusCreated || a.Location == "" {
			t.Fatalf("%+v", a)
		}
		list, _ := s.store.IssuerRequests(t.Context(), s.issuer.Context, "", "", 10)
		if len(list) != 1 || list[0].HolderPID == "" || len(list[0].Credentials) == 0 {
			t.Fatalf("kept %+v", list)
		}
	})
}
