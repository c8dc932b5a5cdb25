// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

func TestDecide_Once(t *testing.T) {
	s := newScene(t)
	ctx, own := t.Context(), s.issuer.Context
	good := map[string]json.RawMessage{trust.MembershipCredential: member}
	approved, rejected := s.ask("pid-1", membership11), s.ask("pid-2", membership11)
	s.approve(approved, good)
	if _, err := s.service.Reject(ctx, own, rejected, "an officer", "no"); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{approved, rejected} {
		_, again := s.service.Approve(ctx, own, id, "x", good, nil)
		_, other := s.service.Reject(ctx, own, id, "x", "x")
		if !errors.Is(again, issuer.ErrDecided) || !errors.Is(other, issuer.ErrDecided) || !errors.Is(other, issuer.ErrChanged) {
			t.Errorf("%v and %v, want ErrDecided", again, other)
		}
	}
	_, err := s.service.Approve(ctx, own, "unknown", "x", good, nil)
	_, foreign := s.service.Reject(ctx, "other", approved, "x", "x")
	if !errors.Is(err, issuer.ErrNotFound) || !errors.Is(foreign, issuer.ErrNotFound) {
		t.Errorf("%v and %v, want ErrNotFound", err, foreign)
	}
	_, err = s.service.Approve(ctx, s.holder.Context, approved, "x", good, nil)
	if !errors.Is(err, issuer.ErrNoIssuer) {
		t.Errorf("%v, want ErrNoIssuer", err)
	}
}

func TestReject_IsDelivered(t *testing.T) {
	s := newScene(t)
	id := s.ask("pid-1", membership11)
	s.wallet.down = 503
	if _, err := s.service.Reject(t.Context(), s.issuer.Context, id, "an officer", "the number is\nnot yours"); err != nil {
		t.Fatal(err)
	}
	s.work()
	if got := s.state(id).Status; got != dcp.Rejected {
		t.Errorf("status %s", got)
	}
	s.wallet.down = 0
	s.world.Clock.Advance(5 * time.Second)
	s.work()
	m := s.wallet.one()
	if m.Status != dcp.Rejected || m.Reason != "the number is not yours" || m.HolderPID != "pid-1" || m.IssuerPID != id || len(m.Credentials) != 0 {
		t.Errorf("%+v", m)
	}
	if r := s.kept(id); r.State != issuer.Rejected || r.Delivered.IsZero() || !r.NextTry.IsZero() || s.store.count() != 0 {
		t.Errorf("%+v, %d credentials", r, s.store.count())
	}
}

func TestReject_OfAHolderThatNeverAnswers(t *testing.T) {
	s := newScene(t)
	id := s.ask("pid-1", membership11)
	s.wallet.down = 401
	if _, err := s.service.Reject(t.Context(), s.issuer.Context, id, "an officer", "no"); err != nil {
		t.Fatal(err)
	}
	s.until(t, id, func(r issuer.Request) bool { return r.NextTry.IsZero() })
	if r := s.kept(id); r.State != issuer.Rejected || !r.Delivered.IsZero() || r.LastError == "" {
		t.Errorf("%+v", r)
	}
}
