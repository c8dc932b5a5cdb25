// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
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
