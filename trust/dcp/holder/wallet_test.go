// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

func TestImport(t *testing.T) {
	f := newFixture(t)
	raw := f.authority.Credential(f.own, membership)
	c, err := f.s.Import(t.Context(), "own", raw)
	if err != nil || c.Raw != raw || c.State != holder.Held || !c.RenewAt.IsZero() {
		t.Fatalf("%+v, %v", c, err)
	}
	again, err := f.s.Import(t.Context(), "own", raw)
	if err != nil || again.ID != c.ID {
		t.Errorf("again: %s, %v; want %s", again.ID, err, c.ID)
	}
	got, err := f.s.Get(t.Context(), "own", c.ID)
	if err != nil || got.Raw != raw {
		t.Errorf("got %+v, %v", got, err)
	}
	_, answer := f.post(queryPath, f.verifier, f.grant(read(membership)...), query(read(membership)...))
	if diff := cmp.Diff([]string{raw}, shown(t, answer)); diff != "" {
		t.Error(diff)
	}
	if err := f.s.Delete(t.Context(), "own", c.ID); err != nil {
		t.Error(err)
	}
	if err := f.s.Delete(t.Context(), "own", c.ID); !errors.Is(err, holder.ErrNotFound) {
		t.Errorf("error %v", err)
	}
	f.work()
	if len(f.issuer.requests) != 0 {
		t.Error("an issuer was asked")
	}
}

func TestImportIsRefused(t *testing.T) {
	f := newFixture(t)
	for name, raw := range map[string]string{
		"no token":        "abc",
		"another subject": f.authority.Credential(f.verifier, membership),
		"expired":         f.authority.Credential(f.own, membership, func(d *dcptest.Draft) { d.Claims["exp"] = 1 }),
		"older":           f.authority.Credential(f.own, membership, older),
	} {
		if _, err := f.s.Import(t.Context(), "own", raw); !errors.Is(err, holder.ErrInput) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := f.s.Import(t.Context(), "nobody", "abc"); !errors.Is(err, trust.ErrUnknownParticipant) {
		t.Errorf("error %v", err)
	}
	if len(f.wallet())+len(f.requests()) != 0 {
		t.Error("something is stored")
	}
	f.lenient()
	if _, err := f.s.Import(t.Context(), "own", f.authority.Credential(f.own, membership, older)); err != nil {
		t.Errorf("leniently: %v", err)
	}
}

// prover proves nothing, and remembers what it was asked.
type prover struct {
	err  error
	want vc.Want
}

func (p *prover) Credential(_ context.Context, _ string, want vc.Want) (vc.Credential, error) {
	p.want = want
	return vc.Credential{}, p.err
}

func TestImportIsProved(t *testing.T) {
	p := &prover{}
	f := newFixture(t, func(_ *fixture, c *holder.Config) { c.Prover = p })
	raw := f.authority.Credential(f.own, membership)
	for _, err := range []error{trust.Refuse("V64", "x"), fmt.Errorf("%w: x", trust.ErrUnavailable)} {
		p.err = err
		if _, got := f.s.Import(t.Context(), "own", raw); !errors.Is(got, err) {
			t.Errorf("error %v, want %v", got, err)
		}
	}
	p.err = nil
	if _, err := f.s.Import(t.Context(), "own", raw); err != nil {
		t.Error(err)
	}
	trusted, how, err := p.want.Issuers(t.Context(), f.authority.DID, membership)
	if p.want.Holder != f.own.DID || !trusted || how.Lenient() || err != nil {
		t.Errorf("asked for %+v, %v %v %v", p.want, trusted, how, err)
	}
}

// The product's own checker is a Prover that refuses a forged credential.
func TestImportIsProvedByTheChecker(t *testing.T) {
	f := newFixture(t, func(f *fixture, c *holder.Config) { c.Prover = &vc.Checker{DIDs: f.DIDs, Now: f.Clock.Now} })
	forged := f.authority.Credential(f.own, membership, func(d *dcptest.Draft) { d.Key = f.verifier.Key.Signer })
	if _, err := f.s.Import(t.Context(), "own", forged); !errors.Is(err, trust.ErrUnauthenticated) {
		t.Errorf("forged: %v", err)
	}
	if _, err := f.s.Import(t.Context(), "own", f.authority.Credential(f.own, membership)); err != nil {
		t.Errorf("good: %v", err)
	}
}

func TestWishes(t *testing.T) {
	f := newFixture(t)
	for name, test := range map[string]struct {
		wish holder.Wish
		want []string // objects; nil: ErrInput
	}{
		"objects":           {holder.Wish{Objects: []string{"a", "b"}}, []string{"a", "b"}},
		"a type":            {holder.Wish{Types: []string{membership}}, []string{"object-1"}},
		"type and profile":  {holder.Wish{Types: []string{membership}, Profile: "vc20-bssl/jwt"}, []string{"object-20"}},
		"the only profile":  {holder.Wish{Types: []string{sensitive}}, []string{"object-2"}},
		"objects and types": {holder.Wish{Objects: []string{"a"}, Types: []string{membership}}, []string{"a", "object-1"}},
		"an unknown type":   {holder.Wish{Types: []string{"Unknown"}}, nil},
		"no such profile":   {holder.Wish{Types: []string{sensitive}, Profile: "vc11-sl2021/jwt"}, nil},
		"an odd profile":    {holder.Wish{Types: []string{sensitive}, Profile: "ldp"}, nil},
		"nothing":           {holder.Wish{}, nil},
		"an empty id":       {holder.Wish{Objects: []string{""}}, nil},
		"a line break":      {holder.Wish{Objects: []string{"a\nb"}}, nil},
		"too long":          {holder.Wish{Objects: []string{strings.Repeat("x", 501)}}, nil},
		"too many":          {holder.Wish{Objects: make([]string, 33)}, nil},
		"an issuer's key":   {holder.Wish{Issuer: f.authority.DID + "#key", Objects: []string{"a"}}, nil},
		"no DID":            {holder.Wish{Issuer: "https://authority.example", Objects: []string{"a"}}, nil},
	} {
		if test.wish.Issuer == "" {
			test.wish.Issuer = f.authority.DID
		}
		r, err := f.s.Request(t.Context(), "own", test.wish)
		if (test.want == nil) != errors.Is(err, holder.ErrInput) || test.want != nil && err != nil {
			t.Errorf("%s: error %v", name, err)
		}
		if diff := cmp.Diff(test.want, r.Credentials); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if err == nil && (r.State != holder.Requested || !r.NextTry.Equal(dcptest.Start) || !r.Deadline.Equal(dcptest.Start.Add(day))) {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestMetadata(t *testing.T) {
	f := newFixture(t)
	m, err := f.s.Metadata(t.Context(), f.authority.DID)
	if err != nil || m.Issuer != f.authority.DID || len(m.Supported) != 3 {
		t.Fatalf("%+v, %v", m, err)
	}
	for _, call := range f.Network.Calls() {
		if call != "GET https://authority.example/issuer/metadata" {
			t.Errorf("called %s", call)
		}
	}
	if _, err := f.s.Metadata(t.Context(), f.verifier.DID); !errors.Is(err, holder.ErrInput) {
		t.Errorf("of no issuer: %v", err)
	}
	other := f.Party("other", "IssuerService", "https://authority.example/issuer")
	if _, err := f.s.Metadata(t.Context(), other.DID); !errors.Is(err, holder.ErrInput) {
		t.Errorf("in another's name: %v", err)
	}
	f.Network.Fail(f.authority.Host(), errors.New("refused"))
	if _, err := f.s.Request(t.Context(), "own", holder.Wish{Issuer: f.authority.DID, Types: []string{membership}}); !errors.Is(err, trust.ErrUnavailable) {
		t.Errorf("out of reach: %v", err)
	}
	if len(f.requests()) != 0 {
		t.Error("a request is stored")
	}
	if _, err := f.s.Request(t.Context(), "own", holder.Wish{Issuer: f.authority.DID, Objects: []string{"x"}}); err != nil {
		t.Errorf("by object nobody need be reached: %v", err)
	}
}

// An issuer that was asked by other means is waited for, and not asked.
func TestExpect(t *testing.T) {
	f := newFixture(t)
	r, err := f.s.Expect(t.Context(), "own", f.authority.DID, "agreed-1")
	if err != nil || r.HolderPID != "agreed-1" || r.State != holder.Received {
		t.Fatalf("%+v, %v", r, err)
	}
	f.work()
	f.Clock.Advance(29 * day)
	f.work()
	if calls := f.Network.Calls(); len(calls) != 0 {
		t.Errorf("called %v", calls)
	}
	if code, _ := f.post(deliverPath, f.authority, "", delivery("agreed-1", f.authority.Credential(f.own, membership))); code != 200 {
		t.Errorf("the delivery answered %d", code)
	}
	fresh, err := f.s.Expect(t.Context(), "own", f.authority.DID, "")
	if err != nil || fresh.HolderPID == "" {
		t.Fatalf("%+v, %v", fresh, err)
	}
	f.Clock.Advance(30 * day)
	f.work()
	if r := f.request(fresh.HolderPID); r.State != holder.Failed {
		t.Errorf("after 30 days: %+v", r)
	}
	for name, pair := range map[string][2]string{
		"taken": {f.authority.DID, "agreed-1"}, "no DID": {"x", "y"}, "a control character": {f.authority.DID, "a\nb"},
		"too long": {f.authority.DID, strings.Repeat("x", 1025)},
	} {
		if _, err := f.s.Expect(t.Context(), "own", pair[0], pair[1]); !errors.Is(err, holder.ErrInput) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
