// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
)

// wantRefusal demands a refusal by a check.
func wantRefusal(t *testing.T, err error, check string) *trust.Refusal {
	t.Helper()
	refusal, ok := errors.AsType[*trust.Refusal](err)
	if !ok || refusal.Check != check {
		t.Errorf("error %v; want a refusal by %s", err, check)
	}
	if errors.Is(err, trust.ErrUnavailable) {
		t.Errorf("error %v is a verdict and none", err)
	}
	return refusal
}

// wantUnavailable demands an error that is no verdict.
func wantUnavailable(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, trust.ErrUnavailable) || errors.Is(err, trust.ErrUnauthenticated) {
		t.Errorf("error %v; want one that is no verdict", err)
	}
}

func TestCaller(t *testing.T) {
	w := dcptest.NewWorld(t)
	own, peer := w.Party("own"), w.Party("peer")
	draft := peer.Draft(own.DID)
	draft.Claims["pre-authorized_code"] = "code"
	caller, err := w.Authenticator().Check(t.Context(), own.Participant(), []string{draft.Bearer(t)}, dcp.Demand{})
	if err != nil {
		t.Fatal(err)
	}
	if caller.Document.ID != peer.DID || !caller.Expires.After(w.Clock.Now()) {
		t.Errorf("document of %s, ends %s", caller.Document.ID, caller.Expires)
	}
	caller.Document = nil
	want := dcp.Caller{DID: peer.DID, AccessToken: "access-token", PreAuthorized: "code", TokenID: draft.Claims["jti"].(string), Expires: caller.Expires}
	if diff := cmp.Diff(want, caller); diff != "" {
		t.Error(diff)
	}
}

// A refusal names whom the token claims to be from, and nothing of the token.
func TestRefusalNamesTheClaimedSender(t *testing.T) {
	w := dcptest.NewWorld(t)
	own, peer := w.Party("own"), w.Party("peer")
	for _, c := range []struct{ check, claim string }{{"V29", "aud"}, {"V32", "exp"}, {"V28", "sub"}} {
		draft := peer.Draft(own.DID)
		draft.Claims[c.claim] = map[string]any{"aud": "did:web:x.example", "exp": 1, "sub": "did:web:x.example"}[c.claim]
		_, err := w.Authenticator().Check(t.Context(), own.Participant(), []string{draft.Bearer(t)}, dcp.Demand{})
		if r := wantRefusal(t, err, c.check); r != nil && r.Subject != peer.DID {
			t.Errorf("subject %q", r.Subject)
		}
	}
}

// A document that is out of reach is no verdict, and the token is good still.
func TestUnreachableDocument(t *testing.T) {
	w := dcptest.NewWorld(t)
	own, peer := w.Party("own"), w.Party("peer")
	bearer := []string{peer.Draft(own.DID).Bearer(t)}
	document, _ := w.DIDs.Raw(peer.DID)
	w.DIDs.Fail(peer.DID, did.ErrUnreachable)
	_, err := w.Authenticator().Check(t.Context(), own.Participant(), bearer, dcp.Demand{})
	wantUnavailable(t, err)
	if w.Replays.Len() != 0 {
		t.Error("the token is used up")
	}
	w.DIDs.Put(peer.DID, document)
	if _, err := w.Authenticator().Check(t.Context(), own.Participant(), bearer, dcp.Demand{}); err != nil {
		t.Error(err)
	}
}

func TestReplayStoreFails(t *testing.T) {
	w := dcptest.NewWorld(t)
	own, peer := w.Party("own"), w.Party("peer")
	w.Replays.Err = errors.New("down")
	_, err := w.Authenticator().Check(t.Context(), own.Participant(), []string{peer.Draft(own.DID).Bearer(t)}, dcp.Demand{})
	wantUnavailable(t, err)
}

// Nobody burns an id with a token that is not good.
func TestBadTokenBurnsNoID(t *testing.T) {
	w := dcptest.NewWorld(t)
	own, peer := w.Party("own"), w.Party("peer")
	for _, fault := range dcptest.TokenFaults() {
		if fault.Again || fault.AccessToken {
			continue
		}
		c := &dcptest.TokenCase{World: w, Caller: peer, Own: own, Draft: peer.Draft(own.DID), Document: peer.Document()}
		w.DIDs.Put(peer.DID, c.Document)
		fault.Break(c)
		values := []string{c.Draft.Bearer(t)}
		if c.Values != nil {
			values = c.Values(values[0])
		}
		_, err := w.Authenticator().Check(t.Context(), own.Participant(), values, dcp.Demand{})
		wantRefusal(t, err, fault.Check)
	}
	if w.Replays.Len() != 0 {
		t.Errorf("%d ids are recorded", w.Replays.Len())
	}
}

// What can be judged without another party is, before anything is fetched.
func TestBadClaimsCostNoFetch(t *testing.T) {
	w := dcptest.NewWorld(t)
	own, peer := w.Party("own"), w.Party("peer")
	draft := peer.Draft(own.DID)
	draft.Claims["aud"] = "did:web:other.example"
	_, err := w.Authenticator().Check(t.Context(), own.Participant(), []string{draft.Bearer(t)}, dcp.Demand{})
	wantRefusal(t, err, "V29")
	if w.DIDs.Count() != 0 {
		t.Error("a document was fetched")
	}
}

// A key that was added since the document was fetched is found; one refresh
// is all there is.
func TestRefreshForANewKey(t *testing.T) {
	w := dcptest.NewWorld(t)
	own, peer := w.Party("own"), w.Party("peer")
	fresh := peer.Document()
	method := fresh["verificationMethod"].([]any)[0].(map[string]any)
	method["id"], fresh["capabilityInvocation"] = peer.DID+"#new", []any{peer.DID + "#new"}
	draft := peer.Draft(own.DID)
	draft.Header["kid"] = peer.DID + "#new"
	_, err := w.Authenticator().Check(t.Context(), own.Participant(), []string{draft.Bearer(t)}, dcp.Demand{})
	wantRefusal(t, err, "V14")
	refreshed := 0
	w.DIDs.OnRefresh = func(string) bool { refreshed++; w.DIDs.Put(peer.DID, fresh); return true }
	if _, err := w.Authenticator().Check(t.Context(), own.Participant(), []string{draft.Bearer(t)}, dcp.Demand{}); err != nil {
		t.Error(err)
	}
	draft.Header["kid"] = peer.DID + "#none"
	_, err = w.Authenticator().Check(t.Context(), own.Participant(), []string{draft.Bearer(t)}, dcp.Demand{})
	wantRefusal(t, err, "V14")
	if refreshed != 2 {
		t.Errorf("refreshed %d times", refreshed)
	}
}

func TestLenientCaller(t *testing.T) {
	w := dcptest.NewWorld(t)
	own, peer := w.Party("own"), w.Party("peer")
	bare := peer.Document()
	delete(bare, "capabilityInvocation")
	delete(bare, "assertionMethod")
	bare["authentication"] = []any{}
	severalAudiences := func(d *dcptest.Draft) { d.Claims["aud"] = []any{"did:web:x.example", own.DID} }
	for _, c := range []struct {
		name, strict, relaxed string
		document              dcptest.Document
		change                func(*dcptest.Draft)
	}{
		{"no relationships", "V17", "a DID document without verification relationships", bare, func(*dcptest.Draft) {}},
		{"several audiences", "V30", "a self-issued token with several audiences", peer.Document(), severalAudiences},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.DIDs.Put(peer.DID, c.document)
			for _, lenient := range []bool{false, true} {
				w.Lenient[peer.DID], w.Relaxed = lenient, nil
				draft := peer.Draft(own.DID)
				c.change(draft)
				_, err := w.Authenticator().Check(t.Context(), own.Participant(), []string{draft.Bearer(t)}, dcp.Demand{})
				if !lenient {
					wantRefusal(t, err, c.strict)
				} else if err != nil || !cmp.Equal(w.Relaxed, []string{peer.DID + ": " + c.relaxed}) {
					t.Errorf("error %v, relaxed %q", err, w.Relaxed)
				}
			}
		})
	}
}

// Lenient never lets a key pass that the document gives another use.
func TestLenientKeepsRelationships(t *testing.T) {
	w := dcptest.NewWorld(t)
	own, peer := w.Party("own"), w.Party("peer")
	w.Lenient[peer.DID] = true
	draft := peer.Draft(own.DID)
	draft.Header["kid"], draft.Key = peer.Issuer.ID, peer.Issuer.Signer
	_, err := w.Authenticator().Check(t.Context(), own.Participant(), []string{draft.Bearer(t)}, dcp.Demand{})
	wantRefusal(t, err, "V17")
}

func TestProtectReleases(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer dcp.Answer
		err    error
		again  bool
	}{
		{"answered", dcp.Answer{Status: 200}, nil, false},
		{"the caller's fault", dcp.Answer{}, dcp.Faultf(400, "bad", "bad"), false},
		{"refused", dcp.Answer{}, trust.Refuse("V39", "no"), false},
		{"our fault", dcp.Answer{}, dcp.Faultf(503, "later", "later"), true},
		{"our answer", dcp.Answer{Status: 500}, nil, true},
		{"out of reach", dcp.Answer{}, trust.ErrUnavailable, true},
		{"broken", dcp.Answer{}, errors.New("disk"), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := dcptest.NewWorld(t)
			own, peer := w.Party("own"), w.Party("peer")
			ctx, cancel := context.WithCancel(t.Context())
			serve := w.Authenticator().Protect(dcp.Demand{}, func(context.Context, dcp.Caller, dcp.Call) (dcp.Answer, error) {
				cancel() // the caller hangs up
				return c.answer, c.err
			})
			call := dcp.Call{Own: own.Participant(), Authorization: []string{peer.Draft(own.DID).Bearer(t)}}
			if _, err := serve(ctx, call); !errors.Is(err, c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			_, err := w.Authenticator().Check(t.Context(), call.Own, call.Authorization, dcp.Demand{})
			if again := err == nil; again != c.again {
				t.Errorf("again: %v, want %t", err, c.again)
			}
		})
	}
}

func TestProtectReleasesAfterPanic(t *testing.T) {
	w := dcptest.NewWorld(t)
	own, peer := w.Party("own"), w.Party("peer")
	serve := w.Authenticator().Protect(dcp.Demand{}, func(context.Context, dcp.Caller, dcp.Call) (dcp.Answer, error) { panic("broken") })
	func() {
		defer func() { _ = recover() }()
		_, _ = serve(t.Context(), dcp.Call{Own: own.Participant(), Authorization: []string{peer.Draft(own.DID).Bearer(t)}})
		t.Error("no panic")
	}()
	if w.Replays.Len() != 0 {
		t.Error("the token is used up")
	}
}

// A token is remembered for as long as it could be accepted.
func TestReplayIsRememberedPastTheEnd(t *testing.T) {
	w := dcptest.NewWorld(t)
	own, peer := w.Party("own"), w.Party("peer")
	bearer := []string{peer.Draft(own.DID).Bearer(t)}
	if _, err := w.Authenticator().Check(t.Context(), own.Participant(), bearer, dcp.Demand{}); err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(5*time.Minute + 4*time.Second) // past exp, within the leeway
	if _, err := w.Replays.DropTokens(t.Context(), w.Clock.Now(), 10); err != nil {
		t.Fatal(err)
	}
	_, err := w.Authenticator().Check(t.Context(), own.Participant(), bearer, dcp.Demand{})
	wantRefusal(t, err, "V38")
	w.Clock.Advance(2 * time.Second)
	if n, err := w.Replays.DropTokens(t.Context(), w.Clock.Now(), 10); n != 1 || err != nil {
		t.Errorf("%d dropped, %v", n, err)
	}
	_, err = w.Authenticator().Check(t.Context(), own.Participant(), bearer, dcp.Demand{})
	wantRefusal(t, err, "V32")
}

// wrong is a resolver that gives everybody the document of one.
type wrong struct {
	*dcptest.DIDs
	one string
}

func (w wrong) Resolve(ctx context.Context, _ string) (*did.Document, error) {
	return w.DIDs.Resolve(ctx, w.one)
}

func TestDocumentMustBeTheSenders(t *testing.T) {
	w := dcptest.NewWorld(t)
	own, peer := w.Party("own"), w.Party("peer")
	auth := w.Authenticator()
	auth.DIDs = wrong{w.DIDs, w.Party("other").DID}
	_, err := auth.Check(t.Context(), own.Participant(), []string{peer.Draft(own.DID).Bearer(t)}, dcp.Demand{})
	wantRefusal(t, err, "V19")
}

// Whatever else is a verdict on a document is one on its owner.
func TestOtherVerdictsOnADocument(t *testing.T) {
	w := dcptest.NewWorld(t)
	own, peer := w.Party("own"), w.Party("peer")
	for _, verdict := range []error{&did.Error{Code: "did_new", Reason: "new"}, fmt.Errorf("wrapped: %w", did.ErrDocument)} {
		w.DIDs.Fail(peer.DID, verdict)
		_, err := w.Authenticator().Check(t.Context(), own.Participant(), []string{peer.Draft(own.DID).Bearer(t)}, dcp.Demand{})
		wantRefusal(t, err, "V22")
		if !errors.Is(err, verdict) && !errors.Is(err, did.ErrDocument) {
			t.Errorf("the cause is lost: %v", err)
		}
	}
}

func TestFault(t *testing.T) {
	cause := errors.New("cause")
	f := dcp.Faultf(409, "conflict", "there is %d already", 1)
	if f.Error() != "conflict: there is 1 already" || f.Status != 409 {
		t.Errorf("fault %v", f)
	}
	f.Err = cause
	if f.Error() != "conflict: there is 1 already: cause" || !errors.Is(f, cause) {
		t.Errorf("fault %v", f)
	}
}
