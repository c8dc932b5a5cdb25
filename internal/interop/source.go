// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Source is where both sides' assets have their data: an HTTP server that
// answers for every name, and takes what is pushed under it.
type Source struct {
	url    string
	server *http.Server

	mu     sync.Mutex
	pushed map[string][]byte // by name
}

// OpenSource listens on loopback. Close ends it.
func OpenSource() (*Source, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Source{url: "http://" + l.Addr().String() + "/", pushed: map[string][]byte{}}
	s.server = &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: s}
	go s.server.Serve(l) //nolint:errcheck // ends with Close
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Source) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if r.Method != http.MethodPost && r.Method != http.MethodPut {
		http.ServeContent(w, r, "data.bin", time.Time{}, bytes.NewReader(DataOf(name)))
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.pushed[name] = body
	s.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

// Pushed is what came last under a name; nil: nothing.
func (s *Source) Pushed(name string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pushed[name]
}

// URL is where an asset's data is.
func (s *Source) URL(asset string) string { return s.url + asset }

// DataOf is the data of an asset: its name, over and over, for 64 KiB.
func DataOf(asset string) []byte {
	line := []byte(asset + "\n")
	return bytes.Repeat(line, 1<<16/len(line))
}

// Close ends the server.
func (s *Source) Close() error {
	if err := s.server.Close(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
