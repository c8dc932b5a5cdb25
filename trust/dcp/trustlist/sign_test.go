// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trustlist_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
	"github.com/musubi-ods/musubi/trust/dcp/trustlist"
)

func TestVerify_WhatWasSigned(t *testing.T) {
	s := newScene(t)
	want := s.list(7)
	got, err := trustlist.Verify(t.Context(), s.sign(want), s.authority.DID, s.world.DIDs, s.world.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("list (-signed +read):\n%s", diff)
	}
}

func TestSign_Refuses(t *testing.T) {
	s := newScene(t)
	other := s.world.Party("other")
	for name, spoil := range map[string]func(l *trustlist.List){
		"no sequence":           func(l *trustlist.List) { l.Sequence = 0 },
		"no end":                func(l *trustlist.List) { l.ValidUntil = time.Time{} },
		"end before the start":  func(l *trustlist.List) { l.ValidUntil = l.Issued.Add(-time.Second) },
		"authority no DID":      func(l *trustlist.List) { l.Authority = "https://authority.example" },
		"key of another":        func(l *trustlist.List) { l.Authority = other.DID },
		"issuer no DID":         func(l *trustlist.List) { l.Issuers[0].ID = "registrar" },
		"issuer without types":  func(l *trustlist.List) { l.Issuers[0].Types = nil },
		"issuer's type empty":   func(l *trustlist.List) { l.Issuers[0].Types = []string{""} },
		"issuer twice":          func(l *trustlist.List) { l.Issuers = append(l.Issuers, l.Issuers[0]) },
		"unknown conformance":   func(l *trustlist.List) { l.Issuers[0].Conformance = "loose" },
		"larger than 1 MiB":     func(l *trustlist.List) { l.Dataspace = strings.Repeat("x", trustlist.MaxSize) },
		"DID with a fragment":   func(l *trustlist.List) { l.Issuers[0].ID = registrar + "#key" },
		"DID without a method":  func(l *trustlist.List) { l.Issuers[0].ID = "did::x" },
		"DID without what else": func(l *trustlist.List) { l.Issuers[0].ID = "did:web:" },
	} {
		t.Run(name, func(t *testing.T) {
			l := s.list(1)
			spoil(&l)
			if _, err := trustlist.Sign(l, s.authority.Issuer); !errors.Is(err, trustlist.ErrList) {
				t.Errorf("%v, want ErrList", err)
			}
		})
	}
}

// draft is a list as a token that can be spoilt.
func (s *scene) draft(l trustlist.List) *dcptest.Draft {
	s.t.Helper()
	text, err := json.Marshal(l)
	if err != nil {
		s.t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		s.t.Fatal(err)
	}
	d := dcptest.NewDraft(s.authority.Issuer, map[string]any{
		"iss": l.Authority, "iat": l.Issued.Unix(), "exp": l.ValidUntil.Unix(), "list": members,
	})
	d.Header["typ"] = "trust-list+jwt"
	return d
}

func TestVerify_Refuses(t *testing.T) {
	s := newScene(t)
	other := s.world.Party("other")
	body := func(d *dcptest.Draft) map[string]any { return d.Claims["list"].(map[string]any) }
	for name, spoil := range map[string]func(d *dcptest.Draft){
		"another's signature":       func(d *dcptest.Draft) { d.Key = other.Issuer.Signer },
		"another's key":             func(d *dcptest.Draft) { d.Header["kid"], d.Key = other.Issuer.ID, other.Issuer.Signer },
		"no kid":                    func(d *dcptest.Draft) { delete(d.Header, "kid") },
		"a key that may not assert": func(d *dcptest.Draft) { d.Header["kid"], d.Key = s.authority.Key.ID, s.authority.Key.Signer },
		"an unknown key":            func(d *dcptest.Draft) { d.Header["kid"] = s.authority.DID + "#other" },
		"unsigned":                  func(d *dcptest.Draft) { d.Key, d.Header["alg"] = nil, "none" },
		"another kind of token":     func(d *dcptest.Draft) { d.Header["typ"] = "JWT" },
		"no typ":                    func(d *dcptest.Draft) { delete(d.Header, "typ") },
		"iss of another":            func(d *dcptest.Draft) { d.Claims["iss"] = other.DID },
		"authority of another":      func(d *dcptest.Draft) { body(d)["authority"] = other.DID },
		"both of another": func(d *dcptest.Draft) {
			d.Claims["iss"], body(d)["authority"] = other.DID, other.DID
		},
		"no list":             func(d *dcptest.Draft) { delete(d.Claims, "list") },
		"list no object":      func(d *dcptest.Draft) { d.Claims["list"] = "x" },
		"exp is later":        func(d *dcptest.Draft) { d.Claims["exp"] = s.world.Clock.Now().Add(48 * time.Hour).Unix() },
		"no exp":              func(d *dcptest.Draft) { delete(d.Claims, "exp") },
		"no iat":              func(d *dcptest.Draft) { delete(d.Claims, "iat") },
		"sequence 0":          func(d *dcptest.Draft) { body(d)["sequence"] = 0 },
		"sequence a text":     func(d *dcptest.Draft) { body(d)["sequence"] = "1" },
		"issuer without type": func(d *dcptest.Draft) { body(d)["issuers"] = []any{map[string]any{"id": registrar}} },
		"duplicate member": func(d *dcptest.Draft) {
			d.ClaimsText = func(text string) string {
				return strings.Replace(text, `"iss":`, `"iss":"did:web:x.example","iss":`, 1)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := s.draft(s.list(1))
			spoil(d)
			_, err := trustlist.Verify(t.Context(), d.Sign(t), s.authority.DID, s.world.DIDs, s.world.Clock.Now())
			if !errors.Is(err, trustlist.ErrList) || errors.Is(err, trust.ErrUnavailable) {
				t.Errorf("%v, want ErrList", err)
			}
		})
	}
}

func TestVerify_Accepts(t *testing.T) {
	s := newScene(t)
	for name, change := range map[string]func(d *dcptest.Draft){
		"as it is":       func(*dcptest.Draft) {},
		"unknown claims": func(d *dcptest.Draft) { d.Claims["note"] = "x" },
		"unknown member": func(d *dcptest.Draft) { d.Claims["list"].(map[string]any)["note"] = map[string]any{"x": 1} },
		"unknown issuer member": func(d *dcptest.Draft) {
			d.Claims["list"].(map[string]any)["issuers"].([]any)[0].(map[string]any)["note"] = 1
		},
		"no issuers": func(d *dcptest.Draft) { d.Claims["list"].(map[string]any)["issuers"] = []any{} },
		"a clock ahead by 3 s": func(d *dcptest.Draft) {
			at := s.world.Clock.Now().Add(3 * time.Second)
			d.Claims["iat"], d.Claims["list"].(map[string]any)["issued"] = at.Unix(), at.Format(time.RFC3339)
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := s.draft(s.list(1))
			change(d)
			if _, err := trustlist.Verify(t.Context(), d.Sign(t), s.authority.DID, s.world.DIDs, s.world.Clock.Now()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestVerify_Times(t *testing.T) {
	s := newScene(t)
	l := s.list(1)
	raw := s.sign(l)
	for _, c := range []struct {
		name string
		now  time.Time
		want error
	}{
		{"before it was issued", l.Issued.Add(-6 * time.Second), trustlist.ErrList},
		{"at its start", l.Issued, nil},
		{"a second before its end", l.ValidUntil.Add(-time.Second), nil},
		{"at its end", l.ValidUntil, trustlist.ErrEnded},
	} {
		_, err := trustlist.Verify(t.Context(), raw, s.authority.DID, s.world.DIDs, c.now)
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestVerify_TamperedAnywhere(t *testing.T) {
	s := newScene(t)
	raw := s.sign(s.list(1))
	for i := range raw {
		b := []byte(raw)
		if b[i]++; b[i] == '.' {
			b[i]++
		}
		if _, err := trustlist.Verify(t.Context(), string(b), s.authority.DID, s.world.DIDs, s.world.Clock.Now()); !errors.Is(err, trustlist.ErrList) {
			t.Fatalf("byte %d: %v, want ErrList", i, err)
		}
	}
}

func TestVerify_AuthorityOutOfReach(t *testing.T) {
	s := newScene(t)
	raw := s.sign(s.list(1))
	s.world.DIDs.Fail(s.authority.DID, did.ErrUnreachable)
	_, err := trustlist.Verify(t.Context(), raw, s.authority.DID, s.world.DIDs, s.world.Clock.Now())
	if !errors.Is(err, trust.ErrUnavailable) || errors.Is(err, trustlist.ErrList) {
		t.Errorf("%v, want trust.ErrUnavailable alone", err)
	}
	s.world.DIDs.Fail(s.authority.DID, did.ErrNotFound)
	_, err = trustlist.Verify(t.Context(), raw, s.authority.DID, s.world.DIDs, s.world.Clock.Now())
	if !errors.Is(err, trustlist.ErrList) {
		t.Errorf("%v, want ErrList", err)
	}
}

func FuzzVerify(f *testing.F) {
	s := newScene(f)
	signed := s.list(1)
	good := s.sign(signed)
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add("")
	f.Add("..")
	f.Add(s.draft(trustlist.List{Authority: s.authority.DID, Issuers: []dcp.TrustedIssuer{{}}}).Sign(f))
	now := s.world.Clock.Now()
	f.Fuzz(func(t *testing.T, raw string) {
		l, err := trustlist.Verify(t.Context(), raw, s.authority.DID, s.world.DIDs, now)
		switch {
		case err == nil && !cmp.Equal(l, signed): // signatures differ each time, what is signed does not
			t.Fatalf("a list that nobody signed was accepted: %q", raw)
		case err != nil && !errors.Is(err, trustlist.ErrList):
			t.Fatalf("%v, want ErrList", err)
		}
	})
}
