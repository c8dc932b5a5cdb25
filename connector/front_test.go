// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"math"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/connector"
)

// A front is a server of the test's own before a connector. Its place stays
// while that is stopped and another one is started; in between it hangs up, as a
// place does where nobody is.
type front struct {
	url    string
	behind atomic.Pointer[http.Handler]

	half int           // of each body of data so much comes until open; 0: all
	open chan struct{} // to be closed
}

func newFront(t testing.TB) *front {
	t.Helper()
	f := &front{open: make(chan struct{})}
	f.url = strings.Replace(serve(t, f), "127.0.0.1", "localhost", 1)
	return f
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := f.behind.Load()
	if h == nil {
		panic(http.ErrAbortHandler)
	}
	if f.half > 0 && r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/data/") {
		w = newStopping(w, f.half, f.open, r.Context().Done())
	}
	(*h).ServeHTTP(w, r)
}

// start starts a connector with one participant behind the front. It is stopped
// with the test, or by leaves.
func (f *front) start(t testing.TB, store, name string) *node {
	t.Helper()
	cfg := connector.Default()
	cfg.Store, cfg.DevMode = store, true
	cfg.Protocol.Listen, cfg.Management.Listen = "-", "-"
	public, id := f.url+"/"+name, "urn:example:"+name
	cfg.Participants = []connector.ParticipantConfig{{Context: name, ID: id, Profile: "preshared", PublicURL: public}}
	c, err := connector.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, c) })
	h := c.ProtocolHandler()
	f.behind.Store(&h)
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	p, err := c.Participant(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return &node{Connector: c, Participant: p, name: name, id: id, url: public + "/dsp/2025-1"}
}

// leaves stops what is behind the front.
func (f *front) leaves(t testing.TB, n *node) {
	t.Helper()
	f.behind.Store(nil)
	stop(t, n.Connector)
}

// stopping is a ResponseWriter that takes so many bytes of a body, and the rest
// once it need not wait any longer: it may go on, or nobody reads it.
type stopping struct {
	http.ResponseWriter
	left        int
	until, gone <-chan struct{}
	once        sync.Once
	late        chan struct{}
}

func newStopping(w http.ResponseWriter, after int, until, gone <-chan struct{}) *stopping {
	return &stopping{ResponseWriter: w, left: after, until: until, gone: gone, late: make(chan struct{})}
}

func (w *stopping) Write(p []byte) (int, error) {
	first := min(len(p), w.left)
	n, err := w.ResponseWriter.Write(p[:first])
	if w.left -= n; err != nil || first == len(p) {
		return n, err
	}
	_ = http.NewResponseController(w.ResponseWriter).Flush()
	select {
	case <-w.until:
	case <-w.gone:
	case <-w.late:
	}
	rest, err := w.ResponseWriter.Write(p[first:])
	w.left = math.MaxInt
	return n + rest, err
}

// SetWriteDeadline is for http.ResponseController.
func (w *stopping) SetWriteDeadline(at time.Time) error {
	if !at.IsZero() && at.Before(time.Now()) {
		w.once.Do(func() { close(w.late) })
	}
	return http.NewResponseController(w.ResponseWriter).SetWriteDeadline(at)
}

// Unwrap is for http.ResponseController.
func (w *stopping) Unwrap() http.ResponseWriter { return w.ResponseWriter }
