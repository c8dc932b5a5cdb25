// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Gate stands before a protocol listener. It counts what is answered, and lets
// everything through but what it was told to hold: that is answered 503, which
// a peer tries again.
type Gate struct {
	address string
	server  *http.Server

	mu    sync.Mutex
	to    string
	held  []string
	count map[int]int
	outage
}

// OpenGate listens on loopback. Lead says where to.
func OpenGate() (*Gate, error) { return openGate(0) }

func openGate(port int) (*Gate, error) {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, err
	}
	g := &Gate{address: l.Addr().String(), count: map[int]int{}}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: g.target()})
			r.Out.Host = r.In.Host // links lead back through the gate, and a server of DIDs goes by it
		},
		ModifyResponse: func(r *http.Response) error {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.count[r.StatusCode]++
			return nil
		},
		Transport: &http.Transport{MaxIdleConnsPerHost: 128},
	}
	g.server = &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.holds(r.URL.Path) {
			http.Error(w, "held", http.StatusServiceUnavailable)
			return
		}
		if status := g.fails(r); status != 0 {
			w.WriteHeader(status)
			return
		}
		proxy.ServeHTTP(w, r)
	})}
	go g.server.Serve(l) //nolint:errcheck // ends with Close
	return g, nil
}

// Lead says which host and port what comes goes to.
func (g *Gate) Lead(to string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.to = to
}

func (g *Gate) target() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.to
}

// Answers says how often the side behind it gave each status.
func (g *Gate) Answers() map[int]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return maps.Clone(g.count)
}

func (g *Gate) holds(path string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, end := range g.held {
		if strings.HasSuffix(path, end) {
			return true
		}
	}
	return false
}

// Hold has every message held whose path ends so, until the next call.
func (g *Gate) Hold(ends ...string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held = ends
}

// Close ends it.
func (g *Gate) Close() error {
	if err := g.server.Close(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
