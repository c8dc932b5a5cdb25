// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"crypto"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

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
