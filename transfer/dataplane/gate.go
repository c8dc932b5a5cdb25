// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// recheck is how often a running body asks whether it may go on, should a
// commit elsewhere not have been noticed.
const recheck = time.Second

// gate is a ResponseWriter that lets bytes pass while the transfer may flow.
type gate struct {
	http.ResponseWriter
	cfg   Config
	run   transfer.Running
	check func() error

	wrote  bool  // the header, or a byte, was let through
	status int   // of the header that was
	failed error // of writing
	meter
	moved

	mu      sync.Mutex
	changed <-chan struct{} // closed at the next commit of the transfer
	stop    func()
	shut    error // why the gate is shut
}

// newGate returns an open gate: the caller has just checked.
func newGate(w http.ResponseWriter, c Config, run transfer.Running, check func() error) *gate {
	return &gate{ResponseWriter: w, cfg: c, run: run, check: check}
}

// watch begins to look for commits. The gate then shuts by itself and calls
// cancel, until ctx ends; done is closed after that.
func (g *gate) watch(ctx context.Context, cancel func()) (done <-chan struct{}) {
	ended := make(chan struct{})
	changed := g.look(ctx) // what happened since the request was judged
	go func() {
		defer close(ended)
		defer func() { g.stop() }()
		for g.verdict() == nil {
			fired, release := g.cfg.Timer(recheck)
			select {
			case <-changed:
			case <-fired:
			case <-ctx.Done():
				release()
				return
			}
			release()
			changed = g.look(ctx)
		}
		cancel() // whoever waits for the source
		// and whoever waits for the consumer to read on
		_ = http.NewResponseController(g.ResponseWriter).SetWriteDeadline(g.cfg.Now().Add(-time.Hour))
	}()
	return ended
}

// look checks again and returns the channel of the next commit. It watches
// first, so that no commit falls between the two. While it checks, which may
// take as long as a status list is on its way, bytes pass, unless there was a
// commit: then pass waits for a verdict of its own.
func (g *gate) look(ctx context.Context) <-chan struct{} {
	changed, stop := g.cfg.Watch(g.run.Context, g.run.Process)
	err := g.check()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stop != nil {
		g.stop()
	}
	g.changed, g.stop = changed, stop
	if err != nil && g.shut == nil && ctx.Err() == nil {
		g.shut = err
	}
	return changed
}

func (g *gate) verdict() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.shut
}

// pass reports whether the next byte may go out. A commit that nobody has
// looked at yet is looked at now.
func (g *gate) pass() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.changed:
		if g.shut == nil {
			g.shut = g.check()
		}
	default:
	}
	return g.shut
}

// WriteHeader implements http.ResponseWriter.
func (g *gate) WriteHeader(status int) {
	if err := g.pass(); err != nil {
		g.failed = err
		return
	}
	if n, err := g.take(1); n == 0 { // no header of a body that will not come
		g.failed = err
		return
	}
	g.wrote, g.status = true, status
	g.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (g *gate) Write(p []byte) (int, error) {
	if g.failed != nil { // nothing follows what was held back
		return 0, g.failed
	}
	if err := g.pass(); err != nil {
		g.failed = err
		return 0, err
	}
	granted, err := g.take(len(p))
	if granted == 0 && err != nil {
		g.failed = err
		return 0, err
	}
	g.wrote = true
	n, werr := g.ResponseWriter.Write(p[:granted])
	g.spent(n)
	g.moved.pass(p[:n])
	if granted < len(p) { // the last that is granted is not lost with the connection
		_ = http.NewResponseController(g.ResponseWriter).Flush()
	}
	if werr != nil {
		err = werr
	}
	if err != nil {
		g.failed = err
	}
	return n, err
}

// describe sets the headers that every body has.
func (g *gate) describe(s Source) {
	h := g.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if s.ContentType != "" {
		h.Set("Content-Type", s.ContentType)
	}
}

// copy sends a body as it comes. eager has each piece leave at once; so does
// a source that is slower than the consumer.
func (g *gate) copy(body io.Reader, eager bool) error {
	flush := http.NewResponseController(g.ResponseWriter)
	buffer := make([]byte, 32<<10)
	for {
		n, err := body.Read(buffer)
		if n > 0 {
			if _, werr := g.Write(buffer[:n]); werr != nil {
				return werr
			}
			if eager || n < len(buffer) {
				_ = flush.Flush() // where it cannot, the server flushes later
			}
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}
