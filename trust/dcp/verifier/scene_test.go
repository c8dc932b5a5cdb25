// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
	"github.com/musubi-ods/musubi/trust/dcp/status"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
	"github.com/musubi-ods/musubi/trust/dcp/verifier"
)

const (
	membership = trust.MembershipCredential
	corporate  = trust.CorporateIdentityCredential
)

// scene is a verifier of ours, a peer with a good wallet and an issuer of both
// types.
type scene struct {
	*dcptest.World
	own, peer, issuer *dcptest.Party
	wallet            *dcptest.Wallet
	trusted           believed
	statuses          *statuses
	bindings          *bindings
	peers             map[string]trust.Peer
	peerErr           error
	log               *bytes.Buffer
	config            verifier.Config
	profile           *verifier.Profile
}

func newScene(t testing.TB) *scene {
	t.Helper()
	w := dcptest.NewWorld(t)
	s := &scene{
		World: w, own: w.Party("own"), peer: w.Party("peer"), issuer: w.Party("issuer"),
		statuses: &statuses{}, bindings: &bindings{known: map[string]trust.Identifier{}},
		peers: map[string]trust.Peer{}, log: &bytes.Buffer{},
	}
	s.trusted = believed{s.issuer.DID: {membership: trust.Strict, corporate: trust.Strict}}
	s.wallet = s.peer.Wallet(s.own.DID, s.issuer.Credential(s.peer, membership), s.issuer.Credential(s.peer, corporate))
	s.config = verifier.Config{
		Participant: w.Participant, Peer: s.knownPeer, Auth: w.Authenticator(), Tokens: w.Tokens(), HTTP: w.Network,
		Checker: &vc.Checker{DIDs: w.DIDs, Now: w.Clock.Now}, Status: s.statuses, Trust: s.trusted, Bindings: s.bindings,
		Now: w.Clock.Now, Log: slog.New(slog.NewTextHandler(s.log, nil)),
	}
	s.profile = verifier.New(s.config)
	return s
}

func (s *scene) knownPeer(_ context.Context, _, id string) (trust.Peer, error) {
	if s.peerErr != nil {
		return trust.Peer{}, s.peerErr
	}
	peer, ok := s.peers[id]
	if !ok {
		return trust.Peer{}, trust.ErrUnknownPeer
	}
	return peer, nil
}

// present makes the peer's wallet hold these credentials.
func (s *scene) present(credentials ...string) {
	s.wallet = s.peer.Wallet(s.own.DID, credentials...)
}

// verify sends a new message of the peer.
func (s *scene) verify(t testing.TB) (trust.Claims, error) {
	t.Helper()
	return s.send(t, trust.ForCatalog, s.peer.Draft(s.own.DID).Bearer(t))
}

func (s *scene) send(t testing.TB, purpose trust.Purpose, authorization ...string) (trust.Claims, error) {
	t.Helper()
	return s.profile.Verify(t.Context(), trust.Request{Context: s.own.Context, Authorization: authorization, Purpose: purpose})
}

// refused demands that a new message is refused by a check.
func (s *scene) refused(t testing.TB, check string) {
	t.Helper()
	_, err := s.verify(t)
	wantRefusal(t, err, check)
	if r, ok := errors.AsType[*trust.Refusal](err); ok && r.Subject != s.peer.DID {
		t.Errorf("the refusal names %q", r.Subject)
	}
}

// accepted demands that a new message is accepted.
func (s *scene) accepted(t testing.TB) trust.Claims {
	t.Helper()
	claims, err := s.verify(t)
	if err != nil {
		t.Errorf("refused: %v", err)
	}
	return claims
}

// unavailable demands that a new message is neither, and that its token is
// good still.
func (s *scene) unavailable(t testing.TB) {
	t.Helper()
	used := s.Replays.Len()
	_, err := s.verify(t)
	if !errors.Is(err, trust.ErrUnavailable) || errors.Is(err, trust.ErrUnauthenticated) {
		t.Errorf("error %v; want one that is no verdict", err)
	}
	if s.Replays.Len() != used {
		t.Error("the token is used up")
	}
}

func wantRefusal(t testing.TB, err error, check string) {
	t.Helper()
	refusal, ok := errors.AsType[*trust.Refusal](err)
	if !ok || refusal.Check != check || errors.Is(err, trust.ErrUnavailable) {
		t.Errorf("error %v; want a refusal by %s", err, check)
	}
}

// believed is a verifier.Issuers: issuers by DID, types, how strictly.
type believed map[string]map[string]trust.Conformance

func (b believed) Trusts(_ context.Context, _, issuer, credentialType string) (bool, trust.Conformance, int64, error) {
	c, ok := b[issuer][credentialType]
	return ok, c, 0, nil
}

// statuses is a verifier.Statuses.
type statuses struct {
	mu    sync.Mutex
	err   error
	asked []status.Entry
}

func (s *statuses) Check(_ context.Context, e status.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, e)
	return s.err
}

// bindings is a verifier.Bindings.
type bindings struct {
	mu    sync.Mutex
	err   error
	known map[string]trust.Identifier
}

func (b *bindings) Bind(_ context.Context, _, participant string, i trust.Identifier, _ time.Time) (trust.Identifier, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.known[participant]; !ok {
		b.known[participant] = i
	}
	return b.known[participant], b.err
}

func (b *bindings) Bindings(context.Context, string) (map[string]trust.Identifier, error) {
	return maps.Clone(b.known), nil
}

func (b *bindings) Unbind(_ context.Context, _, participant string) error {
	delete(b.known, participant)
	return nil
}

// settings changes those of our participant.
func (s *scene) settings(json string) { s.own.Settings = []byte(json) }
