// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcptest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"

	"github.com/musubi-ods/musubi/internal/safehttp"
)

// reader is the machine's randomness: signatures need not be the same twice.
type reader struct{}

func (reader) Read(p []byte) (int, error) { return rand.Read(p) }

// ErrNoHost is what Do returns for a host that nobody serves: as a refused
// connection is.
var ErrNoHost = errors.New("connection refused")

// Network is a did.Doer: it hands requests to handlers by their host, in
// memory. Like the client for addresses of counterparties it speaks https only.
type Network struct {
	mu    sync.Mutex
	hosts map[string]host
	calls []string
}

type host struct {
	handler http.Handler
	err     error
}

// Handle serves a host.
func (n *Network) Handle(name string, h http.Handler) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hosts[name] = host{handler: h}
}

// Fail makes requests to a host fail.
func (n *Network) Fail(name string, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hosts[name] = host{err: err}
}

// Calls returns what was asked for: "POST https://a.example/dcp/...".
func (n *Network) Calls() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]string(nil), n.calls...)
}

// Do implements did.Doer.
func (n *Network) Do(r *http.Request) (*http.Response, error) {
	n.mu.Lock()
	n.calls = append(n.calls, r.Method+" "+r.URL.String())
	h, ok := n.hosts[r.URL.Host]
	n.mu.Unlock()
	switch {
	case r.Context().Err() != nil:
		return nil, r.Context().Err()
	case r.URL.Scheme != "https":
		return nil, fmt.Errorf("%w: %s", safehttp.ErrScheme, r.URL.Scheme)
	case h.err != nil:
		return nil, h.err
	case !ok:
		return nil, fmt.Errorf("%w: %s", ErrNoHost, r.URL.Host)
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	recorder := httptest.NewRecorder()
	h.handler.ServeHTTP(recorder, r)
	response := recorder.Result()
	response.Request = r
	return response, nil
}
