// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
	"github.com/musubi-ods/musubi/trust/dcp/verifier"
)

func TestV49_RequiredTypeMissing(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		s := newScene(t)
		s.present(s.issuer.Credential(s.peer, membership))
		s.refused(t, "V49")
		for _, name := range []string{"Membership", "Credential", "membershipCredential", "MembershipCredentialX", "XMembershipCredential"} {
			t.Run(name, func(t *testing.T) { // a part of the name is another name
				s := newScene(t)
				s.trusted[s.issuer.DID][name] = trust.Strict
				s.present(s.issuer.Credential(s.peer, name), s.issuer.Credential(s.peer, corporate))
				s.refused(t, "V49")
			})
		}
	})
	t.Run("accepted", func(t *testing.T) {
		t.Run("in two presentations", func(t *testing.T) {
			s := newScene(t)
			one, two := s.issuer.Credential(s.peer, membership), s.issuer.Credential(s.peer, corporate)
			s.wallet.Present = func(dcp.Query) []json.RawMessage {
				return dcptest.Entries(s.peer.Presentation(s.own.DID, []string{two}), s.peer.Presentation(s.own.DID, []string{one}))
			}
			s.accepted(t)
		})
		t.Run("in data model 2.0", func(t *testing.T) {
			s := newScene(t)
			list := []string{s.issuer.Credential20(s.peer, membership), s.issuer.Credential20(s.peer, corporate)}
			s.wallet.Present = func(dcp.Query) []json.RawMessage {
				return dcptest.Entries(s.peer.Presentation20(s.own.DID, list))
			}
			s.accepted(t)
		})
		t.Run("only what is required for the purpose", func(t *testing.T) {
			s := newScene(t)
			s.settings(`{"requires":{"catalog":["MembershipCredential"]}}`)
			s.present(s.issuer.Credential(s.peer, membership))
			s.accepted(t)
			_, err := s.send(t, trust.ForTransfer, s.peer.Draft(s.own.DID).Bearer(t))
			wantRefusal(t, err, "V49")
		})
	})
}

func TestV50_ExtraCredentials(t *testing.T) {
	const extra = "SecurityEvaluationCredential"
	// with makes the peer present one more credential.
	with := func(s *scene, issuer *dcptest.Party, edit ...func(*dcptest.Draft)) {
		s.present(issuer.Credential(s.peer, extra, edit...), s.issuer.Credential(s.peer, membership), s.issuer.Credential(s.peer, corporate))
	}
	// What makes the difference is to be asked for: the same credentials are
	// judged then.
	t.Run("refused", func(t *testing.T) {
		s := newScene(t)
		with(s, s.issuer)
		s.settings(`{"requires":{"default":["MembershipCredential","SecurityEvaluationCredential"]}}`)
		s.refused(t, "C16")
		s.trusted[s.issuer.DID][extra] = trust.Strict
		with(s, s.issuer, func(d *dcptest.Draft) { d.Key = s.peer.Key.Signer })
		s.refused(t, "V64")
	})
	t.Run("accepted", func(t *testing.T) {
		for name, add := range map[string]func(s *scene){
			"of the same issuer":         func(s *scene) { with(s, s.issuer) },
			"of one that is not trusted": func(s *scene) { with(s, s.Party("stranger")) },
			"of the peer itself":         func(s *scene) { with(s, s.peer) },
			"of one out of reach": func(s *scene) {
				stranger := s.Party("stranger")
				s.DIDs.Fail(stranger.DID, did.ErrUnreachable)
				with(s, stranger)
			},
			"expired": func(s *scene) {
				with(s, s.issuer, func(d *dcptest.Draft) { d.VC()["expirationDate"] = "2020-01-01T00:00:00Z" })
			},
			"forged": func(s *scene) { with(s, s.issuer, func(d *dcptest.Draft) { d.Key = s.peer.Key.Signer }) },
			"returned all the same": func(s *scene) {
				s.config.Checker = seesAll{s.config.Checker}
				s.profile = verifier.New(s.config)
				s.trusted[s.issuer.DID][extra] = trust.Strict
				with(s, s.issuer)
			},
		} {
			t.Run(name, func(t *testing.T) {
				s := newScene(t)
				add(s)
				var types []string
				for _, c := range s.accepted(t).Credentials {
					types = append(types, c.Types[1:]...)
				}
				if diff := cmp.Diff([]string{corporate, membership}, types); diff != "" {
					t.Error(diff) // no policy sees the extra one
				}
			})
		}
	})
}

// seesAll is a checker that returns what was not asked for, too.
type seesAll struct{ verifier.Presentations }

func (a seesAll) Presentation(ctx context.Context, entry json.RawMessage, want vc.Want) ([]vc.Credential, error) {
	want.Types = nil
	return a.Presentations.Presentation(ctx, entry, want)
}

func TestClaims(t *testing.T) {
	s := newScene(t)
	draft := s.peer.Draft(s.own.DID)
	claims, err := s.send(t, trust.ForNegotiation, draft.Bearer(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(claims.Credentials) != 2 || claims.Credentials[0].Issuer != s.issuer.DID {
		t.Errorf("credentials %+v", claims.Credentials)
	}
	number, ok := claims.Primary()
	if want := (trust.Identifier{Scheme: trust.CorporateNumber, Value: dcptest.Number}); !ok || number != want {
		t.Errorf("primary identifier %v", number)
	}
	claims.Credentials = nil
	want := trust.Claims{Participant: s.peer.DID, Profile: "dcp", Proved: s.Clock.Now(), TokenID: draft.Claims["jti"].(string)}
	if diff := cmp.Diff(want, claims); diff != "" {
		t.Error(diff)
	}
}

// A message that could not be answered may come again with the same token.
func TestRelease(t *testing.T) {
	s := newScene(t)
	bearer := s.peer.Draft(s.own.DID).Bearer(t)
	claims, err := s.send(t, trust.ForCatalog, bearer)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.send(t, trust.ForCatalog, bearer)
	wantRefusal(t, err, "V38")
	if err := s.profile.Release(t.Context(), s.own.Context, claims); err != nil {
		t.Fatal(err)
	}
	if _, err := s.send(t, trust.ForCatalog, bearer); err != nil {
		t.Error(err)
	}
}

// Who settles the use of a proof itself is left to do so, but for the first
// message of a counterparty, which binds it to its company.
func TestUseIsLeftToWhoSettlesIt(t *testing.T) {
	s := newScene(t)
	bearer := s.peer.Draft(s.own.DID).Bearer(t)
	verify := func(bearer string) (*trust.Use, error) {
		use := new(trust.Use)
		_, err := s.profile.Verify(t.Context(), trust.Request{
			Context: s.own.Context, Authorization: []string{bearer}, Purpose: trust.ForNegotiation, Use: use,
		})
		return use, err
	}
	use, err := verify(bearer)
	if err != nil || use.Open() {
		t.Fatalf("the first message: open %v, error %v", use.Open(), err)
	}
	again, err := verify(bearer)
	if err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, again.Settle(t.Context()), "V38")

	later := s.peer.Draft(s.own.DID)
	bearer = later.Bearer(t)
	first, err := verify(bearer)
	if err != nil || !first.Open() {
		t.Fatalf("a later message: open %v, error %v", first.Open(), err)
	}
	if first.Token.Context != s.own.Context || first.Token.Issuer != s.peer.DID || first.Token.TokenID != later.Claims["jti"] {
		t.Errorf("token %+v", first.Token)
	}
	second, err := verify(bearer)
	if err != nil || !second.Open() {
		t.Fatalf("the same token, not settled yet: open %v, error %v", second.Open(), err)
	}
	for range 2 {
		if err := first.Settle(t.Context()); err != nil || first.Open() {
			t.Fatalf("settled: open %v, error %v", first.Open(), err)
		}
	}
	wantRefusal(t, second.Settle(t.Context()), "V38")
	if _, err := s.send(t, trust.ForCatalog, bearer); err == nil {
		t.Error("a settled token was taken again")
	}
}

// The token of an inbound message is refused by its check, whatever the
// wallet would present.
func TestTokenFaults(t *testing.T) {
	s := newScene(t)
	serve := func(ctx context.Context, c dcp.Call) (dcp.Answer, error) {
		_, err := s.profile.Verify(ctx, trust.Request{Context: c.Own.Context, Authorization: c.Authorization, Purpose: trust.ForCatalog})
		return dcp.Answer{}, err
	}
	dcptest.RunTokenFaults(t, s.World, dcptest.Endpoint{Caller: s.peer, Own: s.own, Serve: serve, AccessToken: true})
}

// What our own side lacks is no verdict on the peer.
func TestOwnFailures(t *testing.T) {
	for name, breakIt := range map[string]func(*scene){
		"settings":   func(s *scene) { s.settings(`{"requires":{"catalogue":["X"]}}`) },
		"peers":      func(s *scene) { s.peerErr = dcptest.ErrNoHost },
		"bindings":   func(s *scene) { s.bindings.err = dcptest.ErrNoHost },
		"keys":       func(s *scene) { s.Keys.Err = dcptest.ErrNoHost },
		"status":     func(s *scene) { s.withStatus(); s.statuses.err = trust.ErrUnavailable },
		"used token": func(s *scene) { s.Replays.Err = dcptest.ErrNoHost },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			breakIt(s)
			s.unavailable(t)
		})
	}
}

// withStatus makes the credentials have a status.
func (s *scene) withStatus() {
	status := func(d *dcptest.Draft) {
		d.VC()["credentialStatus"] = map[string]any{
			"id": "https://issuer.example/status/1#7", "type": "StatusList2021Entry", "statusPurpose": "revocation",
			"statusListIndex": "7", "statusListCredential": "https://issuer.example/status/1",
		}
	}
	s.present(s.issuer.Credential(s.peer, membership, status), s.issuer.Credential(s.peer, corporate, status))
}

// TestRevokedIsAskedAnew: who was revoked may have been certified again, and
// shows it with the next message.
func TestRevokedIsAskedAnew(t *testing.T) {
	s := newScene(t)
	s.withStatus()
	s.accepted(t)
	s.statuses.err = trust.Refuse("V80", "revoked")
	s.refused(t, "V80")
	s.statuses.err = nil
	s.accepted(t)
	if n := len(s.wallet.Calls()); n != 2 {
		t.Errorf("the wallet was asked %d times", n)
	}
}

// Status is judged at each message, whatever is cached.
func TestStatusEachTime(t *testing.T) {
	s := newScene(t)
	s.withStatus()
	s.accepted(t)
	s.statuses.err = trust.Refuse("V81", "suspended")
	s.refused(t, "V81")
	s.statuses.err = nil
	s.accepted(t)
	if n := len(s.wallet.Calls()); n != 1 {
		t.Errorf("the wallet was asked %d times", n)
	}
	for _, e := range s.statuses.asked {
		if e.Issuer != s.issuer.DID || e.MaxAge != time.Minute || len(e.Entries) != 1 || e.Entries[0].Index != 7 {
			t.Errorf("asked %+v", e)
		}
	}
}

func TestStatusCacheOff(t *testing.T) {
	s := newScene(t)
	s.settings(`{"statusCache":"-1s"}`)
	s.withStatus()
	s.accepted(t)
	if age := s.statuses.asked[0].MaxAge; age <= 0 || age > time.Microsecond {
		t.Errorf("lists may be %s old", age)
	}
}
