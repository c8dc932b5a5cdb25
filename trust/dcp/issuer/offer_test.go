// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

func TestIssue_WhenTheWalletAsks(t *testing.T) {
	s := newScene(t)
	ctx, own := t.Context(), s.issuer.Context
	r, err := s.service.Issue(ctx, own, s.holder.DID, "an officer", []string{membership11, membership20},
		map[string]json.RawMessage{trust.MembershipCredential: member}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.wallet.offers) != 1 || s.wallet.offers[0].Issuer != s.issuer.DID || len(s.wallet.offers[0].Credentials) != 2 {
		t.Fatalf("offers %+v, faults %q", s.wallet.offers, s.wallet.faults)
	}
	if o := s.wallet.offers[0].Credentials[0]; o.ID != membership11 || o.CredentialType != trust.MembershipCredential || o.Profile != "vc11-sl2021/jwt" {
		t.Errorf("offered %+v", o)
	}
	s.world.Clock.Advance(time.Hour)
	s.work()
	if s.store.count() != 0 {
		t.Fatal("issued before the wallet has asked")
	}
	if other := s.ask("pid-0", membership11); other == r.ID || s.kept(other).State != issuer.Received {
		t.Error("a request for something else was approved by it")
	}
	if id := s.ask("pid-1", membership20, membership11); id != r.ID {
		t.Errorf("request %s, want the one that was prepared", id)
	}
	s.work()
	if m := s.wallet.one(); m.HolderPID != "pid-1" || len(m.Credentials) != 2 || s.wallet.tokens[1] != "access-token" {
		t.Errorf("%+v with %q", m, s.wallet.tokens)
	}
	if id := s.ask("pid-1", membership20, membership11); id == r.ID {
		t.Error("one approval was used twice")
	}
}

func TestIssue_NotSeenBeforeItIsAsked(t *testing.T) {
	s := newScene(t)
	ctx, own := t.Context(), s.issuer.Context
	good := map[string]json.RawMessage{trust.MembershipCredential: member}
	r, err := s.service.Issue(ctx, own, s.holder.DID, "an officer", []string{membership11}, good, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.call("GET", "/issuer/requests/"+r.ID, s.holder.Draft(s.issuer.DID).Bearer(t), nil)
	fault(t, err, 404)
	if _, err := s.service.Withdraw(ctx, own, r.ID, "an officer", "a mistake"); err != nil {
		t.Fatal(err)
	}
	if id := s.ask("pid-1", membership11); id == r.ID || s.kept(id).State != issuer.Received {
		t.Error("what was withdrawn is still given")
	}
	if _, err := s.service.Withdraw(ctx, own, r.ID, "x", "x"); !errors.Is(err, issuer.ErrDecided) {
		t.Errorf("%v, want ErrDecided", err)
	}
	for name, c := range map[string]struct {
		ids    []string
		claims map[string]json.RawMessage
		want   error
	}{
		"unknown":    {[]string{"x-vc11"}, good, issuer.ErrUnknownObject},
		"nothing":    {nil, good, issuer.ErrUnknownObject},
		"no holder":  {[]string{membership11}, good, issuer.ErrClaims},
		"bad claims": {[]string{membership11}, nil, issuer.ErrClaims},
	} {
		holder := s.holder.DID
		if name == "no holder" {
			holder += "#key"
		}
		if _, err := s.service.Issue(ctx, own, holder, "x", c.ids, c.claims, nil); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestOffer_Failures(t *testing.T) {
	s := newScene(t)
	for name, c := range map[string]struct {
		spoil func()
		want  error
	}{
		"refused":         {func() { s.wallet.down = 403 }, issuer.ErrHolder},
		"no connection":   {func() { s.wallet.err = errors.New("connection refused") }, trust.ErrUnavailable},
		"no DID document": {func() { s.world.DIDs.Fail(s.holder.DID, did.ErrUnreachable) }, trust.ErrUnavailable},
		"no wallet":       {func() { s.world.DIDs.Put(s.holder.DID, s.holder.Document("Other", "https://x.example")) }, issuer.ErrHolder},
	} {
		t.Run(name, func(t *testing.T) {
			c.spoil()
			defer func() {
				s.wallet.down, s.wallet.err = 0, nil
				s.world.DIDs.Put(s.holder.DID, s.holder.Document("CredentialService", s.holder.URL()+"/dcp"))
			}()
			if err := s.service.Offer(t.Context(), s.issuer.Context, s.holder.DID, []string{membership11}); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
	if err := s.service.Offer(t.Context(), s.issuer.Context, s.holder.DID, []string{membership11}); err != nil {
		t.Error(err)
	}
	if err := s.service.Offer(t.Context(), s.issuer.Context, "https://acme.example", []string{membership11}); !errors.Is(err, issuer.ErrHolder) {
		t.Errorf("%v, want ErrHolder", err)
	}
}
