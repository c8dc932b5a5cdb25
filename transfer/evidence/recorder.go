// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// Config is what a Recorder needs.
type Config struct {
	Store     Store
	Transfers Transfers
	// Journaled is told that rows of a participant's journal were written; nil:
	// nobody is.
	Journaled func(contextID string)
	Now       func() time.Time
	NewID     func() string // in the order of time
	Log       *slog.Logger  // nil: what cannot be kept is not said
}

// Transfers looks transfers up; *transfer.Service.
type Transfers interface {
	Get(ctx context.Context, contextID, id string) (transfer.Process, error)
}

// Recorder keeps what was moved. It implements transfer.Evidence, is safe for
// concurrent use, and has a request wait for nothing, until the store has
// failed for so long that memory is full.
type Recorder struct {
	cfg     Config
	wake    chan struct{}
	writing chan struct{} // has room for one: by one at a time
	once    sync.Mutex    // MovedOnce, one at a time

	mu     sync.Mutex
	parts  map[way]*part
	bodies []Body
	flying []Body    // on their way to the store
	first  time.Time // when the oldest came of what is not kept yet; zero: all is
	others others
	failed time.Time // when the store last failed, if nothing was kept since

	seals seals
}

var _ transfer.Evidence = (*Recorder)(nil)

// way is one direction of one transfer.
type way struct {
	context, transfer string
	sent              bool
}

// part is a Part in the making.
type part struct {
	Part
	fresh  bool // it counts more than what is kept of it
	flying bool // on its way to the store
}

// Bounds of what is held in memory: directions of transfers, about 400 bytes
// each, and bodies, about 600.
const (
	maxParts  = 20_000
	maxBodies = 5_000
)

// New returns a Recorder.
func New(c Config) *Recorder {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Recorder{cfg: c, wake: make(chan struct{}, 1), writing: make(chan struct{}, 1), parts: map[way]*part{}}
}

// Moved implements transfer.Evidence. Answers that are no success are no data,
// and a HEAD has none: it has a row of its own if it told the hash of the whole.
func (r *Recorder) Moved(ctx context.Context, m transfer.Movement) { r.moved(ctx, m, false) }

// moved is Moved. Where whole is set a body counts with its row, or not at all.
// It reports whether it does.
func (r *Recorder) moved(ctx context.Context, m transfer.Movement, whole bool) bool {
	if nothing(m) {
		return true
	}
	if r.full() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		if err := r.Flush(ctx); err != nil {
			r.cfg.Log.Error("evidence of what was moved cannot be kept", "participant", m.Context, "transfer", m.Process, "error", err)
		}
		cancel()
	}
	first, kept := r.add(m, whole)
	if first {
		r.look()
	}
	return kept
}

// nothing reports whether a movement is none that is kept.
func nothing(m transfer.Movement) bool {
	return m.Method == http.MethodHead && !m.Alone || m.Whole && (m.Status < 200 || m.Status > 299) || !m.Whole && m.Bytes == 0
}

// look has Work called soon.
func (r *Recorder) look() {
	select {
	case r.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// Once memory is full a request waits for the store, for patience, unless that
// was in vain within the last pause.
const (
	patience = 5 * time.Second
	pause    = 10 * time.Second
)

// full reports whether there is no room and the store may make some.
func (r *Recorder) full() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.parts) >= maxParts {
		r.forget()
	}
	if len(r.parts) < maxParts && len(r.bodies) < maxBodies {
		return false
	}
	return r.failed.IsZero() || r.cfg.Now().Sub(r.failed) >= pause
}

// forget drops the parts that are kept as they are: what comes later to their
// transfers begins new ones.
func (r *Recorder) forget() {
	for w, p := range r.parts {
		if !p.fresh && !p.flying {
			delete(r.parts, w)
		}
	}
}

// add counts a movement, unless it has to be whole with its row and there is no
// room. It reports whether it is the first that waits, and whether all of it
// does.
func (r *Recorder) add(m transfer.Movement, whole bool) (first, kept bool) {
	w := way{m.Context, m.Process, m.Sent}
	r.mu.Lock()
	defer r.mu.Unlock()
	room := len(r.bodies) < maxBodies || !alone(m)
	if whole && !room {
		return false, false
	}
	p := r.parts[w]
	if p == nil {
		if len(r.parts) >= maxParts {
			r.forget()
		}
		if len(r.parts) >= maxParts {
			if !whole {
				r.lost(m)
			}
			return false, false
		}
		p = &part{Part: Part{Context: m.Context, Transfer: m.Process, Sent: m.Sent, ID: r.cfg.NewID()}}
		r.parts[w] = p
	}
	if m.Method != http.MethodHead {
		p.Totals, p.fresh = p.Plus(totals(m)), true
	}
	switch {
	case !room:
		r.lost(m) // it counts all the same
	case alone(m):
		r.bodies = append(r.bodies, r.body(m))
	}
	if !r.first.IsZero() {
		return false, room
	}
	r.first = r.cfg.Now()
	return true, room
}

func (r *Recorder) lost(m transfer.Movement) {
	r.cfg.Log.Error("evidence of a body was lost: the store has not taken any for long",
		"participant", m.Context, "transfer", m.Process, "trackingId", m.TrackingID, "bytes", m.Bytes, "sha256", m.SHA256, "whole", m.Whole)
}

// totals is what one movement counts.
func totals(m transfer.Movement) Totals {
	t := Totals{First: m.Began, Last: m.Ended}
	if m.Whole {
		t.Bodies, t.Bytes, t.Digest = 1, m.Bytes, Add(m.TrackingID, m.SHA256, m.Bytes)
	} else {
		t.Cut, t.CutBytes = 1, m.Bytes
	}
	return t
}

// alone reports whether a body has a row of its own.
func alone(m transfer.Movement) bool { return m.Bytes >= Large || m.Alone }

func (r *Recorder) body(m transfer.Movement) Body {
	return Body{
		Context: m.Context, Transfer: m.Process, ID: r.cfg.NewID(), Direction: directionOf(m.Sent), TrackingID: m.TrackingID,
		Method: text(m.Method), Path: text(m.Path), Status: m.Status, Offset: m.Offset, Bytes: m.Bytes, SHA256: m.SHA256, Whole: m.Whole,
		Began: m.Began, Ended: m.Ended,
	}
}

// text is what can be kept of a text: a counterparty chose it, and what is kept
// together with it must not fail for that.
func text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
