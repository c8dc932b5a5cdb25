// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package did

import (
	"context"
	"net/http"
	"time"
)

// WebURL returns where the document of a did:web is (did:web section 3.2):
// plain says to use http, as in dev mode.
func WebURL(did string, plain bool) (string, error) { panic("to be written") }

// FromURL returns the did:web whose document is at base + "/did.json", base
// being the public URL of a participant. An address written as numbers is
// refused: did:web has none.
func FromURL(base string) (string, error) { panic("to be written") }

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

// Web resolves did:web, with a cache, and did:key.
type Web struct{ cfg WebConfig }

var _ Resolver = (*Web)(nil)

// NewWeb makes a resolver.
func NewWeb(c WebConfig) *Web { return &Web{cfg: c} }

// Resolve implements Resolver.
func (w *Web) Resolve(ctx context.Context, did string) (*Document, error) { panic("to be written") }

// Refresh forgets a document that is older than a second, so that a key which
// was added since is found. It reports whether there was one to forget.
func (w *Web) Refresh(did string) bool { panic("to be written") }
