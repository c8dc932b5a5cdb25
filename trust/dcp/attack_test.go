// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
)

// Members are told apart by case: what Go's decoder would take for iss, aud or
// exp is no claim.
func TestMembersOfAnotherCaseAreNone(t *testing.T) {
	w := dcptest.NewWorld(t)
	own, peer := w.Party("own"), w.Party("peer")
	for name, check := range map[string]string{
		"iss": "V27", "sub": "V28", "aud": "V29", "exp": "V31", "iat": "V33", "jti": "V37", "token": "V39",
	} {
		draft := peer.Draft(own.DID)
		draft.Claims[strings.ToUpper(name)] = draft.Claims[name]
		delete(draft.Claims, name)
		_, err := w.Authenticator().Check(t.Context(), own.Participant(), []string{draft.Bearer(t)}, dcp.Demand{AccessToken: true})
		wantRefusal(t, err, check)

		// Beside the right one it changes nothing.
		draft = peer.Draft(own.DID)
		draft.Claims[strings.ToUpper(name)] = "did:web:victim.example"
		caller, err := w.Authenticator().Check(t.Context(), own.Participant(), []string{draft.Bearer(t)}, dcp.Demand{AccessToken: true})
		if err != nil || caller.DID != peer.DID {
			t.Errorf("%s: %+v, %v", name, caller, err)
		}
	}
}

// What a stranger claims to be is shown to people: nothing of it may be obeyed
// by a terminal, begin a line of a log, or fill it.
func TestClaimedSenderIsHarmless(t *testing.T) {
	w := dcptest.NewWorld(t)
	own, peer := w.Party("own"), w.Party("peer")
	for _, claimed := range []string{"did:web:\x1b[2Ja.example", "did:web:a\nlevel=INFO", "did:web:" + strings.Repeat("a", 2000), "did:web:a\u202eb"} {
		draft := peer.Draft(own.DID)
		draft.Claims["iss"], draft.Claims["sub"] = claimed, claimed
		_, err := w.Authenticator().Check(t.Context(), own.Participant(), []string{draft.Bearer(t)}, dcp.Demand{})
		refusal, ok := errors.AsType[*trust.Refusal](err)
		if !ok || refusal.Subject != "" {
			t.Errorf("%.40q: %v names %.40q", claimed, err, refusal.Subject)
		}
		if text := err.Error(); strings.ContainsAny(text, "\x1b\n") || len(text) > 1000 {
			t.Errorf("%.40q: %.200q", claimed, text)
		}
	}
	// Whoever cannot be read at all is named by iss alone.
	part := base64.RawURLEncoding.EncodeToString
	raw := part([]byte(`{"alg":"none"}`)) + "." + part([]byte(`{"ISS":"did:web:victim.example"}`)) + ".AA"
	_, err := w.Authenticator().Check(t.Context(), own.Participant(), []string{"Bearer " + raw}, dcp.Demand{})
	if refusal := wantRefusal(t, err, "V07"); refusal.Subject != "" {
		t.Errorf("named %q", refusal.Subject)
	}
}

// A token of nobody's costs no read of the store and no document, and one that
// a strict peer might have sent is told of as relaxed only once it is proved.
func TestBadTokenAsksNobody(t *testing.T) {
	w := dcptest.NewWorld(t)
	own, peer := w.Party("own"), w.Party("peer")
	a, asked := w.Authenticator(), 0
	a.Conformance = func(context.Context, string, string) trust.Conformance {
		asked++
		return trust.Lenient
	}
	told := 0
	a.Relaxed = func(_, _, _ string) { told++ }
	good := peer.Draft(own.DID)
	if _, err := a.Check(t.Context(), own.Participant(), []string{good.Bearer(t)}, dcp.Demand{}); err != nil || asked != 0 {
		t.Errorf("a good token: %v, asked %d times", err, asked)
	}
	old := peer.Draft(own.DID)
	old.Claims["exp"] = 1
	_, err := a.Check(t.Context(), own.Participant(), []string{old.Bearer(t)}, dcp.Demand{})
	wantRefusal(t, err, "V32")
	if asked != 0 {
		t.Errorf("asked %d times", asked)
	}
	forged := peer.Draft(own.DID)
	forged.Claims["aud"] = []any{own.DID, "did:web:x.example"}
	bearer := forged.Bearer(t)
	bearer = bearer[:strings.LastIndexByte(bearer, '.')+1] + strings.Repeat("A", 86)
	_, err = a.Check(t.Context(), own.Participant(), []string{bearer}, dcp.Demand{})
	wantRefusal(t, err, "V08")
	if asked != 1 || told != 0 {
		t.Errorf("asked %d times, told %d times", asked, told)
	}
}

// A call that is proved and not recorded has no effect on the record: Use
// accepts it once.
func TestProveAndUse(t *testing.T) {
	w := dcptest.NewWorld(t)
	own, peer := w.Party("own"), w.Party("peer")
	a, bearer := w.Authenticator(), peer.Draft(own.DID).Bearer(t)
	for range 2 {
		caller, err := a.Prove(t.Context(), own.Participant(), []string{bearer}, dcp.Demand{})
		if err != nil || w.Replays.Len() != 0 {
			t.Fatalf("%v, %d on record", err, w.Replays.Len())
		}
		defer func() {
			if err := a.Use(t.Context(), own.Participant(), caller); err == nil {
				t.Error("a token was used twice")
			}
		}()
	}
	if _, err := a.Check(t.Context(), own.Participant(), []string{bearer}, dcp.Demand{}); err != nil {
		t.Error(err)
	}
}

// A type that every credential has demands nothing, and is no setting.
func TestSettingsThatDemandNothing(t *testing.T) {
	own := dcptest.NewWorld(t).Party("own").Participant()
	for _, text := range []string{
		`{"requires":{"default":["VerifiableCredential"]}}`, `{"requires":{"catalog":[]}}`, `{"requires":{"catalog":[""]}}`,
		`{"presents":["VerifiableCredential"]}`,
	} {
		own.Settings = []byte(text)
		if _, err := dcp.ReadSettings(own); !errors.Is(err, dcp.ErrSettings) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// A presentation has all claims that a call without an access token needs, and
// is no token for a call.
func TestPresentationIsNoSelfIssuedToken(t *testing.T) {
	w := dcptest.NewWorld(t)
	own, peer := w.Party("own"), w.Party("peer")
	for _, claim := range []string{"vp", "vc"} {
		draft := peer.Draft(own.DID)
		draft.Claims[claim] = map[string]any{"type": []any{"VerifiablePresentation"}}
		_, err := w.Authenticator().Check(t.Context(), own.Participant(), []string{draft.Bearer(t)}, dcp.Demand{})
		wantRefusal(t, err, "V04")
	}
}
