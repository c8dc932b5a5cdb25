// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package did

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Doer sends a request; *safehttp.Client.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// WebConfig is what Web needs.
type WebConfig struct {
	HTTP  Doer // safehttp.Clients.Foreign
	Plain bool // http instead of https: dev mode
	Now   func() time.Time
	// Local answers for DIDs of our own without a call; nil: none are.
	Local func(ctx context.Context, did string) (document []byte, ok bool, err error)
	// TTL is how long a document is believed, by default 5 min; Max how many
	// are kept, by default 10,000.
	TTL time.Duration
	Max int
}

const (
	defaultTTL = 5 * time.Minute
	defaultMax = 10_000
	// verdictTTL is how long a refusal is remembered: nobody can make us ask a
	// host in a loop, and who mends a document need not wait.
	verdictTTL = time.Second
	// refreshPause is how young a document may be to be fetched again.
	refreshPause = time.Second
	// maxPerHost bounds the fetches from one host at a time: strangers choose
	// the host, and must not be able to flood it through us.
	maxPerHost = 64
)

// Web resolves did:web, with a cache, and did:key. It is safe for concurrent
// use.
type Web struct {
	cfg     WebConfig
	mu      sync.Mutex
	cache   *cache
	flights map[string]*flight
	fetches map[string]int // under way, by host
}

var _ Resolver = (*Web)(nil)

// NewWeb makes a resolver.
func NewWeb(c WebConfig) *Web {
	if c.TTL <= 0 {
		c.TTL = defaultTTL
	}
	if c.Max <= 0 {
		c.Max = defaultMax
	}
	return &Web{cfg: c, cache: newCache(c.Max), flights: map[string]*flight{}, fetches: map[string]int{}}
}

// Resolve implements Resolver.
func (w *Web) Resolve(ctx context.Context, did string) (*Document, error) {
	method, err := methodOf(did)
	if err != nil {
		return nil, err
	}
	switch method {
	case "key":
		return w.ofKey(did)
	case "web":
		return w.ofWeb(ctx, did)
	}
	return nil, fmt.Errorf("%w: %.20q", ErrMethod, method)
}

func (w *Web) ofKey(did string) (*Document, error) {
	d, err := keyDocument(did)
	if err != nil {
		return nil, err
	}
	d.Fetched = w.cfg.Now()
	return d, nil
}

func (w *Web) ofWeb(ctx context.Context, did string) (*Document, error) {
	address, err := WebURL(did, w.cfg.Plain)
	if err != nil {
		return nil, err
	}
	if d, ok, err := w.ofOurs(ctx, did); ok || err != nil {
		return d, err
	}
	f, entry := w.join(ctx, did, address)
	switch {
	case entry != nil:
		return entry.document, entry.err
	case f == nil:
		return nil, fmt.Errorf("%w: too many of its host are being fetched", ErrUnreachable)
	}
	select {
	case <-f.done:
		return f.document, f.err
	case <-ctx.Done():
		w.leave(f)
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, ctx.Err())
	}
}

// ofOurs answers for the participants of this process.
func (w *Web) ofOurs(ctx context.Context, did string) (*Document, bool, error) {
	if w.cfg.Local == nil {
		return nil, false, nil
	}
	raw, ok, err := w.cfg.Local(ctx, did)
	if err != nil {
		return nil, false, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	if !ok {
		return nil, false, nil
	}
	d, err := ParseDocument(raw, did)
	if err != nil {
		return nil, true, err
	}
	d.Fetched = w.cfg.Now()
	return d, true, nil
}

// Refresh has a document that is older than a second fetched again, so that a
// key which was added since is found. It reports whether there was one. The
// old document is kept until then: a stranger who names a key that is not
// there must not be able to make us lose it.
func (w *Web) Refresh(did string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.cache.get(did)
	if e == nil || e.document == nil || e.again || w.cfg.Now().Before(e.asked.Add(refreshPause)) {
		return false
	}
	e.again = true
	return true
}

// verdict reports whether an error says something of the DID itself.
func verdict(err error) bool {
	_, ok := errors.AsType[*Error](err)
	return ok && !errors.Is(err, ErrUnreachable)
}
