// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcptest

import (
	"cmp"
	"context"
	"crypto"
	"fmt"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

func (w *World) conformance(_ context.Context, _, id string) trust.Conformance {
	if w.Lenient[id] {
		return trust.Lenient
	}
	return trust.Strict
}

// Participant returns a party's participant by its context.
// trust.ErrUnknownParticipant.
func (w *World) Participant(_ context.Context, contextID string) (trust.Participant, error) {
	return w.participant(contextID)
}

// Replays is a dcp.ReplayStore.
type Replays struct {
	// Err, if set, is what each call returns.
	Err error

	mu   sync.Mutex
	used map[string]time.Time
}

func replayKey(contextID, issuer, tokenID string) string {
	return fmt.Sprintf("%q %q %q", contextID, issuer, tokenID)
}

// UseToken implements dcp.ReplayStore.
func (r *Replays) UseToken(ctx context.Context, contextID, issuer, tokenID string, until time.Time) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := cmp.Or(r.Err, ctx.Err()); err != nil {
		return false, err
	}
	key := replayKey(contextID, issuer, tokenID)
	_, used := r.used[key]
	if !used {
		r.used[key] = until
	}
	return !used, nil
}

// ReleaseToken implements dcp.ReplayStore.
func (r *Replays) ReleaseToken(ctx context.Context, contextID, issuer, tokenID string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := cmp.Or(r.Err, ctx.Err()); err != nil {
		return err
	}
	delete(r.used, replayKey(contextID, issuer, tokenID))
	return nil
}

// DropTokens implements dcp.ReplayStore.
func (r *Replays) DropTokens(_ context.Context, now time.Time, limit int) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	dropped := 0
	for key, until := range r.used {
		if until.Before(now) && dropped < limit {
			delete(r.used, key)
			dropped++
		}
	}
	return dropped, r.Err
}

// Len returns how many tokens are recorded.
func (r *Replays) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.used)
}

// Keys is a trust.KeyStore: one key for each participant and use.
type Keys struct {
	// Err, if set, is what each call returns.
	Err error

	mu   sync.Mutex
	keys map[[2]string]trust.Key // by context and use
}

func newKeys() *Keys { return &Keys{keys: map[[2]string]trust.Key{}} }

// Put sets a participant's key for a use.
func (k *Keys) Put(contextID, use string, key trust.Key) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys[[2]string{contextID, use}] = key
}

// SigningKey implements trust.KeyStore. A key is never made: trust.ErrNoKey.
func (k *Keys) SigningKey(_ context.Context, contextID, use string) (trust.Key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key, ok := k.keys[[2]string{contextID, use}]
	if !ok && k.Err == nil {
		return trust.Key{}, trust.ErrNoKey
	}
	return key, k.Err
}

// VerificationKey implements trust.KeyStore.
func (k *Keys) VerificationKey(_ context.Context, contextID, keyID string) (crypto.PublicKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for at, key := range k.keys {
		if at[0] == contextID && key.ID == keyID && k.Err == nil {
			return key.Signer.Public(), nil
		}
	}
	if k.Err != nil {
		return nil, k.Err
	}
	return nil, trust.ErrNoKey
}

// PublicKeys implements trust.KeyStore.
func (k *Keys) PublicKeys(ctx context.Context, contextID, use string) ([]trust.PublicKey, error) {
	key, err := k.SigningKey(ctx, contextID, use)
	if err != nil {
		return nil, err
	}
	return []trust.PublicKey{{ID: key.ID, Use: use, Key: key.Signer.Public()}}, nil
}
