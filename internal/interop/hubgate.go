// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// gate stands before a server of the peer and passes everything on, unless it
// is told to be out of order.
type gate struct {
	server *http.Server

	mu     sync.Mutex
	path   string // what ends so is refused
	times  int    // this many times
	status int
	met    []string // the Authorization values of what was refused, and of the first call after it
}

// openGate listens on a port of loopback, on behalf of another one.
func openGate(port, behind int) (*gate, error) {
	target, err := url.Parse(fmt.Sprintf("http://127.0.0.1:%d", behind))
	if err != nil {
		return nil, err
	}
	l, err := listen(port)
	if err != nil {
		return nil, err
	}
	g := &gate{}
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host
	}}
	g.server = &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status := g.refused(r); status != 0 {
			w.WriteHeader(status)
			return
		}
		forward.ServeHTTP(w, r)
	})}
	go g.server.Serve(l) //nolint:errcheck // ends with Close
	return g, nil
}

// fail answers the next calls of a path with a status.
func (g *gate) fail(path string, status, times int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.path, g.status, g.times, g.met = path, status, times, nil
}

func (g *gate) refused(r *http.Request) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.path == "" || !strings.HasSuffix(r.URL.Path, g.path) {
		return 0
	}
	g.met = append(g.met, r.Header.Get("Authorization"))
	if g.times > 0 {
		g.times--
		return g.status
	}
	g.path = "" // all were refused, and one was let through
	return 0
}

// calls are the Authorization values of the calls that were refused, and of
// the one that was let through then.
func (g *gate) calls() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.met)
}

// Close ends it.
func (g *gate) Close() error {
	if err := g.server.Close(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
