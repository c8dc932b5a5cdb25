// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcptest

import (
	"context"
	"crypto"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
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
func (r *Replays) UseToken(_ context.Context, contextID, issuer, tokenID string, until time.Time) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.Err != nil {
		return false, r.Err
	}
	key := replayKey(contextID, issuer, tokenID)
	_, used := r.used[key]
	if !used {
		r.used[key] = until
	}
	return !used, nil
}

// ReleaseToken implements dcp.ReplayStore.
func (r *Replays) ReleaseToken(_ context.Context, contextID, issuer, tokenID string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.used, replayKey(contextID, issuer, tokenID))
	return r.Err
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

// DIDs is a did.Resolver over documents in memory.
type DIDs struct {
	// OnRefresh, if set, is called when a newer document is asked for, as
	// *did.Web allows; it reports whether one may be there.
	OnRefresh func(id string) bool

	clock *Clock
	mu    sync.Mutex
	docs  map[string]any // a Document, or []byte
	errs  map[string]error
	count int
}

func newDIDs(clock *Clock) *DIDs {
	return &DIDs{clock: clock, docs: map[string]any{}, errs: map[string]error{}}
}

// Put publishes a document: a Document, or its text as []byte. nil takes it
// away.
func (d *DIDs) Put(id string, document any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.errs, id)
	if document == nil {
		delete(d.docs, id)
		return
	}
	d.docs[id] = document
}

// Fail makes a DID's resolution fail, until Put.
func (d *DIDs) Fail(id string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.errs[id] = err
}

// Count returns how often a document was asked for.
func (d *DIDs) Count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.count
}

// Raw returns a published document's text.
func (d *DIDs) Raw(id string) ([]byte, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch document := d.docs[id].(type) {
	case nil:
		return nil, false
	case []byte:
		return document, true
	default:
		raw, err := json.Marshal(document)
		return raw, err == nil
	}
}

// Resolve implements did.Resolver, with the syntax rules of did:web.
func (d *DIDs) Resolve(ctx context.Context, id string) (*did.Document, error) {
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%w: %w", did.ErrUnreachable, ctx.Err())
	}
	d.mu.Lock()
	d.count++
	err := d.errs[id]
	d.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if _, err := did.WebURL(id, false); err != nil {
		return nil, err
	}
	raw, ok := d.Raw(id)
	if !ok {
		return nil, did.ErrNotFound
	}
	document, err := did.ParseDocument(raw, id)
	if err != nil {
		return nil, err
	}
	document.Fetched = d.clock.Now()
	return document, nil
}

// Refresh is what *did.Web has to forget a document.
func (d *DIDs) Refresh(id string) bool { return d.OnRefresh != nil && d.OnRefresh(id) }
