// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplanetest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// data is what the source has.
var data = bytes.Repeat([]byte("部品表 0123456789\n"), 10_000)

// source answers with data or, once endless is set, with a body that goes on
// until nobody reads it.
type source struct {
	server  *httptest.Server
	endless atomic.Bool
}

func newSource(t testing.TB) *source {
	s := &source{}
	s.server = httptest.NewServer(s)
	t.Cleanup(func() { s.server.CloseClientConnections(); s.server.Close() })
	return s
}

// SourceURL is where the data of every dataset is.
func (s *source) SourceURL() string { return s.server.URL }

// ServeHTTP implements http.Handler.
func (s *source) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.endless.Load() {
		w.Header().Set("ETag", "\"1\"")
		http.ServeContent(w, r, "", time.Unix(1, 0), bytes.NewReader(data))
		return
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := w.Write(data[:4096]); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush()
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		}
	}
}

// inbox takes what is pushed.
type inbox struct {
	server *httptest.Server

	mu     sync.Mutex
	fail   int // so many requests are refused, for now
	whole  [][]byte
	keys   map[string]bool
	begun  int
	open   int // being read
	taken  int64
	strays int // without the authorization
}

const inboxToken = "inbox-token"

func newInbox(t testing.TB) *inbox {
	i := &inbox{keys: map[string]bool{}}
	i.server = httptest.NewServer(i)
	t.Cleanup(func() { i.server.CloseClientConnections(); i.server.Close() })
	return i
}

func (i *inbox) address() *transfer.DataAddress {
	return &transfer.DataAddress{
		EndpointType: transfer.EndpointTypeHTTP, Endpoint: i.server.URL + "/inbox",
		Properties: []transfer.Property{
			{Name: transfer.PropertyAuthorization, Value: inboxToken}, {Name: transfer.PropertyAuthType, Value: "bearer"},
		},
	}
}

// ServeHTTP implements http.Handler.
func (i *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPut && r.Method != http.MethodPost {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	if !i.begin(w, r) {
		return
	}
	var body bytes.Buffer
	_, err := io.Copy(&body, io.TeeReader(r.Body, i))
	i.mu.Lock()
	i.open--
	if err == nil && (r.ContentLength < 0 || strconv.FormatInt(r.ContentLength, 10) == strconv.Itoa(body.Len())) {
		i.whole = append(i.whole, body.Bytes())
	}
	i.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

func (i *inbox) begin(w http.ResponseWriter, r *http.Request) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.begun++
	switch key := r.Header.Get("Idempotency-Key"); {
	case r.Header.Get("Authorization") != "Bearer "+inboxToken:
		i.strays++
		w.WriteHeader(http.StatusUnauthorized)
		return false
	case key != "":
		i.keys[key] = true
	}
	if i.fail > 0 {
		i.fail--
		w.WriteHeader(http.StatusServiceUnavailable)
		return false
	}
	i.open++
	return true
}

// Write counts what came.
func (i *inbox) Write(p []byte) (int, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.taken += int64(len(p))
	return len(p), nil
}

// now returns what there is at this moment.
func (i *inbox) now() (whole, open int, taken int64) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.whole), i.open, i.taken
}
