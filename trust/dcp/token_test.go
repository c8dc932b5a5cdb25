// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
)

func TestMint(t *testing.T) {
	w := dcptest.NewWorld(t)
	w.Clock.Advance(700 * time.Millisecond)
	own, peer := w.Party("own"), w.Party("peer")
	for _, access := range []string{"", "opaque \"token\""} {
		raw, err := w.Tokens().Mint(t.Context(), own.Participant(), peer.DID, access)
		if err != nil {
			t.Fatal(err)
		}
		header, claims := opened(t, raw)
		if header.Type != "JWT" || header.Algorithm != "ES256" || header.KeyID != own.DID+"#identity-1" {
			t.Errorf("header %+v", header)
		}
		issued := float64(dcptest.Start.Add(-time.Second).Unix()) // whole seconds, a second back
		want := map[string]any{"iss": own.DID, "sub": own.DID, "aud": peer.DID, "jti": claims["jti"], "iat": issued, "exp": issued + 180}
		if access != "" {
			want["token"] = access
		}
		if diff := cmp.Diff(want, claims); diff != "" {
			t.Error(diff)
		}
		caller, err := w.Authenticator().Check(t.Context(), peer.Participant(), []string{"Bearer " + raw}, dcp.Demand{})
		if err != nil || caller.DID != own.DID || caller.AccessToken != access {
			t.Errorf("caller %+v, %v", caller, err)
		}
	}
}

func opened(t *testing.T, raw string) (jose.Header, map[string]any) {
	t.Helper()
	token, err := jose.Parse(raw, 0)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := token.Unproved()
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := claims.Decode(&members); err != nil {
		t.Fatal(err)
	}
	return token.Header(), members
}

func TestGrant(t *testing.T) {
	w := dcptest.NewWorld(t)
	own, peer := w.Party("own"), w.Party("peer")
	scopes := []dcp.Scope{dcp.TypeScope("MembershipCredential"), {Alias: dcp.IDAlias, Discriminator: "urn:uuid:1"}}
	raw, err := w.Tokens().Grant(t.Context(), own.Participant(), peer.DID, scopes)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // any number of times
		got, err := w.Tokens().Granted(t.Context(), own.Participant(), peer.DID, raw)
		if diff := cmp.Diff(scopes, got); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
	}
	w.Clock.Advance(dcp.AccessLife + 3*time.Second) // the leeway is not over
	if _, err := w.Tokens().Granted(t.Context(), own.Participant(), peer.DID, raw); err != nil {
		t.Error(err)
	}
	w.Clock.Advance(2 * time.Second)
	_, err = w.Tokens().Granted(t.Context(), own.Participant(), peer.DID, raw)
	wantRefusal(t, err, "V39")
}

func TestGrantedRefuses(t *testing.T) {
	w := dcptest.NewWorld(t)
	own, peer, other := w.Party("own"), w.Party("peer"), w.Party("other")
	mint := func(of func(*dcp.Tokens) (string, error)) string {
		t.Helper()
		raw, err := of(w.Tokens())
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	good := func() *dcptest.Draft {
		d := dcptest.NewDraft(own.Key, map[string]any{
			"iss": own.DID, "aud": own.DID, "sub": peer.DID, "jti": "1", "scope": "a:b",
			"iat": w.Clock.Now().Unix(), "exp": w.Clock.Now().Add(time.Minute).Unix(),
		})
		d.Header["typ"] = "at+jwt"
		return d
	}
	if _, err := w.Tokens().Granted(t.Context(), own.Participant(), peer.DID, good().Sign(t)); err != nil {
		t.Fatal(err)
	}
	change := func(edit func(*dcptest.Draft)) string {
		d := good()
		edit(d)
		return d.Sign(t)
	}
	claim := func(name string, value any) string {
		return change(func(d *dcptest.Draft) { d.Claims[name] = value })
	}
	for name, raw := range map[string]string{
		"opaque": "opaque", "empty": "", "too large": strings.Repeat("x", 20<<10),
		"a self-issued token": mint(func(m *dcp.Tokens) (string, error) { return m.Mint(t.Context(), own.Participant(), own.DID, "") }),
		"granted by another":  mint(func(m *dcp.Tokens) (string, error) { return m.Grant(t.Context(), other.Participant(), peer.DID, nil) }),
		"granted to another":  mint(func(m *dcp.Tokens) (string, error) { return m.Grant(t.Context(), own.Participant(), other.DID, nil) }),
		"typ JWT":             change(func(d *dcptest.Draft) { d.Header["typ"] = "JWT" }),
		"another's key":       change(func(d *dcptest.Draft) { d.Key = other.Key.Signer }),
		"another's kid":       change(func(d *dcptest.Draft) { d.Header["kid"] = other.Key.ID }),
		"our key for credentials": change(func(d *dcptest.Draft) {
			d.Header["kid"], d.Key = own.Issuer.ID, own.Issuer.Signer
		}),
		"iss": claim("iss", other.DID), "aud": claim("aud", other.DID), "several aud": claim("aud", []any{own.DID, other.DID}),
		"expired": claim("exp", w.Clock.Now().Add(-5*time.Second).Unix()), "scope": claim("scope", "no scope"),
		"no end":  change(func(d *dcptest.Draft) { delete(d.Claims, "exp") }),
		"altered": strings.Replace(good().Sign(t), ".", ".e", 1),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.Tokens().Granted(t.Context(), own.Participant(), peer.DID, raw)
			wantRefusal(t, err, "V39")
		})
	}
	raw := good().Sign(t)
	w.Keys.Err = errors.New("down")
	_, err := w.Tokens().Granted(t.Context(), own.Participant(), peer.DID, raw)
	wantUnavailable(t, err)
}

// An access token is none to call us with: it is for our wallet alone.
func TestAccessTokenIsNoSelfIssuedToken(t *testing.T) {
	w := dcptest.NewWorld(t)
	own := w.Party("own")
	raw, err := w.Tokens().Grant(t.Context(), own.Participant(), own.DID, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Authenticator().Check(t.Context(), own.Participant(), []string{"Bearer " + raw}, dcp.Demand{})
	wantRefusal(t, err, "V04")
}

func TestMintWithoutKey(t *testing.T) {
	w := dcptest.NewWorld(t)
	own := w.Party("own")
	for _, cause := range []error{errors.New("locked"), trust.ErrNoKey} {
		w.Keys.Err = cause
		_, err := w.Tokens().Mint(t.Context(), own.Participant(), "did:web:x.example", "")
		wantUnavailable(t, err)
		if !errors.Is(err, cause) {
			t.Errorf("error %v", err)
		}
	}
}
