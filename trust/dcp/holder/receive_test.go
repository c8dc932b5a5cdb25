// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

func TestDeliveryIsStoredByteForByte(t *testing.T) {
	f := newFixture(t)
	member, other := f.authority.Credential(f.own, membership, listed), f.authority.Credential20(f.own, sensitive)
	pid := f.deliver(member, other)
	claims := body(claimsOf(t, member))
	want := []holder.Stored{
		{
			Credential: claims["id"].(string), Issuer: f.authority.DID, Types: []string{"VerifiableCredential", membership},
			Profile: "vc11-sl2021/jwt", Raw: member, Status: []trust.StatusEntry{{
				ID: "https://authority.example/status/1#7", Type: "StatusList2021Entry", Purpose: "revocation",
				List: "https://authority.example/status/1", Index: 7,
			}},
		},
		{
			Credential: claimsOf(t, other)["id"].(string), Issuer: f.authority.DID,
			Types: []string{"VerifiableCredential", sensitive}, Profile: "vc20-bssl/jwt", Raw: other,
		},
	}
	for i := range want {
		want[i].ValidFrom, want[i].ValidUntil = dcptest.Start.Add(-time.Hour), dcptest.Start.Add(24*time.Hour)
		want[i].Request, want[i].Received, want[i].NextCheck = pid, dcptest.Start, dcptest.Start
		want[i].State = holder.Held
		want[i].RenewAt = dcptest.Start.Add(12 * time.Hour) // the middle of what is left: a day before the end is over
	}
	byType := cmpopts.SortSlices(func(a, b holder.Stored) bool { return a.Profile < b.Profile })
	if diff := cmp.Diff(want, f.wallet(), byType, cmpopts.IgnoreFields(holder.Stored{}, "ID")); diff != "" {
		t.Error(diff)
	}
	r := f.request(pid)
	if r.State != holder.Issued || !r.NextTry.IsZero() || r.IssuerPID != "issuer-1" {
		t.Errorf("request %+v", r)
	}
}

func TestDeliveryIsRefusedWhole(t *testing.T) {
	f := newFixture(t)
	other := f.Party("other", "IssuerService", "https://other.example/issuer")
	pid, foreign := f.asked(), f.askedOf(other)
	good := func(edit ...func(*dcptest.Draft)) string { return f.authority.Credential(f.own, membership, edit...) }
	one := func(credentialType, format, payload string) map[string]any {
		m := delivery(pid, good())
		m["credentials"] = append(m["credentials"].([]any), container(credentialType, format, payload))
		return m
	}
	set := func(name string, value any) map[string]any {
		m := delivery(pid, good())
		m[name] = value
		return m
	}
	const format = "vc11-sl2021/jwt"
	cases := map[string]struct {
		body any
		want int
	}{
		"no holderPid":              {set("holderPid", nil), 400},
		"an unknown holderPid":      {set("holderPid", "unknown"), 404},
		"a holderPid no store has":  {set("holderPid", "a\x00b"), 404},
		"a very long holderPid":     {set("holderPid", strings.Repeat("x", 2000)), 404},
		"a request to another":      {set("holderPid", foreign), 404},
		"another status":            {set("status", "INVALID_STATUS"), 400},
		"the status of the waiting": {set("status", "RECEIVED"), 400},
		"no status":                 {set("status", nil), 400},
		"no credentials":            {set("credentials", []any{}), 400},
		"an issuerPid no store has": {set("issuerPid", "a\x00b"), 400},
		"an unknown format":         {one(membership, "ldp_vc", good()), 400},
		"another format":            {one(membership, "vc20-bssl/jwt", good()), 400},
		"no token":                  {one(membership, format, "abc"), 400},
		"another issuer":            {one(membership, format, other.Credential(f.own, membership)), 400},
		"another subject":           {one(membership, format, f.authority.Credential(other, membership)), 400},
		"another sub": {one(membership, format, good(func(d *dcptest.Draft) {
			d.Claims["sub"] = other.DID
		})), 400},
		"expired": {one(membership, format, good(func(d *dcptest.Draft) {
			d.VC()["expirationDate"] = dcptest.Start.Format(time.RFC3339)
		})), 400},
		"its token expired":                {one(membership, format, good(func(d *dcptest.Draft) { d.Claims["exp"] = dcptest.Start.Unix() })), 400},
		"not of the type it is said to be": {one(sensitive, format, good()), 400},
		"no common type": {one(membership, format, good(func(d *dcptest.Draft) {
			d.VC()["type"] = []any{membership}
		})), 400},
		"no context": {one(membership, format, good(func(d *dcptest.Draft) { delete(d.VC(), "@context") })), 400},
		"the context second": {one(membership, format, good(func(d *dcptest.Draft) {
			d.VC()["@context"] = []any{"https://other.example/v1", "https://www.w3.org/2018/credentials/v1"}
		})), 400},
		"an id no store has": {one(membership, format, good(func(d *dcptest.Draft) {
			d.VC()["id"], d.Claims["jti"] = "a\x00b", "a\x00b"
		})), 400},
		"older": {one(membership, format, good(older)), 400},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			f.T = t
			if code, _ := f.post(deliverPath, f.authority, "", test.body); code != test.want {
				t.Errorf("answered %d, want %d", code, test.want)
			}
			if list := f.wallet(); len(list) != 0 {
				t.Errorf("%d credentials are stored", len(list))
			}
			if r := f.request(pid); r.State != holder.Requested || r.Version != 1 {
				t.Errorf("the request was changed: %+v", r)
			}
		})
	}
	f.T = t
	if code, _ := f.post(deliverPath, f.authority, "", one(membership, format, good())); code != http.StatusOK {
		t.Errorf("the good one answered %d", code)
	}
}

// askedOf makes a request to another issuer.
func (f *fixture) askedOf(p *dcptest.Party) string {
	f.T.Helper()
	r, err := f.s.Request(context.Background(), f.own.Context, holder.Wish{Issuer: p.DID, Objects: []string{"x"}})
	if err != nil {
		f.T.Fatal(err)
	}
	return r.HolderPID
}

func TestRequestTakesWhatItIsOpenFor(t *testing.T) {
	rejection := func(pid string) any {
		return message("CredentialMessage", map[string]any{
			"issuerPid": "i", "holderPid": pid, "status": "REJECTED", "rejectionReason": "no\nmember",
		})
	}
	for _, test := range []struct {
		state              string
		issued, rejected   int
		afterIss, afterRej string
	}{
		{holder.Requested, 200, 200, holder.Issued, holder.Rejected},
		{holder.Received, 200, 200, holder.Issued, holder.Rejected},
		{holder.Issued, 200, 409, holder.Issued, holder.Issued},
		{holder.Rejected, 409, 409, holder.Rejected, holder.Rejected},
		{holder.Failed, 409, 409, holder.Failed, holder.Failed},
	} {
		t.Run(test.state, func(t *testing.T) {
			f := newFixture(t)
			for _, reject := range []bool{false, true} {
				pid := f.asked()
				r := f.request(pid)
				r.State = test.state
				if _, err := f.store.SaveRequest(t.Context(), f.own.Context, r); err != nil {
					t.Fatal(err)
				}
				var m any = delivery(pid, f.authority.Credential(f.own, membership))
				want, after := test.issued, test.afterIss
				if reject {
					m, want, after = rejection(pid), test.rejected, test.afterRej
				}
				code, _ := f.post(deliverPath, f.authority, "", m)
				if got := f.request(pid); code != want || got.State != after {
					t.Errorf("reject %v: answered %d and is %s; want %d and %s", reject, code, got.State, want, after)
				}
				if got := f.request(pid); after == holder.Rejected && want == 200 && (got.Reason != "no member" || !got.NextTry.IsZero()) {
					t.Errorf("rejected with %+v", got)
				}
			}
		})
	}
}

// The same delivery again is taken and changes nothing; a later one of the
// same types takes the place of the first in what is presented.
func TestDeliveryAgain(t *testing.T) {
	f := newFixture(t)
	first := f.authority.Credential(f.own, membership)
	pid := f.deliver(first)
	before := f.wallet()
	for range 2 {
		if code, _ := f.post(deliverPath, f.authority, "", delivery(pid, first)); code != http.StatusOK {
			t.Fatalf("again: %d", code)
		}
	}
	if diff := cmp.Diff(before, f.wallet()); diff != "" {
		t.Error(diff)
	}
	f.Clock.Advance(time.Minute)
	second := f.authority.Credential(f.own, membership)
	if code, _ := f.post(deliverPath, f.authority, "", delivery(pid, second)); code != http.StatusOK {
		t.Fatalf("anew: %d", code)
	}
	_, answer := f.post(queryPath, f.verifier, f.grant(read(membership)...), query(read(membership)...))
	if diff := cmp.Diff([]string{second}, shown(t, answer)); diff != "" {
		t.Error(diff)
	}
	// Once the later one is bad, the first is as good as it was.
	list := f.wallet()
	list[0].State = holder.Revoked
	if err := f.store.MarkCredential(t.Context(), f.own.Context, list[0]); err != nil {
		t.Fatal(err)
	}
	_, answer = f.post(queryPath, f.verifier, f.grant(read(membership)...), query(read(membership)...))
	if diff := cmp.Diff([]string{first}, shown(t, answer)); diff != "" {
		t.Error(diff)
	}
}

// A worker that writes the request at the same time does not make the
// delivery fail, and a store that fails leaves nothing.
func TestDeliveryBesideOthers(t *testing.T) {
	f := newFixture(t)
	pid, member := f.asked(), f.authority.Credential(f.own, membership)
	races := 2
	f.store.fail = func(call string) error {
		if call != "Deliver" || races == 0 {
			return nil
		}
		races--
		return holder.ErrClosed
	}
	if code, _ := f.post(deliverPath, f.authority, "", delivery(pid, member)); code != http.StatusOK {
		t.Errorf("after two races: %d", code)
	}
	races = 3
	if code, _ := f.post(deliverPath, f.authority, "", delivery(pid, member)); code != http.StatusServiceUnavailable {
		t.Errorf("after three races: %d, want 503", code)
	}
	f.store.fail = func(call string) error {
		if call == "Deliver" {
			return errors.New("disk full")
		}
		return nil
	}
	pid = f.asked()
	if code, _ := f.post(deliverPath, f.authority, "", delivery(pid, member)); code != http.StatusInternalServerError {
		t.Errorf("with a full disk: %d, want 500", code)
	}
	if r := f.request(pid); r.State != holder.Requested {
		t.Errorf("the request is %s", r.State)
	}
}

// What older issuers write passes where they are judged leniently, each time
// with a note; what is another's does not.
func TestLenientDelivery(t *testing.T) {
	var relaxed []string
	f := newFixture(t, func(_ *fixture, c *holder.Config) {
		c.Relaxed = func(contextID, did, what string) { relaxed = append(relaxed, contextID+" "+did+" "+what) }
	})
	f.lenient()
	pid := f.asked()
	for name, test := range map[string]struct {
		edit func(*dcptest.Draft)
		kind string
		note string
		want int
	}{
		"nothing odd":     {func(*dcptest.Draft) {}, membership, "", 200},
		"older":           {older, membership, "types lack VerifiableCredential", 200},
		"its own sub":     {func(d *dcptest.Draft) { d.Claims["sub"] = d.VC()["id"] }, membership, "sub is not", 200},
		"its context":     {func(d *dcptest.Draft) { d.VC()["@context"] = "x" }, membership, "@context is not", 200},
		"another type":    {func(*dcptest.Draft) {}, sensitive, "credentialType", 200},
		"a subject less":  {func(d *dcptest.Draft) { older(d); d.VC()["credentialSubject"] = map[string]any{} }, membership, "subject is not", 200},
		"another subject": {func(d *dcptest.Draft) { d.VC()["credentialSubject"] = map[string]any{"id": "did:web:x.example"} }, membership, "", 400},
		"another issuer":  {func(d *dcptest.Draft) { d.VC()["issuer"] = "did:web:x.example" }, membership, "", 400},
		"expired":         {func(d *dcptest.Draft) { d.Claims["exp"] = dcptest.Start.Unix() }, membership, "", 400},
	} {
		relaxed = nil
		m := delivery(pid)
		m["credentials"] = []any{container(test.kind, "VC1_0_JWT", f.authority.Credential(f.own, membership, test.edit))}
		if code, _ := f.post(deliverPath, f.authority, "", m); code != test.want {
			t.Errorf("%s: answered %d, want %d", name, code, test.want)
		}
		notes := strings.Join(relaxed, "\n")
		if (test.note == "") != (notes == "") || !strings.Contains(notes, test.note) {
			t.Errorf("%s: noted %q, want %q", name, notes, test.note)
		}
		if notes != "" && !strings.HasPrefix(notes, "own did:web:authority.example ") {
			t.Errorf("%s: noted %q", name, notes)
		}
	}
}

// An issuer has its share of a wallet, and no more.
func TestWalletIsBounded(t *testing.T) {
	f := newFixture(t)
	pid := f.asked()
	send := func(count int) int {
		m := delivery(pid)
		for range count {
			m["credentials"] = append(m["credentials"].([]any), container(membership, "vc11-sl2021/jwt", f.authority.Credential(f.own, membership)))
		}
		code, _ := f.post(deliverPath, f.authority, "", m)
		return code
	}
	if code := send(65); code != http.StatusBadRequest {
		t.Errorf("65 in one message: %d, want 400", code)
	}
	for range 7 {
		if code := send(64); code != http.StatusOK {
			t.Fatalf("answered %d", code)
		}
	}
	if code := send(64); code != http.StatusInsufficientStorage {
		t.Errorf("512 credentials: %d, want 507", code)
	}
	if n := len(f.wallet()); n != 7*64 {
		t.Errorf("%d credentials", n)
	}
	other := f.Party("other")
	m := delivery(f.askedOf(other), other.Credential(f.own, membership))
	if code, _ := f.post(deliverPath, other, "", m); code != http.StatusOK {
		t.Errorf("another issuer: %d, want 200", code)
	}
}

func TestPeerThatCannotBeReadIsNoVerdict(t *testing.T) {
	f := newFixture(t, func(_ *fixture, c *holder.Config) {
		c.Peer = func(context.Context, string, string) (trust.Peer, error) { return trust.Peer{}, errors.New("broken") }
	})
	m := delivery(f.asked(), f.authority.Credential(f.own, membership))
	if code, _ := f.post(deliverPath, f.authority, "", m); code != http.StatusServiceUnavailable {
		t.Errorf("answered %d, want 503", code)
	}
}
