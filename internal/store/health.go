// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

// calm is for how long nothing must have failed before the store counts as
// sound again: on a full disk some steps still find room.
const calm = time.Second

// outage is why the store cannot be used now, and what an operator can do
// about it.
type outage struct {
	hint string
	err  error
}

func (o *outage) Error() string { return engine.ErrUnavailable.Error() + ": " + o.err.Error() }

func (o *outage) Unwrap() []error { return []error{engine.ErrUnavailable, o.err} }

func passing(hint string, err error) error { return &outage{hint, err} }

// health knows whether the database can be used, and tells the operator once
// when that changes: each request that is refused would say it again.
type health struct {
	log *slog.Logger
	now func() time.Time

	faulty atomic.Bool // that there is a fault; what is sound pays for no lock
	mu     sync.Mutex
	down   error // nothing is tried while this is set
	since  time.Time
	latest time.Time
	faults int
}

func newHealth(log *slog.Logger) *health { return &health{log: log, now: time.Now} }

// refusal is the answer to whatever is asked while there is no server.
func (h *health) refusal() error {
	if !h.faulty.Load() {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.down != nil {
		h.faults++
	}
	return h.down
}

// ended takes note of how a use of the database ended, and returns err. A
// write that succeeds is a sign of health; a read is none on a full disk. What
// took too long by itself is refused, and nothing else for it.
func (h *health) ended(err error, wrote bool) error {
	switch {
	case errors.Is(err, engine.ErrDoubt): // one connection
	case slow(err, wrote):
		h.log.Warn("a statement was given up", "error", err, "hint", hintOf(err))
	case errors.Is(err, engine.ErrUnavailable):
		h.failed(err)
	case err == nil && wrote && h.faulty.Load():
		h.works()
	}
	return err
}

func (h *health) failed(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.latest, h.faults = h.now(), h.faults+1
	if h.faulty.Load() {
		return
	}
	h.faulty.Store(true)
	h.since, h.faults = h.latest, 1
	h.log.Error("the database cannot be used; requests are refused until it can", "error", err, "hint", hintOf(err))
}

func hintOf(err error) string {
	const hint = "look at the database and its log"
	if o, ok := errors.AsType[*outage](err); ok {
		return cmp.Or(o.hint, hint)
	}
	return hint
}

// works ends the fault, unless something failed a moment ago.
func (h *health) works() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.down == nil && h.faulty.Load() && h.now().Sub(h.latest) >= calm {
		h.sound()
	}
}

func (h *health) sound() {
	h.faulty.Store(false)
	h.log.Info("the database can be used again", "after", h.now().Sub(h.since).Round(time.Millisecond), "refused", h.faults)
	h.since, h.latest, h.faults = time.Time{}, time.Time{}, 0
}

// lost stops all use until found is called.
func (h *health) lost(err error) {
	h.failed(err)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.down = err
}

// found ends what lost began.
func (h *health) found() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.down != nil {
		h.down = nil
		h.sound()
	}
}

// errUnproved: there was a fault, and it is too early to say that it is over.
var errUnproved = fmt.Errorf("%w: it failed a moment ago", engine.ErrUnavailable)

// ready reports whether the store is sound. Where there was a fault, prove has
// to write something that needs room.
func (h *health) ready(look, prove func() error) error {
	if err := h.refusal(); err != nil {
		return err
	}
	if !h.faulty.Load() {
		return look()
	}
	if err := h.ended(prove(), true); err != nil {
		return err
	}
	if h.faulty.Load() {
		return errUnproved
	}
	return nil
}
