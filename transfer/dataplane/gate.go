// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// gate is a ResponseWriter that lets bytes pass, in either direction, while
// the transfer may flow.
type gate struct {
	http.ResponseWriter
	cfg    Config
	live   *live
	run    transfer.Running
	any    bool   // start of the transfer, not that of run alone
	cancel func() // of whoever waits for the source

	tracking string // the name of the request on both sides
	status   int    // of the header that was let through
	sent     int64
	failed   error // of writing
	meter
	moved

	began  atomic.Bool           // the header, or a byte, was let through
	flown  atomic.Int64          // bytes, in either direction
	shut   atomic.Pointer[error] // why the gate is shut
	idle   time.Duration         // how long nothing may move
	mu     sync.Mutex
	gone   bool  // the request is over: its connection is not ours any more
	upload bool  // the consumer's body is being read
	seen   int64 // what had moved when the watcher looked last
	since  time.Time
}

// newGate returns a gate that nobody watches yet.
func newGate(ctx context.Context, to http.ResponseWriter, l *live, run transfer.Running, cancel func()) *gate {
	g := &gate{ResponseWriter: to, cfg: l.w.cfg, live: l, run: run, cancel: cancel}
	g.more = func(want, limit int64) (int64, error) {
		return g.cfg.Meters.TakeBytes(ctx, run.Context, run.Agreement, run.Process, want, limit)
	}
	return g
}

// errRecounted: the next request is counted as it has to be.
var errRecounted = errors.New("whether bytes are counted has changed")

// judge shuts the gate if a verdict says so, if bytes are to be counted that are
// not or the other way about, or if nothing moves.
func (g *gate) judge(k *look) {
	err := k.err
	if !g.any {
		err = permitted(k.run, k.err, g.run.Grant)
	}
	if err == nil && k.run.Metered != g.run.Metered {
		err = errRecounted
	}
	if err == nil && g.stalled() {
		err = errIdle
	}
	if err != nil || g.verdict() != nil {
		g.close(err)
	}
}

// stalled reports whether nothing has moved for too long.
func (g *gate) stalled() bool {
	now, moved := g.cfg.Now(), g.flown.Load()
	g.mu.Lock()
	defer g.mu.Unlock()
	if moved != g.seen || g.since.IsZero() {
		g.seen, g.since = moved, now
	}
	return g.idle > 0 && now.Sub(g.since) >= g.idle
}

// close shuts the gate and wakes whoever waits: for the source, for the
// consumer to read on, or for the consumer's body. A refusal can still be
// written where nothing was.
func (g *gate) close(why error) {
	if why != nil {
		g.shut.CompareAndSwap(nil, &why)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.gone {
		return
	}
	g.cancel()
	past := g.cfg.Now().Add(-time.Hour)
	rc := http.NewResponseController(g.ResponseWriter)
	if g.began.Load() {
		_ = rc.SetWriteDeadline(past)
	}
	if g.upload {
		_ = rc.SetReadDeadline(past)
	}
}

// leave ends the watcher's hold of the connection.
func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.gone = true
}

func (g *gate) verdict() error {
	if why := g.shut.Load(); why != nil {
		return *why
	}
	return nil
}

// pass reports whether the next byte may go through. A commit that nobody has
// looked at yet is looked at now.
func (g *gate) pass() error {
	if k := g.live.latest.Load(); k.overtaken() || g.live.w.cfg.Now().Sub(k.at) > stale {
		g.judge(g.live.again(k))
	}
	return g.verdict()
}

// WriteHeader implements http.ResponseWriter.
func (g *gate) WriteHeader(status int) {
	if err := g.pass(); err != nil {
		g.failed = err
		return
	}
	g.whole, _ = number(g.Header().Get("Content-Length"))
	if n, err := g.take(1); n == 0 { // no header of a body that will not come
		g.failed = err
		return
	}
	g.status = status
	g.began.Store(true)
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
	g.began.Store(true)
	n, werr := g.ResponseWriter.Write(p[:granted])
	g.count(p[:n])
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

// count takes note of what was sent.
func (g *gate) count(p []byte) {
	g.spent(len(p))
	g.moved.pass(p)
	g.sent += int64(len(p))
	g.flown.Add(int64(len(p)))
}
