// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

// lasting makes a credential that outlives these tests.
func lasting(d *dcptest.Draft) {
	end := dcptest.Start.Add(1000 * time.Hour)
	d.Claims["exp"], d.VC()["expirationDate"] = end.Unix(), end.Format(time.RFC3339)
}

func TestStatusIsLookedAfter(t *testing.T) {
	cases := map[string]struct {
		err   error
		state string
		next  time.Duration
	}{
		"good":                       {nil, holder.Held, time.Hour},
		"revoked":                    {trust.Refuse("V80", "x"), holder.Revoked, time.Hour},
		"suspended":                  {trust.Refuse("V81", "x"), holder.Suspended, time.Hour},
		"revoked, one of several":    {trust.Refuse("V92", "x").Because(trust.Refuse("V80", "x")), holder.Revoked, time.Hour},
		"a list that nobody signed":  {trust.Refuse("V83", "x"), holder.Suspended, time.Hour},
		"out of reach":               {fmt.Errorf("%w: x", trust.ErrUnavailable), holder.Suspended, time.Minute},
		"an error of another kind":   {errors.New("x"), holder.Suspended, time.Minute},
		"several, none says why not": {trust.Refuse("V92", "x").Because(errors.New("x")), holder.Suspended, time.Hour},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.deliver(f.authority.Credential(f.own, membership, listed, lasting))
			f.status.err = trust.Refuse("V81", "x") // it was suspended before
			f.work()
			f.Clock.Advance(time.Hour)
			f.status.err = test.err
			f.work()
			c := f.wallet()[0]
			if c.State != test.state || c.NextCheck.Sub(f.Clock.Now()) != test.next {
				t.Errorf("%s, next check in %v; want %s in %v", c.State, c.NextCheck.Sub(f.Clock.Now()), test.state, test.next)
			}
			if !c.Checked.Equal(f.Clock.Now()) {
				t.Errorf("checked at %v", c.Checked)
			}
		})
	}
}

func TestIssuerIsJudgedAsPeerThenAsTrustedIssuer(t *testing.T) {
	for _, test := range []struct{ peer, trusted, want trust.Conformance }{
		{"", "", trust.Strict},
		{"", trust.Lenient, trust.Lenient},
		{trust.Lenient, "", trust.Lenient},
		{trust.Strict, trust.Lenient, trust.Strict},
		{trust.Lenient, trust.Strict, trust.Lenient},
	} {
		f := newFixture(t)
		f.settings(dcp.Settings{TrustedIssuers: []dcp.TrustedIssuer{
			{ID: f.verifier.DID, Types: []string{"*"}, Conformance: trust.Lenient},
			{ID: f.authority.DID, Types: []string{"*"}, Conformance: test.trusted},
		}})
		f.peers[f.authority.DID] = trust.Peer{ID: f.authority.DID, Conformance: test.peer}
		f.deliver(f.authority.Credential(f.own, membership, listed))
		f.work()
		if len(f.status.asked) != 1 {
			t.Fatalf("asked %d times", len(f.status.asked))
		}
		asked := f.status.asked[0]
		if asked.Conformance != test.want || asked.Issuer != f.authority.DID || asked.Entries[0].Index != 7 {
			t.Errorf("%+v: asked for %+v", test, asked)
		}
	}
}

func TestEndIsNoticedInTime(t *testing.T) {
	f := newFixture(t, func(_ *fixture, c *holder.Config) { c.CheckEvery = 100 * time.Hour }) // a day at most
	f.deliver(f.authority.Credential(f.own, membership, func(d *dcptest.Draft) {
		d.Claims["exp"] = dcptest.Start.Add(30 * time.Hour).Unix()
		d.VC()["expirationDate"] = dcptest.Start.Add(30 * time.Hour).Format(time.RFC3339)
	}))
	var at []time.Duration
	for range 20 {
		f.work()
		c := f.wallet()[0]
		if c.State == holder.Expired {
			break
		}
		at = append(at, c.NextCheck.Sub(dcptest.Start))
		f.Clock.Set(c.NextCheck)
	}
	c := f.wallet()[0]
	if c.State != holder.Expired || !f.Clock.Now().Equal(dcptest.Start.Add(30*time.Hour)) {
		t.Errorf("%s at %v after checks at %v", c.State, f.Clock.Now().Sub(dcptest.Start), at)
	}
	// A clock that was wrong does not spoil a credential for good.
	f.Clock.Set(dcptest.Start.Add(time.Hour))
	if err := f.store.MarkCredential(t.Context(), "own", func() holder.Stored { c.NextCheck = f.Clock.Now(); return c }()); err != nil {
		t.Fatal(err)
	}
	f.work()
	if c := f.wallet()[0]; c.State != holder.Held {
		t.Errorf("%s after the clock was set right", c.State)
	}
}

// A credential that is replaced while its status is asked for keeps what was
// written with the new one.
func TestCheckOfWhatWasReplaced(t *testing.T) {
	f := newFixture(t)
	old := f.authority.Credential(f.own, membership, listed)
	pid := f.deliver(old)
	id := body(claimsOf(t, old))["id"]
	anew := f.authority.Credential(f.own, membership, lasting, func(d *dcptest.Draft) { d.VC()["id"], d.Claims["jti"] = id, id })
	f.status.err = trust.Refuse("V80", "x")
	var want holder.Stored
	f.store.fail = func(call string) error {
		if call == "Credential" {
			f.store.fail = nil
			if code, _ := f.post(deliverPath, f.authority, "", delivery(pid, anew)); code != 200 {
				t.Errorf("the delivery answered %d", code)
			}
			want = f.wallet()[0]
		}
		return nil
	}
	f.work()
	if diff := cmp.Diff(want, f.wallet()[0]); diff != "" || want.Raw != anew || want.State != holder.Held {
		t.Errorf("%s %s", want.State, diff)
	}
}

// Without an entry there is nothing to ask for: once a day is enough.
func TestCredentialWithoutStatusIsLookedAtDaily(t *testing.T) {
	f := newFixture(t)
	f.deliver(f.authority.Credential(f.own, membership, lasting))
	f.work()
	if c := f.wallet()[0]; c.NextCheck.Sub(f.Clock.Now()) != day || c.State != holder.Held || len(f.status.asked) != 0 {
		t.Errorf("next check in %v, %s, asked %d times", c.NextCheck.Sub(f.Clock.Now()), c.State, len(f.status.asked))
	}
}

func TestLongExpiredIsRemoved(t *testing.T) {
	f := newFixture(t)
	f.deliver(f.authority.Credential(f.own, membership)) // it ends in a day
	for _, test := range []struct {
		after time.Duration
		want  int
	}{{90 * day, 1}, {91 * day, 1}, {92 * day, 0}} {
		f.Clock.Set(dcptest.Start.Add(test.after))
		f.work()
		if n := len(f.wallet()); n != test.want {
			t.Errorf("%d credentials after %v, want %d", n, test.after, test.want)
		}
	}
}
