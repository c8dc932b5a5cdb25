// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/trust"
)

func TestRotationOverlaps(t *testing.T) {
	b := newKeyBox(t)
	old := b.signer(b.a, trust.UseIdentity)
	if b.signer(b.b, trust.UseIdentity) != old || !slices.Equal(b.published(b.b, trust.UseIdentity), []string{old}) {
		t.Fatal("the replicas differ")
	}
	next, err := b.a.Rotate(t.Context(), keyContext, trust.UseIdentity, 0)
	if err != nil {
		t.Fatal(err)
	}
	if !next.Active.Equal(b.begin.Add(10*time.Minute)) || !next.Retired.IsZero() || next.ID == old {
		t.Errorf("the next key: %+v", next)
	}
	both := []string{old, next.ID}
	if diff := cmp.Diff(both, b.published(b.a, trust.UseIdentity)); diff != "" {
		t.Error("not published at once:", diff)
	}
	b.now = b.begin.Add(keysKnown)
	if diff := cmp.Diff(both, b.published(b.b, trust.UseIdentity)); diff != "" {
		t.Error("not published by the other replica:", diff)
	}
	for at, want := range map[time.Duration]string{
		0: old, keysKnown: old, 10*time.Minute - keysKnown/2: old, 10*time.Minute - 1: old, 10 * time.Minute: next.ID, time.Hour: next.ID,
	} {
		b.a, b.b = newKeys(b.rows, b.a.now), newKeys(b.rows, b.a.now)
		b.now = b.begin.Add(at)
		if got := b.signer(b.a, trust.UseIdentity); got != want {
			t.Errorf("after %v: signed by %s, want %s", at, got, want)
		}
	}
	// What the old key signed stays good.
	list, err := b.a.PublicKeys(t.Context(), keyContext, trust.UseIdentity)
	if err != nil || len(list) != 2 || !list[0].Retired.Equal(next.Active) || !list[1].Retired.IsZero() {
		t.Errorf("got %+v, %v", list, err)
	}
	if _, err := b.b.VerificationKey(t.Context(), keyContext, old); err != nil {
		t.Error(err)
	}
}

// TestCacheDoesNotOutliveRotation: a replica that read the key right before
// the next takes over does not sign with it after.
func TestCacheDoesNotOutliveRotation(t *testing.T) {
	b := newKeyBox(t)
	old := b.signer(b.b, trust.UseIssuer)
	next, err := b.a.Rotate(t.Context(), keyContext, trust.UseIssuer, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	b.now = next.Active.Add(-time.Second)
	if b.signer(b.a, trust.UseIssuer) != old || b.signer(b.b, trust.UseIssuer) != old {
		t.Error("the next key signs before its time")
	}
	b.now = next.Active
	if b.signer(b.a, trust.UseIssuer) != next.ID || b.signer(b.b, trust.UseIssuer) != next.ID {
		t.Error("the old key signs after its time")
	}
}

// TestRotationAtOnce is for a key that was stolen: also a next one that is
// published already does not sign.
func TestRotationAtOnce(t *testing.T) {
	b := newKeyBox(t)
	b.signer(b.a, trust.UseIdentity)
	b.signer(b.b, trust.UseIdentity)
	pending, err := b.a.Rotate(t.Context(), keyContext, trust.UseIdentity, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	next, err := b.a.Rotate(t.Context(), keyContext, trust.UseIdentity, -1)
	if err != nil || !next.Active.Equal(b.now) {
		t.Fatalf("got %+v, %v", next, err)
	}
	if got := b.signer(b.a, trust.UseIdentity); got != next.ID {
		t.Errorf("signed by %s", got)
	}
	for _, row := range b.rows.list[:2] {
		if !row.Retired.Equal(b.now) {
			t.Errorf("%s retires at %v", row.ID, row.Retired)
		}
	}
	for _, wait := range []time.Duration{keysKnown, time.Minute, time.Hour} {
		b.now = b.begin.Add(wait)
		if got := b.signer(b.b, trust.UseIdentity); got != next.ID || got == pending.ID {
			t.Errorf("the other replica signs by %s after %v", got, wait)
		}
	}
}

func TestRotationWithoutAKey(t *testing.T) {
	b := newKeyBox(t)
	first, err := b.a.Rotate(t.Context(), keyContext, trust.UseIdentity, time.Hour)
	if err != nil || !first.Active.Equal(b.now) || b.signer(b.a, trust.UseIdentity) != first.ID || len(b.rows.list) != 1 {
		t.Errorf("got %+v, %v", first, err)
	}
	if _, err := b.a.Rotate(t.Context(), keyContext, "encryption", 0); !errors.Is(err, errKeyUse) {
		t.Errorf("an unknown use: %v", err)
	}
}

func TestAllRetired(t *testing.T) {
	b := newKeyBox(t)
	old := b.signer(b.a, trust.UseIdentity)
	if err := b.rows.RetireKey(t.Context(), keyContext, old, b.now); err != nil {
		t.Fatal(err)
	}
	b.now = b.now.Add(keysKnown)
	if got := b.signer(b.a, trust.UseIdentity); got == old || len(b.rows.list) != 2 || b.signer(b.b, trust.UseIdentity) != got {
		t.Errorf("signed by %s of %d keys", got, len(b.rows.list))
	}
}
