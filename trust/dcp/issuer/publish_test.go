// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
	"github.com/musubi-ods/musubi/trust/dcp/status"
)

func (s *scene) list(t *testing.T, name, accept string) (dcp.Answer, error) {
	t.Helper()
	serve, param := s.route(http.MethodGet, "/status/"+name)
	return serve(t.Context(), dcp.Call{Own: s.issuer.Participant(), Param: param, Accept: accept})
}

func TestStatusList_Forms(t *testing.T) {
	s := newScene(t, approving)
	s.issued(t, membership11)
	for _, c := range []struct {
		name, accept string
		dev          bool
		status       int // of a fault
		contentType  string
	}{
		{"1-revocation-sl2021", "", false, 0, "application/vc+jwt"},
		{"1-revocation-sl2021", "*/*", false, 0, "application/vc+jwt"},
		{"1-suspension-bssl", "application/vc+jwt", false, 0, "application/vc+jwt"},
		{"1-revocation-bssl20", "application/*;q=0.5", false, 0, "application/vc+jwt"},
		{"1-revocation-bssl", "application/json, */*", false, 0, "application/vc+jwt"},
		{"1-revocation-bssl", "application/json, application/vc+jwt", true, 0, "application/vc+jwt"},
		{"1-revocation-bssl", "application/json", false, http.StatusNotAcceptable, ""},
		{"1-revocation-bssl", "application/json", true, 0, "application/json"},
		{"1-revocation-sl2021", "Application/JSON; charset=utf-8, */*", true, 0, "application/json"},
		{"1-revocation-bssl", "text/html", true, http.StatusNotAcceptable, ""},
		{"1-revocation-bssl", "*/*;q=0", false, http.StatusNotAcceptable, ""},
		{"1-revocation-bssl", ",,", false, http.StatusNotAcceptable, ""},
		{"2-revocation-sl2021", "*/*", false, http.StatusNotFound, ""},
		{"0-revocation-sl2021", "*/*", false, http.StatusNotFound, ""},
		{"01-revocation-sl2021", "*/*", false, http.StatusNotFound, ""},
		{"1-refresh-sl2021", "*/*", false, http.StatusNotFound, ""},
		{"1-revocation-other", "*/*", false, http.StatusNotFound, ""},
		{"9999999999-revocation-bssl", "*/*", false, http.StatusNotFound, ""},
		{"", "*/*", false, http.StatusNotFound, ""},
		{"1-revocation-bssl/..", "*/*", false, http.StatusNotFound, ""},
	} {
		t.Run(c.name+" for "+c.accept, func(t *testing.T) {
			s.config.DevMode = c.dev
			s.service = issuer.New(s.config)
			a, err := s.list(t, c.name, c.accept)
			if c.status != 0 {
				fault(t, err, c.status)
				return
			}
			if err != nil || a.Status != http.StatusOK || a.ContentType != c.contentType {
				t.Fatalf("%+v, %v; want %s", a, err, c.contentType)
			}
			if c.contentType == "application/json" {
				var body struct {
					ID string `json:"id"`
				}
				if err := json.Unmarshal(a.Body, &body); err != nil || body.ID != "https://registrar.example/status/"+c.name {
					t.Errorf("%s, %v", a.Body, err)
				}
				return
			}
			parsed, err := jose.Parse(string(a.Body), 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			claims, err := parsed.Verify(s.issuer.Issuer.Signer.Public())
			if err != nil {
				t.Fatal(err)
			}
			if plain := strings.HasSuffix(c.name, "bssl20"); claims.Has("vc") == plain {
				t.Errorf("claim vc: %t", claims.Has("vc"))
			}
		})
	}
}

// Whoever names a signed form gets it. Unsigned lists are for others, where
// that is set.
func TestStatusList_UnsignedForWhoeverAsksForNoSignedOne(t *testing.T) {
	s := newScene(t, approving, func(d *dcp.Settings) { d.Issues.UnsignedLists = true })
	s.issued(t, membership11)
	for accept, want := range map[string]string{
		"": "application/json", "*/*": "application/json", "application/*": "application/json", "application/json": "application/json",
		"application/vc+jwt": "application/vc+jwt", "application/jwt": "application/vc+jwt",
		"*/*, application/vc+jwt;q=0.9": "application/vc+jwt", "application/jwt, */*": "application/vc+jwt",
		"application/json, */*": "application/json",
	} {
		a, err := s.list(t, "1-revocation-sl2021", accept)
		if err != nil || a.ContentType != want || json.Valid(a.Body) != (want == "application/json") {
			t.Errorf("%q: %+v, %v; want %s", accept, a, err, want)
		}
	}
	_, err := s.list(t, "1-revocation-sl2021", "text/html")
	fault(t, err, http.StatusNotAcceptable)
}

// An unsigned list says the same as a signed one, from the moment of a change,
// and each that is made is logged; what is sent again is not made anew.
func TestStatusList_UnsignedIsLoggedAndFollowsChanges(t *testing.T) {
	s := newScene(t, approving, func(d *dcp.Settings) { d.Issues.UnsignedLists = true })
	var logged []string
	s.config.Log = func(_, text string, _ error) {
		if strings.Contains(text, "without a signature") {
			logged = append(logged, text)
		}
	}
	s.service = issuer.New(s.config)
	raw := s.issued(t, membership11)[0]
	get := func() string {
		a, err := s.list(t, "1-revocation-sl2021", "*/*")
		if err != nil {
			t.Fatal(err)
		}
		return string(a.Body)
	}
	before := get()
	if get() != before || len(logged) != 1 {
		t.Errorf("made %d times: %q", len(logged), logged)
	}
	if _, err := s.service.Revoke(t.Context(), s.issuer.Context, s.idOf(t, raw), "left"); err != nil {
		t.Fatal(err)
	}
	if get() == before || len(logged) != 2 {
		t.Errorf("not made anew after a change: %q", logged)
	}
	s.wantStatus(t, raw, "V80") // our own verifier asks for a signed one
}

// The three forms of a list say the same.
func TestStatusList_PlainForm(t *testing.T) {
	s := newScene(t, approving)
	raw := s.issued(t, membership20)[0]
	c, err := s.proved(raw)
	if err != nil {
		t.Fatal(err)
	}
	for i := range c.Status {
		c.Status[i].List += "20" // where the plain form is
	}
	judge := func() error {
		checker := status.New(status.Config{HTTP: s.world.Network, DIDs: s.world.DIDs, Now: s.world.Clock.Now, MaxAge: -1})
		return checker.Check(t.Context(), status.Entry{Credential: c.ID, Issuer: c.Issuer, Entries: c.Status})
	}
	if err := judge(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.service.Revoke(t.Context(), s.issuer.Context, c.ID, "left"); err != nil {
		t.Fatal(err)
	}
	if refusal, ok := errors.AsType[*trust.Refusal](judge()); !ok || refusal.Check != "V80" {
		t.Errorf("%v, want V80", refusal)
	}
}

func TestStatusList_SignedAnewAfterHalfOfItsLifetime(t *testing.T) {
	s := newScene(t, approving, func(d *dcp.Settings) { d.Issues.StatusLifetime = dcp.Duration(20 * time.Second) })
	raw := s.issued(t, membership11)[0]
	get := func() string {
		a, err := s.list(t, "1-revocation-sl2021", "*/*")
		if err != nil {
			t.Fatal(err)
		}
		return string(a.Body)
	}
	first := get()
	s.world.Clock.Advance(10*time.Second - time.Millisecond)
	if get() != first {
		t.Error("signed anew within half of its lifetime")
	}
	s.world.Clock.Advance(time.Millisecond)
	second := get()
	if second == first {
		t.Error("not signed anew after half of its lifetime")
	}
	if _, err := s.service.Suspend(t.Context(), s.issuer.Context, s.idOf(t, raw), "x"); err != nil {
		t.Fatal(err)
	}
	if get() == second {
		t.Error("not signed anew after a change")
	}
	parsed, err := jose.Parse(first, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := parsed.Unproved()
	if err != nil {
		t.Fatal(err)
	}
	var body struct {
		VC struct {
			Until time.Time `json:"expirationDate"`
		} `json:"vc"`
	}
	if err := claims.Decode(&body); err != nil {
		t.Fatal(err)
	}
	if want := s.world.Clock.Now().Add(10 * time.Second); !claims.Expires.Equal(want) || !body.VC.Until.IsZero() && !body.VC.Until.Equal(want) {
		t.Errorf("the first list ends %s and %s, want %s", claims.Expires, body.VC.Until, want)
	}
}

func TestStatusList_Failures(t *testing.T) {
	s := newScene(t, approving)
	s.issued(t, membership11)
	down := errors.New("no connection")
	for _, method := range []string{"ListUse", "Marked"} {
		s.store.before = func(m string) error {
			if m == method {
				return down
			}
			return nil
		}
		if _, err := s.list(t, "1-revocation-sl2021", "*/*"); !errors.Is(err, down) {
			t.Errorf("%s: %v", method, err)
		}
	}
	s.store.before = nil
	s.world.Keys.Err = errors.New("device gone")
	if _, err := s.list(t, "1-revocation-sl2021", "*/*"); !errors.Is(err, s.world.Keys.Err) {
		t.Errorf("%v", err)
	}
}

func FuzzStatusList(f *testing.F) {
	s := newScene(f, approving)
	s.store.fill(s.issuer.Context, 1, 7)
	f.Add("1-revocation-bssl", "application/json, */*;q=0.1")
	f.Add("1-suspension-sl2021", "")
	f.Add("01-revocation-bssl20", ",;")
	f.Fuzz(func(t *testing.T, name, accept string) {
		serve, _ := s.route(http.MethodGet, "/status/x")
		a, err := serve(t.Context(), dcp.Call{Own: s.issuer.Participant(), Param: name, Accept: accept})
		refused, ok := errors.AsType[*dcp.Fault](err)
		switch {
		case err == nil && (a.ContentType != "application/vc+jwt" || !strings.HasPrefix(name, "1-")):
			t.Fatalf("%q for %q: %+v", name, accept, a)
		case err != nil && (!ok || refused.Status != http.StatusNotFound && refused.Status != http.StatusNotAcceptable):
			t.Fatalf("%q for %q: %v", name, accept, err)
		}
	})
}
