// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/cache"
)

// types are those of credentialSchema that name a JSON Schema.
var types = []string{"JsonSchema", "JsonSchemaValidator2018"}

const (
	defaultTTL = 5 * time.Minute
	defaultMax = 256
	// maxURL bounds a schema's address, in bytes.
	maxURL = 2 << 10
)

// Doer sends a request; *safehttp.Client.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// Config is what a Fetcher needs.
type Config struct {
	HTTP Doer // safehttp.Clients.Foreign
	Now  func() time.Time
	// TTL is how long a schema is believed, by default 5 min; Max how many
	// are kept, by default 256.
	TTL time.Duration
	Max int
	// Embedded are schemas that are known by their address and never fetched.
	Embedded map[string][]byte
}

// Fetcher judges documents by schemas, which it fetches and keeps for a while.
// It is safe for concurrent use.
type Fetcher struct {
	cfg      Config
	embedded map[string]*compiled
	cache    *cache.Cache[string, *slot]
}

// New makes a Fetcher. The error is that of an embedded schema.
func New(c Config) (*Fetcher, error) {
	if c.TTL <= 0 {
		c.TTL = defaultTTL
	}
	if c.Max <= 0 {
		c.Max = defaultMax
	}
	f := &Fetcher{cfg: c, embedded: make(map[string]*compiled)}
	f.cache = cache.New(c.Max, func(string, *slot) int { return 1 })
	for url, raw := range c.Embedded {
		s, err := compile(url, raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", url, err)
		}
		f.embedded[url] = s
	}
	return f, nil
}

// Validate judges a document by the schema at a URL. declared is the type that
// the credential gives: JsonSchema or JsonSchemaValidator2018. Errors wrap one
// *Error, a verdict, or ErrUnavailable.
func (f *Fetcher) Validate(ctx context.Context, url, declared string, document json.RawMessage) error {
	if !slices.Contains(types, declared) {
		return fmt.Errorf("%w: %.80q", ErrType, declared)
	}
	s, err := f.schema(ctx, url)
	if err != nil {
		return err
	}
	return s.validate(document)
}

func (f *Fetcher) schema(ctx context.Context, url string) (*compiled, error) {
	if s, ok := f.embedded[url]; ok {
		return s, nil
	}
	if url == "" || len(url) > maxURL {
		return nil, ErrURL
	}
	return f.cached(ctx, url)
}
