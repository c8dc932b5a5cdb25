// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Gate stands before our protocol listener. It lets everything through but
// what it was told to hold: that is answered 503, which a peer tries again.
type Gate struct {
	address string
	server  *http.Server

	mu   sync.Mutex
	held []string
}

// OpenGate listens on loopback for what goes to the listener at an address.
func OpenGate(to string) (*Gate, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g := &Gate{address: l.Addr().String()}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: to})
	g.server = &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.holds(r.URL.Path) {
			http.Error(w, "held", http.StatusServiceUnavailable)
			return
		}
		proxy.ServeHTTP(w, r)
	})}
	go g.server.Serve(l) //nolint:errcheck // ends with Close
	return g, nil
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
