// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

// What an issuer makes for minutes is not renewed: it would have us ask
// without end.
func TestRenewal_OfWhatLastsForMinutes(t *testing.T) {
	f := newFixture(t)
	f.deliver(f.authority.Credential(f.own, membership, f.lasts(10*time.Minute)))
	for range 20 {
		f.work()
		f.Clock.Advance(time.Minute)
	}
	if n := len(f.requests()); n != 1 {
		t.Errorf("%d requests, want the first alone", n)
	}
}

// A hanging status list of one issuer is waited for once in a pass, and the
// credentials stay good.
func TestStatus_IsAskedOnceOfAnIssuerThatIsDown(t *testing.T) {
	f := newFixture(t)
	var payloads []string
	for range 10 {
		payloads = append(payloads, f.authority.Credential(f.own, membership, listed))
	}
	f.deliver(payloads...)
	f.status.err = errors.Join(trust.ErrUnavailable)
	f.work()
	if n := len(f.status.asked); n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
	for _, c := range f.wallet() {
		if c.State != holder.Held || c.NextCheck.Sub(f.Clock.Now()) != time.Minute {
			t.Errorf("%s, next check in %v", c.State, c.NextCheck.Sub(f.Clock.Now()))
		}
	}
}

// A clock that was ahead does not take the wallet away once it is put right.
func TestClockThatWasAhead(t *testing.T) {
	f := newFixture(t)
	f.deliver(f.authority.Credential(f.own, membership, f.lasts(100*day)))
	now := f.Clock.Now()
	f.Clock.Advance(101 * day)
	f.work()
	if c := f.wallet()[0]; c.State != holder.Expired {
		t.Fatalf("state %s", c.State)
	}
	f.Clock.Set(now)
	code, answer := f.post(queryPath, f.verifier, f.grant(read(membership)...), query(read(membership)...))
	if code != http.StatusOK || len(shown(t, answer)) != 1 {
		t.Errorf("answered %d %s", code, answer)
	}
}

// Anybody may make offers: none is kept that is large.
func TestOffer_IsBounded(t *testing.T) {
	f := newFixture(t)
	o := message("CredentialOfferMessage", map[string]any{"issuer": f.authority.DID, "credentials": []any{
		map[string]any{"id": "x", "type": "CredentialObject", "credentialType": strings.Repeat("x", 70<<10)},
	}})
	if code, _ := f.post(offerPath, f.authority, "", o); code != http.StatusBadRequest {
		t.Errorf("answered %d, want 400", code)
	}
}

// A holderPid stands in the scope of the token that its issuer gets: a space in
// it would make two scopes of one.
func TestExpect_NoSpacesInAHolderPID(t *testing.T) {
	f := newFixture(t)
	_, err := f.s.Expect(t.Context(), f.own.Context, f.authority.DID, "x "+dcp.TypeScope(membership).String())
	if !errors.Is(err, holder.ErrInput) {
		t.Errorf("error %v, want ErrInput", err)
	}
}

// The wallet's worker is killed at each of its writes, from the request to the
// delivery: the issuer is asked under one holderPid only, and each credential
// is held once.
func TestCrash_AtEachWrite(t *testing.T) {
	crash := errors.New("crash")
	for at := 1; at <= 8; at++ {
		f := newFixture(t)
		pid := f.asked()
		payload := f.authority.Credential(f.own, membership)
		calls := 0
		f.store.fail = func(string) error {
			if calls++; calls == at {
				return crash
			}
			return nil
		}
		delivered := false
		for range 6 {
			_, _ = f.s.Work(t.Context()) // dies, or not
			if !delivered {
				code, _ := f.post(deliverPath, f.authority, "", delivery(pid, payload))
				delivered = code == http.StatusOK
			}
			f.Clock.Advance(3 * time.Minute)
		}
		f.store.fail = nil
		for _, r := range f.issuer.requests {
			if r.HolderPID != pid {
				t.Errorf("crash %d: asked under %s, want %s", at, r.HolderPID, pid)
			}
		}
		if list := f.wallet(); len(list) != 1 || list[0].State != holder.Held {
			t.Errorf("crash %d: %d credentials, want one", at, len(list))
		}
		if r := f.request(pid); r.State != holder.Issued || !r.NextTry.IsZero() {
			t.Errorf("crash %d: %+v", at, r)
		}
	}
}

// A full wallet takes again what it holds already: an issuer that did not learn
// of our answer delivers once more.
func TestFullWallet_TakesAgainWhatItHolds(t *testing.T) {
	f := newFixture(t)
	pid := f.asked()
	var last map[string]any
	for n := range 10 {
		last = delivery(pid)
		for range 50 {
			last["credentials"] = append(last["credentials"].([]any), container(membership, "vc11-sl2021/jwt", f.authority.Credential(f.own, membership)))
		}
		if code, _ := f.post(deliverPath, f.authority, "", last); code != http.StatusOK {
			t.Fatalf("message %d: answered %d", n+1, code)
		}
	}
	if code, _ := f.post(deliverPath, f.authority, "", last); code != http.StatusOK {
		t.Errorf("delivered again: answered %d, want 200", code)
	}
	if code, _ := f.post(deliverPath, f.authority, "", delivery(pid, f.authority.Credential(f.own, membership))); code != http.StatusInsufficientStorage {
		t.Errorf("one more: answered %d, want 507", code)
	}
}
