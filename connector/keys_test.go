// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/trust"
)

func TestKeysAreMadeOnce(t *testing.T) {
	b := newKeyBox(t)
	for _, use := range []string{trust.UseIdentity, trust.UseIssuer, trust.UseData, trust.UseJournal} {
		published := b.published(b.b, use)
		id := b.signer(b.a, use)
		if diff := cmp.Diff([]string{id}, published); diff != "" || b.signer(b.b, use) != id {
			t.Errorf("%s: the replicas differ: %s", use, diff)
		}
		key, err := b.a.VerificationKey(t.Context(), keyContext, id)
		if err != nil {
			t.Fatal(err)
		}
		der, err := x509.MarshalPKIXPublicKey(key)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(der)
		named := id == "key-"+hex.EncodeToString(sum[:])[:16]
		if seen := use == trust.UseIdentity || use == trust.UseIssuer; named != seen || !seen && !strings.HasPrefix(id, "urn:uuid:") {
			t.Errorf("%s: id %s", use, id)
		}
	}
	if len(b.rows.list) != 4 {
		t.Errorf("%d keys were made", len(b.rows.list))
	}
}

func TestListAndDelete(t *testing.T) {
	b := newKeyBox(t)
	old := b.signer(b.a, trust.UseIdentity)
	b.signer(b.a, trust.UseData)
	next, err := b.a.Rotate(t.Context(), keyContext, trust.UseIdentity, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if list, err := b.a.List(t.Context(), keyContext); err != nil || len(list) != 3 {
		t.Errorf("got %v, %v", list, err)
	}
	for _, id := range []string{old, next.ID} { // the one retires in a minute, the other never
		if err := b.a.Delete(t.Context(), keyContext, id); !errors.Is(err, errKeyInUse) {
			t.Errorf("%s: %v", id, err)
		}
	}
	b.now = next.Active
	if _, err := b.a.VerificationKey(t.Context(), keyContext, old); err != nil {
		t.Error(err)
	}
	if err := b.a.Delete(t.Context(), keyContext, old); err != nil {
		t.Fatal(err)
	}
	if _, err := b.a.VerificationKey(t.Context(), keyContext, old); !errors.Is(err, trust.ErrNoKey) {
		t.Errorf("a deleted key: %v", err)
	}
	if diff := cmp.Diff([]string{next.ID}, b.published(b.a, trust.UseIdentity)); diff != "" {
		t.Error(diff)
	}
	if err := b.a.Delete(t.Context(), keyContext, old); !errors.Is(err, trust.ErrNoKey) {
		t.Errorf("deleted twice: %v", err)
	}
}

func TestKeysAreReadSeldom(t *testing.T) {
	b := newKeyBox(t)
	b.signer(b.a, trust.UseData)
	read := b.rows.reads
	for range 100 {
		b.signer(b.a, trust.UseData)
	}
	if b.rows.reads != read {
		t.Errorf("read %d times", b.rows.reads-read)
	}
	b.rows.err = errors.New("store is down")
	b.now = b.now.Add(keysKnown)
	if _, err := b.a.SigningKey(t.Context(), keyContext, trust.UseData); !errors.Is(err, b.rows.err) {
		t.Errorf("got %v", err)
	}
	if _, err := b.a.PublicKeys(t.Context(), keyContext, trust.UseData); !errors.Is(err, b.rows.err) {
		t.Errorf("got %v", err)
	}
}

// TestPublicKeysAreTheCallersOwn: who sorts or cuts the list does not change
// what others get.
func TestPublicKeysAreTheCallersOwn(t *testing.T) {
	b := newKeyBox(t)
	list, err := b.a.PublicKeys(t.Context(), keyContext, trust.UseIdentity)
	if err != nil {
		t.Fatal(err)
	}
	id := list[0].ID
	list[0].ID = "changed"
	if got := b.published(b.a, trust.UseIdentity); got[0] != id {
		t.Errorf("got %v", got)
	}
}

func TestSignHead(t *testing.T) {
	b := newKeyBox(t)
	id, signature, err := b.a.signHead(t.Context(), keyContext, "00ff", 7)
	if err != nil {
		t.Fatal(err)
	}
	key, err := b.b.VerificationKey(t.Context(), keyContext, id)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"musubi journal head\nacme\n7\n00ff\n": true, "musubi journal head\nacme\n8\n00ff\n": false,
	} {
		digest := sha256.Sum256([]byte(text))
		if ecdsa.VerifyASN1(key.(*ecdsa.PublicKey), digest[:], signature) != want {
			t.Errorf("%q: not %v", text, want)
		}
	}
}

// TestMemoKeepsNothingOlderThanAChange: a load that began before a rotation
// ends after it.
func TestMemoKeepsNothingOlderThanAChange(t *testing.T) {
	var m memo[int]
	now := time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
	load := func(value int, before func()) func() (int, time.Time, error) {
		return func() (int, time.Time, error) { before(); return value, now.Add(time.Hour), nil }
	}
	nothing := func() {}
	if got, _ := m.get("a", "x", now, load(1, func() { m.forget("a") })); got != 1 {
		t.Errorf("got %d", got)
	}
	if got, _ := m.get("a", "x", now, load(2, nothing)); got != 2 {
		t.Errorf("got %d: what was read before the change was kept", got)
	}
	if got, _ := m.get("a", "x", now, load(3, nothing)); got != 2 {
		t.Errorf("got %d: nothing is kept", got)
	}
	if got, _ := m.get("b", "x", now, load(4, nothing)); got != 4 {
		t.Errorf("got %d: another participant's", got)
	}
}
