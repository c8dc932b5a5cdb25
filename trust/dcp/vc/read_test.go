// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

func TestProfiles(t *testing.T) {
	for name, want := range map[string]vc.Profile{
		"vc11-sl2021/jwt": vc.VC11, "VC1_0_JWT": vc.VC11, "vc10-sl2021/jwt": vc.VC11,
		"vc20-bssl/jwt": vc.VC20, "VC2_0_JOSE": vc.VC20,
	} {
		if got, err := vc.ParseProfile(name); got != want || err != nil {
			t.Errorf("%s is %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"", "jwt", "VC1_0_LD", "vc11-sl2021/jwt/x", strings.Repeat("x", 1000)} {
		if got, err := vc.ParseProfile(name); got != "" || !errors.Is(err, vc.ErrCredential) || len(err.Error()) > 300 {
			t.Errorf("%.40s is %q, %v", name, got, err)
		}
	}
	for _, p := range profiles {
		for _, style := range []string{"", "profile", trust.LegacyNames} {
			if got, err := vc.ParseProfile(p.Name(style)); got != p || err != nil {
				t.Errorf("%s as %s: %q, %v", p, style, got, err)
			}
		}
		if p.Name(trust.LegacyNames) == string(p) || p.Name("") != string(p) {
			t.Errorf("%s is called %s and %s", p, p.Name(""), p.Name(trust.LegacyNames))
		}
	}
}

// Read takes what nobody should believe: it only says what is written.
func TestReadJudgesNothing(t *testing.T) {
	byProfile(t, func(t *testing.T, p vc.Profile) {
		for name, edits := range map[string]edits{
			"expired":           {say(ends[p], stamp(-time.Hour)), set("exp", unix(-time.Hour))},
			"not yet valid":     {say(begins[p], stamp(time.Hour))},
			"forged":            {signedBy(keys[otherDID]())},
			"about another":     {say("credentialSubject", map[string]any{"id": otherDID})},
			"another context":   {say("@context", "5bd9c1a5-3f7a-4b4e-8c62-0d4b9a1d7f10")},
			"type a string":     {say("type", "MembershipCredential")},
			"no type":           {say("type", nil)},
			"no date":           {say(begins[p], nil), set("nbf", nil)},
			"unknown typ":       {typed("x")},
			"issuer an object":  {say("issuer", map[string]any{"id": issuerDID, "name": "x"})},
			"an unknown member": {say("evidence", []any{1, 2})},
		} {
			c, err := vc.Read(issue(t, p, edits...))
			if err != nil || c.ID != draft().ID || c.Issuer != issuerDID || c.Profile != p {
				t.Errorf("%s: read %+v, %v", name, c, err)
			}
		}
	})
}

func TestReadValues(t *testing.T) {
	read := func(t *testing.T, p vc.Profile, edits ...func(*claims)) vc.Credential {
		t.Helper()
		c, err := vc.Read(issue(t, p, edits...))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	byProfile(t, func(t *testing.T, p vc.Profile) {
		two := []any{map[string]any{"id": "a"}, map[string]any{"id": "b"}}
		if c := read(t, p, say("credentialSubject", two), set("sub", nil)); string(c.Subject) != `[{"id":"a"},{"id":"b"}]` || c.Holder() != "" {
			t.Errorf("two subjects: %s", c.Subject)
		}
		if c := read(t, p, say("credentialSubject", two[:1])); string(c.Subject) != `{"id":"a"}` {
			t.Errorf("one subject in an array: %s", c.Subject)
		}
		if c := read(t, p, say("credentialSchema", []any{map[string]any{"id": "a", "type": "b"}})); len(c.Schemas) != 1 || c.Schemas[0] != (vc.Schema{ID: "a", Type: "b"}) {
			t.Errorf("schemas %v", c.Schemas)
		}
		if c := read(t, p, say(ends[p], "2026-11-02T09:00:00.25+09:00"), set("exp", nil)); !c.ValidUntil.Equal(time.Date(2026, 11, 2, 0, 0, 0, 250e6, time.UTC)) {
			t.Errorf("valid until %s", c.ValidUntil)
		}
		c := read(t, p, say(ends[p], stamp(time.Hour)), set("exp", unix(time.Minute)))
		if !c.Ends().Equal(now.Add(time.Minute)) || !c.Expires.Equal(c.Ends()) || c.ValidUntil.Equal(c.Ends()) != (p == vc.VC11) {
			t.Errorf("ends %s, token %s, credential %s", c.Ends(), c.Expires, c.ValidUntil)
		}
	})
	alone := read(t, vc.VC11, say("id", nil), say("issuer", nil), say("issuanceDate", nil), say("expirationDate", nil), say("credentialSubject", map[string]any{"n": json.Number("1.0")}))
	if alone.ID != draft().ID || alone.Issuer != issuerDID || alone.Holder() != holderDID || alone.ValidFrom.IsZero() || alone.ValidUntil.IsZero() {
		t.Errorf("the token's claims alone: %+v", alone)
	}
	if string(alone.Subject) != `{"id":"`+holderDID+`","n":1.0}` {
		t.Errorf("subject %s", alone.Subject)
	}
	if c := read(t, vc.VC20, say("credentialSubject", map[string]any{"ID": holderDID})); c.Holder() != "" {
		t.Errorf("a member of another name is taken for the id: %q", c.Holder())
	}
	if c := read(t, vc.VC20, say("id", nil), set("jti", "x")); c.ID != "" {
		t.Errorf("in data model 2.0 jti is no id: %q", c.ID)
	}
}

// An error of Read is about a message, not about who sent it.
func TestReadErrors(t *testing.T) {
	byProfile(t, func(t *testing.T, p vc.Profile) {
		for name, raw := range map[string]string{
			"empty":        "",
			"no token":     "abc",
			"too long":     issue(t, p) + strings.Repeat("A", vc.MaxCredential),
			"no subject":   issue(t, p, say("credentialSubject", nil)),
			"bad date":     issue(t, p, say(begins[p], "soon")),
			"bad status":   issue(t, p, say("credentialStatus", map[string]any{"type": "x"})),
			"bad schema":   issue(t, p, say("credentialSchema", 7)),
			"bad type":     issue(t, p, say("type", 7)),
			"bad issuer":   issue(t, p, say("issuer", []string{issuerDID})),
			"presentation": present(t, p, []string{issue(t, p)}),
		} {
			_, err := vc.Read(raw)
			if !errors.Is(err, vc.ErrCredential) || errors.Is(err, trust.ErrUnauthenticated) {
				t.Errorf("%s: %v", name, err)
			}
			if err != nil && strings.Contains(err.Error(), "eyJ") {
				t.Errorf("%s: the error quotes a token", name)
			}
		}
	})
}
