// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"
)

// Source is where both sides' assets have their data: an HTTP server that
// answers for every name.
type Source struct {
	url    string
	server *http.Server
}

// OpenSource listens on loopback. Close ends it.
func OpenSource() (*Source, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Source{url: "http://" + l.Addr().String() + "/", server: &http.Server{
		ReadHeaderTimeout: 5 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "data.bin", time.Time{}, bytes.NewReader(DataOf(strings.TrimPrefix(r.URL.Path, "/"))))
		}),
	}}
	go s.server.Serve(l) //nolint:errcheck // ends with Close
	return s, nil
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
