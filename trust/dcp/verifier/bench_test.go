// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
	"github.com/musubi-ods/musubi/trust/dcp/status"
	"github.com/musubi-ods/musubi/trust/dcp/trustlist"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
	"github.com/musubi-ods/musubi/trust/dcp/verifier"
)

// wholeScene makes the scene's verifier one of which every part is the product's
// own: did:web, status lists, trusted issuers. Only the stores are in memory.
func wholeScene(t testing.TB) *scene {
	t.Helper()
	s := newScene(t)
	s.own.Settings = []byte(`{"dataspace":"` + dcptest.Dataspace + `","trustedIssuers":[{"id":"` + s.issuer.DID + `","types":["MembershipCredential","CorporateIdentityCredential"]}]}`)
	s.withStatus()
	s.serveDocument(s.peer, s.wallet)
	s.serveDocument(s.issuer, s.statusList(make([]byte, status.MinBits/8)))
	dids := did.NewWeb(did.WebConfig{HTTP: s.Network, Now: s.Clock.Now})
	auth := s.Authenticator()
	auth.DIDs = dids
	s.profile = verifier.New(verifier.Config{
		Participant: s.Participant, Peer: s.knownPeer, Auth: auth, Tokens: s.Tokens(), HTTP: s.Network,
		Checker: &vc.Checker{DIDs: dids, Now: s.Clock.Now},
		Status:  status.New(status.Config{HTTP: s.Network, DIDs: dids, Now: s.Clock.Now}),
		Trust: trustlist.NewSource(trustlist.Config{DIDs: dids, HTTP: s.Network, Now: s.Clock.Now, Settings: func(ctx context.Context, id string) (dcp.Settings, error) {
			own, err := s.Participant(ctx, id)
			if err != nil {
				return dcp.Settings{}, err
			}
			return dcp.ReadSettings(own)
		}}),
		Bindings: s.bindings, Now: s.Clock.Now, Log: slog.New(slog.DiscardHandler),
	})
	return s
}

// serveDocument puts a party's DID document on the network, beside what else
// its host serves.
func (s *scene) serveDocument(p *dcptest.Party, other http.Handler) {
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/did.json", func(w http.ResponseWriter, _ *http.Request) {
		raw, _ := s.DIDs.Raw(p.DID)
		_, _ = w.Write(raw)
	})
	mux.Handle("/", other)
	s.Network.Handle(p.Host(), mux)
}

// statusList serves a list of the issuer, signed anew each time it is asked
// for.
func (s *scene) statusList(bits []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		raw, err := status.Sign(status.List{
			ID: "https://issuer.example/status/1", Issuer: s.issuer.DID, Purpose: status.Revocation,
			ValidFrom: s.Clock.Now().Add(-time.Second), ValidUntil: s.Clock.Now().Add(time.Minute), Bits: bits,
		}, status.StatusList2021, false, s.issuer.Issuer)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/vc+jwt")
		_, _ = w.Write([]byte(raw))
	})
}

// A company whose credential is revoked is refused at its next message, once
// the list at hand is over; restored, it is a member again.
func TestRevokedAndRestored(t *testing.T) {
	s := wholeScene(t)
	bits := make([]byte, status.MinBits/8)
	s.serveDocument(s.issuer, s.statusList(bits))
	claims := s.accepted(t)
	bits[0] = 1 // index 7
	s.accepted(t)
	s.Clock.Advance(4 * time.Second)
	wantRefusal(t, s.profile.Recheck(t.Context(), "own", claims, 3*time.Second), "V80")
	s.Clock.Advance(time.Minute)
	s.refused(t, "V80")
	bits[0] = 0
	s.Clock.Advance(time.Minute)
	s.present(s.issuer.Credential(s.peer, membership), s.issuer.Credential(s.peer, corporate))
	s.serveDocument(s.peer, s.wallet)
	s.accepted(t)
}

// BenchmarkVerifyWarm is a verified message with warm caches: one signature to check, no call.
func BenchmarkVerifyWarm(b *testing.B) {
	s := wholeScene(b)
	requests := make([]trust.Request, b.N)
	for i := range requests {
		requests[i] = trust.Request{Context: "own", Authorization: []string{s.peer.Draft(s.own.DID).Bearer(b)}, Purpose: trust.ForCatalog}
	}
	s.accepted(b)
	calls := len(s.Network.Calls())
	b.ReportAllocs()
	b.ResetTimer()
	for _, r := range requests {
		if _, err := s.profile.Verify(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	if n := len(s.Network.Calls()); n != calls {
		b.Errorf("%d calls", n-calls)
	}
}

// BenchmarkVerifyPresented is a verified message without any presentation at hand: documents and status
// lists are warm, the wallet is asked each time.
func BenchmarkVerifyPresented(b *testing.B) {
	s := wholeScene(b)
	s.own.Settings = []byte(`{"presentationCache":"-1s",` + string(s.own.Settings)[1:])
	requests := make([]trust.Request, b.N)
	for i := range requests {
		requests[i] = trust.Request{Context: "own", Authorization: []string{s.peer.Draft(s.own.DID).Bearer(b)}, Purpose: trust.ForCatalog}
	}
	s.accepted(b)
	b.ReportAllocs()
	b.ResetTimer()
	for _, r := range requests {
		if _, err := s.profile.Verify(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkToken makes the Authorization of a message of ours: two signatures.
func BenchmarkToken(b *testing.B) {
	s := newScene(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.profile.Token(b.Context(), trust.Audience{Context: "own", Peer: s.peer.DID}); err != nil {
			b.Fatal(err)
		}
	}
}
