// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

// lasts makes a credential that ends a while after now.
func (f *fixture) lasts(d time.Duration) func(*dcptest.Draft) {
	end := f.Clock.Now().Add(d)
	return func(d *dcptest.Draft) {
		d.Claims["exp"], d.VC()["expirationDate"] = end.Unix(), end.Format(time.RFC3339)
	}
}

const day = 24 * time.Hour

func TestRenewal(t *testing.T) {
	f := newFixture(t)
	first := f.authority.Credential(f.own, membership, f.lasts(100*day))
	f.deliver(first)
	f.work()
	old := f.wallet()[0]
	if lead := old.ValidUntil.Sub(old.RenewAt); lead < 10*day || lead > 10*day+time.Hour {
		t.Fatalf("renewal %v before the end", lead)
	}
	f.Clock.Set(old.RenewAt.Add(-time.Second))
	f.work()
	if n := len(f.requests()); n != 1 {
		t.Fatalf("%d requests before the time", n)
	}
	f.Clock.Set(old.RenewAt.Add(time.Hour)) // no later than the next check
	f.work()
	f.work() // sends it
	list := f.requests()
	if len(list) != 2 || list[1].Renews != old.ID || !cmp.Equal(list[1].Credentials, []string{"object-1"}) || list[1].Issuer != f.authority.DID {
		t.Fatalf("requests %+v", list)
	}
	renewal := list[1]
	// It is one at a time.
	f.Clock.Advance(2 * day)
	f.work()
	if n := len(f.requests()); n != 2 {
		t.Fatalf("%d requests while one is open", n)
	}
	second := f.authority.Credential(f.own, membership, f.lasts(100*day))
	if code, _ := f.post(deliverPath, f.authority, "", delivery(renewal.HolderPID, second)); code != http.StatusOK {
		t.Fatalf("the delivery answered %d", code)
	}
	wallet := f.wallet()
	if len(wallet) != 1 || wallet[0].Raw != second {
		t.Errorf("%d credentials; the old one is there still", len(wallet))
	}
	_, answer := f.post(queryPath, f.verifier, f.grant(read(membership)...), query(read(membership)...))
	if diff := cmp.Diff([]string{second}, shown(t, answer)); diff != "" {
		t.Error(diff)
	}
	// And so on.
	f.work()
	f.Clock.Set(wallet[0].RenewAt.Add(time.Hour))
	f.work()
	if n := len(f.requests()); n != 3 {
		t.Errorf("%d requests after the second renewal", n)
	}
}

// A renewal of another type or profile leaves the old credential alone.
func TestRenewalReplacesItsLikeAlone(t *testing.T) {
	f := newFixture(t)
	f.deliver(f.authority.Credential(f.own, membership, f.lasts(10*day)))
	f.Clock.Set(f.wallet()[0].RenewAt)
	f.work()
	renewal := f.requests()[1].HolderPID
	m := delivery(renewal)
	m["credentials"] = []any{container(membership, "vc20-bssl/jwt", f.authority.Credential20(f.own, membership))}
	if code, _ := f.post(deliverPath, f.authority, "", m); code != http.StatusOK {
		t.Fatalf("answered %d", code)
	}
	if n := len(f.wallet()); n != 2 {
		t.Errorf("%d credentials, want 2", n)
	}
}

// If the old credential cannot be removed, the issuer delivers again.
func TestRenewalIsFinishedByTheNextDelivery(t *testing.T) {
	f := newFixture(t)
	f.deliver(f.authority.Credential(f.own, membership, f.lasts(10*day)))
	f.Clock.Set(f.wallet()[0].RenewAt)
	f.work()
	m := delivery(f.requests()[1].HolderPID, f.authority.Credential(f.own, membership, f.lasts(10*day)))
	f.store.fail = func(call string) error {
		if call == "DeleteCredential" {
			return errors.New("broken")
		}
		return nil
	}
	if code, _ := f.post(deliverPath, f.authority, "", m); code != http.StatusInternalServerError {
		t.Fatalf("answered %d", code)
	}
	f.store.fail = nil
	if code, _ := f.post(deliverPath, f.authority, "", m); code != http.StatusOK {
		t.Fatalf("again: %d", code)
	}
	if n := len(f.wallet()); n != 1 {
		t.Errorf("%d credentials, want 1", n)
	}
}

// Crash between the new request and the note about it: there is one request
// all the same.
func TestRenewalAfterACrash(t *testing.T) {
	f := newFixture(t)
	f.deliver(f.authority.Credential(f.own, membership, f.lasts(10*day)))
	f.Clock.Set(f.wallet()[0].RenewAt)
	f.store.fail = func(call string) error {
		if call == "MarkCredential" {
			return errors.New("crash")
		}
		return nil
	}
	if _, err := f.s.Work(t.Context()); err == nil {
		t.Fatal("no error")
	}
	f.store.fail = nil
	f.Clock.Advance(2 * time.Minute)
	f.work()
	if n := len(f.requests()); n != 2 {
		t.Errorf("%d requests, want the first and one renewal", n)
	}
}

func TestWhatIsRenewed(t *testing.T) {
	cases := map[string]struct {
		change func(f *fixture)
		want   int // renewals asked for within a week
	}{
		"held":      {func(*fixture) {}, 1},
		"revoked":   {func(f *fixture) { f.status.err = trust.Refuse("V80", "x") }, 0},
		"suspended": {func(f *fixture) { f.status.err = trust.Refuse("V81", "x") }, 0},
		"no such object": {func(f *fixture) {
			f.issuer.metadata = []dcp.Object{{ID: "x", CredentialType: sensitive, Profile: "vc11-sl2021/jwt"}}
		}, 0},
		"no metadata":      {func(f *fixture) { f.Network.Fail(f.authority.Host(), errors.New("refused")) }, 0},
		"by type":          {func(f *fixture) { f.issuer.metadata[1].ID = "object-new" }, 1},
		"another profile":  {func(f *fixture) { f.issuer.metadata = f.issuer.metadata[:1] }, 0},
		"the issuer is no": {func(f *fixture) { f.DIDs.Put(f.authority.DID, f.authority.Document()) }, 0},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.deliver(f.authority.Credential(f.own, membership, listed, f.lasts(20*day)))
			renewAt := f.wallet()[0].RenewAt
			f.work()
			test.change(f)
			f.Clock.Set(renewAt)
			for range 3 {
				f.work()
				f.Clock.Advance(12 * time.Hour)
			}
			list := f.requests()[1:]
			if len(list) != test.want {
				t.Fatalf("%d renewals, want %d", len(list), test.want)
			}
			if name == "by type" && list[0].Credentials[0] != "object-new" {
				t.Errorf("asked for %v", list[0].Credentials)
			}
		})
	}
}

// The connector was off when it was time: a credential that is over is asked
// for anew, for a week.
func TestRenewalOfWhatIsOver(t *testing.T) {
	for off, want := range map[time.Duration]int{12 * day: 1, 16 * day: 1, 18 * day: 0} {
		f := newFixture(t)
		f.deliver(f.authority.Credential(f.own, membership, f.lasts(10*day)))
		f.work()
		f.Clock.Advance(off)
		f.work()
		if n := len(f.requests()) - 1; n != want {
			t.Errorf("after %v: %d renewals, want %d", off, n, want)
		}
		if c := f.wallet()[0]; c.State != holder.Expired {
			t.Errorf("after %v: %s", off, c.State)
		}
	}
}

// An issuer that always names the same end is not asked again and again.
func TestRenewalOfAFixedEnd(t *testing.T) {
	f := newFixture(t)
	end := f.lasts(day)
	f.deliver(f.authority.Credential(f.own, membership, end))
	f.issuer.onRequest = func(r dcp.CredentialRequest) {
		if code, _ := f.post(deliverPath, f.authority, "", delivery(r.HolderPID, f.authority.Credential(f.own, membership, end))); code != http.StatusOK {
			t.Errorf("the delivery answered %d", code)
		}
	}
	for range 24 * 60 {
		f.work()
		f.Clock.Advance(time.Minute)
	}
	if n := len(f.requests()); n < 3 || n > 15 {
		t.Errorf("%d requests in a day", n)
	}
	if n := len(f.wallet()); n != 1 {
		t.Errorf("%d credentials", n)
	}
}

// An issuer that refuses is asked again, but not without end: in growing
// nearness to the end, and daily after it.
func TestRenewalThatIsRefused(t *testing.T) {
	f := newFixture(t)
	f.deliver(f.authority.Credential(f.own, membership, f.lasts(10*day)))
	f.issuer.answer = http.StatusForbidden
	for range 20 * 24 * 6 {
		f.work()
		f.Clock.Advance(10 * time.Minute)
	}
	if n := len(f.issuer.requests); n < 10 || n > 30 {
		t.Errorf("asked %d times in 20 days", n)
	}
}
