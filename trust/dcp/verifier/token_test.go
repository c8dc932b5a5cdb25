// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
)

// Each message of ours carries a token that its receiver accepts, with which
// it may ask our wallet for what we present, and nobody else may.
func TestToken(t *testing.T) {
	s := newScene(t)
	header, err := s.profile.Token(t.Context(), trust.Audience{Context: "own", Peer: s.peer.DID, URL: s.peer.URL()})
	if err != nil {
		t.Fatal(err)
	}
	auth, demand := s.Authenticator(), dcp.Demand{AccessToken: true}
	caller, err := auth.Check(t.Context(), s.peer.Participant(), []string{header}, demand)
	if err != nil || caller.DID != s.own.DID {
		t.Fatalf("caller %+v, %v", caller, err)
	}
	scopes, err := s.Tokens().Granted(t.Context(), s.own.Participant(), s.peer.DID, caller.AccessToken)
	if want := []dcp.Scope{dcp.TypeScope(corporate), dcp.TypeScope(membership)}; err != nil || !cmp.Equal(scopes, want) {
		t.Errorf("scopes %v, %v", scopes, err)
	}
	_, err = auth.Check(t.Context(), s.issuer.Participant(), []string{header}, demand)
	wantRefusal(t, err, "V29")
	_, err = s.Tokens().Granted(t.Context(), s.own.Participant(), s.issuer.DID, caller.AccessToken)
	wantRefusal(t, err, "V39")
	again, err := s.profile.Token(t.Context(), trust.Audience{Context: "own", Peer: s.peer.DID})
	if err != nil || again == header {
		t.Errorf("the same token again, %v", err)
	}
}

func TestTokenForWhomNoneCanBe(t *testing.T) {
	s := newScene(t)
	for _, peer := range []string{"", "urn:connector:peer", "https://peer.example", "did:web:peer.example#key", "did:web:peer.example/x"} {
		if _, err := s.profile.Token(t.Context(), trust.Audience{Context: "own", Peer: peer}); !errors.Is(err, trust.ErrUnknownPeer) {
			t.Errorf("%q: %v", peer, err)
		}
	}
	if _, err := s.profile.Token(t.Context(), trust.Audience{Context: "nobody", Peer: s.peer.DID}); !errors.Is(err, trust.ErrUnavailable) {
		t.Errorf("error %v", err)
	}
	s.Keys.Err = errors.New("the device is locked")
	if _, err := s.profile.Token(t.Context(), trust.Audience{Context: "own", Peer: s.peer.DID}); !errors.Is(err, trust.ErrUnavailable) {
		t.Errorf("error %v", err)
	}
}

// An access token goes into several tokens, for one peer and one set of scopes,
// and none into a token that would outlive it.
func TestAccessTokenGoesIntoSeveral(t *testing.T) {
	s := newScene(t)
	access := func(peer *dcptest.Party) string {
		t.Helper()
		header, err := s.profile.Token(t.Context(), trust.Audience{Context: "own", Peer: peer.DID})
		if err != nil {
			t.Fatal(err)
		}
		caller, err := s.Authenticator().Check(t.Context(), peer.Participant(), []string{header}, dcp.Demand{AccessToken: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Tokens().Granted(t.Context(), s.own.Participant(), peer.DID, caller.AccessToken); err != nil {
			t.Errorf("for %s: %v", peer.DID, err)
		}
		return caller.AccessToken
	}
	first := access(s.peer)
	s.Clock.Advance(dcp.AccessLife - dcp.TokenLife - time.Second)
	if access(s.peer) != first {
		t.Error("another one although the first is good for longer than the token")
	}
	if access(s.issuer) == first {
		t.Error("the same for two peers")
	}
	s.Clock.Advance(time.Second)
	second := access(s.peer)
	if second == first {
		t.Error("the same in a token that outlives it")
	}
	s.settings(`{"presents":["MembershipCredential"]}`)
	if access(s.peer) == second {
		t.Error("the same for other scopes")
	}
}
