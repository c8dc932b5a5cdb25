// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
)

// keyRows keeps keys in a list, oldest first, for one participant.
type keyRows struct {
	mu    sync.Mutex
	list  []trust.SealedKey
	reads int
	err   error
}

func (r *keyRows) find(fits func(trust.SealedKey) bool) (trust.SealedKey, error) {
	if r.reads++; r.err != nil {
		return trust.SealedKey{}, r.err
	}
	for _, k := range slices.Backward(r.list) {
		if fits(k) {
			return k, nil
		}
	}
	return trust.SealedKey{}, trust.ErrNoKey
}

func (r *keyRows) CurrentKey(_ context.Context, _, use string, at time.Time) (trust.SealedKey, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.find(func(k trust.SealedKey) bool {
		return k.Use == use && !k.Active.After(at) && (k.Retired.IsZero() || k.Retired.After(at))
	})
}

func (r *keyRows) KeyByID(_ context.Context, _, id string) (trust.SealedKey, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.find(func(k trust.SealedKey) bool { return k.ID == id })
}

func (r *keyRows) Keys(_ context.Context, _, use string) (list []trust.SealedKey, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range r.list {
		if use == "" || k.Use == use {
			list = append(list, k)
		}
	}
	return list, r.err
}

func (r *keyRows) FirstKey(_ context.Context, _ string, k trust.SealedKey) (trust.SealedKey, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if kept, err := r.find(func(other trust.SealedKey) bool { return other.Use == k.Use }); !errors.Is(err, trust.ErrNoKey) {
		return kept, err
	}
	r.list = append(r.list, k)
	return k, nil
}

func (r *keyRows) AddKey(_ context.Context, _ string, k trust.SealedKey) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.ContainsFunc(r.list, func(other trust.SealedKey) bool { return other.ID == k.ID }) {
		return trust.ErrKeyExists
	}
	r.list = append(r.list, k)
	return nil
}

func (r *keyRows) RetireKey(_ context.Context, _, id string, at time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.list {
		if r.list[i].ID == id {
			r.list[i].Retired = at
			return nil
		}
	}
	return trust.ErrNoKey
}

func (r *keyRows) DeleteKey(_ context.Context, _, id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = slices.DeleteFunc(r.list, func(k trust.SealedKey) bool { return k.ID == id })
	return nil
}

// keyBox is two replicas over the same rows, and their clock.
type keyBox struct {
	t     *testing.T
	rows  *keyRows
	a, b  *keys
	now   time.Time
	begin time.Time
}

func newKeyBox(t *testing.T) *keyBox {
	b := &keyBox{t: t, rows: &keyRows{}, now: time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)}
	b.begin = b.now
	clock := func() time.Time { return b.now }
	b.a, b.b = newKeys(b.rows, clock), newKeys(b.rows, clock)
	return b
}

const keyContext = "acme"

// signer returns the id of the key that a replica signs with.
func (b *keyBox) signer(k *keys, use string) string {
	b.t.Helper()
	key, err := k.SigningKey(b.t.Context(), keyContext, use)
	if err != nil {
		b.t.Fatal(err)
	}
	public, err := k.VerificationKey(b.t.Context(), keyContext, key.ID)
	if err != nil || !public.(interface{ Equal(crypto.PublicKey) bool }).Equal(key.Signer.Public()) {
		b.t.Fatalf("%s: %v is not the key that signs: %v", key.ID, public, err)
	}
	return key.ID
}

// published returns the ids that a replica publishes.
func (b *keyBox) published(k *keys, use string) []string {
	b.t.Helper()
	list, err := k.PublicKeys(b.t.Context(), keyContext, use)
	if err != nil {
		b.t.Fatal(err)
	}
	ids := make([]string, len(list))
	for i, key := range list {
		if ids[i] = key.ID; key.Use != use || key.Key == nil {
			b.t.Errorf("published %+v for %s", key, use)
		}
	}
	return ids
}

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

func pkcs8(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func privateKeys(t *testing.T) map[string]crypto.Signer {
	t.Helper()
	p256, err1 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p384, err2 := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	_, ed, err3 := ed25519.GenerateKey(rand.Reader)
	rsaKey, err4 := rsa.GenerateKey(rand.Reader, 2048)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	return map[string]crypto.Signer{"P-256": p256, "P-384": p384, "Ed25519": ed, "RSA": rsaKey}
}

func TestImport(t *testing.T) {
	for name, key := range privateKeys(t) {
		b := newKeyBox(t)
		made := b.signer(b.a, trust.UseIdentity)
		text := pkcs8(t, key)
		imported, err := b.a.Import(t.Context(), keyContext, trust.UseIdentity, text, b.now.Add(time.Minute))
		if err != nil {
			t.Fatal(name, err)
		}
		if b.signer(b.a, trust.UseIdentity) != made || len(b.published(b.a, trust.UseIdentity)) != 2 {
			t.Errorf("%s: it signs before its time or is not published", name)
		}
		b.now = imported.Active
		if b.signer(b.a, trust.UseIdentity) != imported.ID || b.signer(b.b, trust.UseIdentity) != imported.ID {
			t.Errorf("%s: it does not sign", name)
		}
		// At each start again, by all replicas, also after a rotation.
		next, err := b.a.Rotate(t.Context(), keyContext, trust.UseIdentity, -1)
		if err != nil {
			t.Fatal(name, err)
		}
		again, err := b.b.Import(t.Context(), keyContext, trust.UseIdentity, text, time.Time{})
		if err != nil || again.ID != imported.ID || !again.Active.Equal(imported.Active) || again.Retired.IsZero() || len(b.rows.list) != 3 {
			t.Errorf("%s, again: %+v, %v", name, again, err)
		}
		b.now = b.now.Add(keysKnown)
		if b.signer(b.b, trust.UseIdentity) != next.ID {
			t.Errorf("%s: the rotation was undone", name)
		}
		if _, err := b.a.Import(t.Context(), keyContext, trust.UseIssuer, text, b.now); !errors.Is(err, trust.ErrKeyExists) {
			t.Errorf("%s, for another use: %v", name, err)
		}
	}
}

// TestImportFirst: with nothing to overlap with, it signs at once, and no
// other key is ever made.
func TestImportFirst(t *testing.T) {
	b := newKeyBox(t)
	imported, err := b.a.Import(t.Context(), keyContext, trust.UseIdentity, pkcs8(t, privateKeys(t)["P-256"]), b.now.Add(time.Hour))
	if err != nil || !imported.Active.Equal(b.now) || b.signer(b.b, trust.UseIdentity) != imported.ID || len(b.rows.list) != 1 {
		t.Errorf("got %+v, %v", imported, err)
	}
}

func TestImportRefuses(t *testing.T) {
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := privateKeys(t)
	sec1, err := x509.MarshalECPrivateKey(good["P-256"].(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	b := newKeyBox(t)
	for name, tc := range map[string]struct {
		use  string
		pem  []byte
		want error
	}{
		"empty":              {trust.UseIdentity, nil, jose.ErrKey},
		"no PEM":             {trust.UseIdentity, []byte("secret"), jose.ErrKey},
		"P-521":              {trust.UseIdentity, pkcs8(t, p521), jose.ErrKey},
		"SEC 1":              {trust.UseIdentity, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: sec1}), jose.ErrKey},
		"two keys":           {trust.UseIdentity, append(pkcs8(t, good["P-256"]), pkcs8(t, good["P-384"])...), jose.ErrKey},
		"unknown use":        {"encryption", pkcs8(t, good["P-256"]), errKeyUse},
		"journal by Ed25519": {trust.UseJournal, pkcs8(t, good["Ed25519"]), errKeyUse},
		"journal by P-384":   {trust.UseJournal, pkcs8(t, good["P-384"]), errKeyUse},
	} {
		if _, err := b.a.Import(t.Context(), keyContext, tc.use, tc.pem, b.now); !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", name, err, tc.want)
		}
	}
	if len(b.rows.list) != 0 {
		t.Errorf("kept %d keys", len(b.rows.list))
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
