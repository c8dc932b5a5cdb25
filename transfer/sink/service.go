// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package sink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Config is what a Service needs.
type Config struct {
	// Dir is the folder for data; it is made when the first is stored. Nothing
	// else may be in it: what has no row is removed.
	Dir string
	// Alone says that no other process uses the folder, as on SQLite. What a
	// crash left is then removed at the start, else when it is a day old.
	Alone      bool
	Store      Store
	Transfers  Transfers
	Agreements Agreements
	Terms      *policy.Registry
	// Journaled is told that rows of a participant's journal were written; nil:
	// nobody is.
	Journaled func(contextID string)
	Now       func() time.Time
	NewID     func() string // must end in a UUID, after the last colon if there is one
}

// Transfers looks transfers up; *transfer.Service.
type Transfers interface {
	Get(ctx context.Context, contextID, id string) (transfer.Process, error)
}

// Agreements looks agreements up; a negotiation.AgreementStore.
type Agreements interface {
	Agreement(ctx context.Context, contextID, id string) (negotiation.Agreement, error)
}

// Service stores what was pulled and deletes it in time. It is safe for
// concurrent use.
type Service struct {
	cfg  Config
	wake chan struct{}

	mu    sync.Mutex
	busy  map[string]bool // paths that are being written
	swept time.Time       // by our clock; zero: not yet
}

// New returns a Service. It touches no file.
func New(c Config) *Service {
	return &Service{cfg: c, wake: make(chan struct{}, 1), busy: map[string]bool{}}
}

// Wake tells that Work has something to do sooner than it said.
func (s *Service) Wake() <-chan struct{} { return s.wake }

// Look has Work called soon: an agreement was ended.
func (s *Service) Look() {
	select {
	case s.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// Store keeps what a transfer of ours as consumer brought, of which there may
// be limit bytes at most (ErrTooLarge). A body that ends in an error was cut,
// and nothing of it stays. Where the permission to use the data is over already
// nothing is read (ErrRetentionOver). What is unknown is the error of the
// transfers or agreements.
func (s *Service) Store(ctx context.Context, contextID, transferID string, data io.Reader, limit int64) (Holding, error) {
	h, err := s.begin(ctx, contextID, transferID, s.cfg.NewID())
	if err != nil {
		return Holding{}, err
	}
	f, err := openFolder(s.cfg.Dir, true, s.cfg.NewID)
	if err != nil {
		return Holding{}, err
	}
	defer f.close()
	path := pathOf(h)
	s.occupy(path, true)
	defer s.occupy(path, false)
	h.Folder = f.id
	if h.Size, h.SHA256, err = f.write(h, body{ctx, data}, limit); err == nil {
		h.Stored = s.cfg.Now()
		if err = expired(h, h.Stored); err == nil {
			err = f.settle(h, partial)
		}
	}
	if err != nil {
		return Holding{}, errors.Join(fmt.Errorf("storing the data of transfer %.200q: %w", transferID, err), f.discard(h))
	}
	return s.keep(ctx, f, h)
}

// begin finds out what is to be stored, and for how long.
func (s *Service) begin(ctx context.Context, contextID, transferID, id string) (Holding, error) {
	p, err := s.cfg.Transfers.Get(ctx, contextID, transferID)
	if err != nil {
		return Holding{}, err
	}
	if p.Role != string(engine.Consumer) {
		return Holding{}, fmt.Errorf("%w: %.200q", ErrNotConsumer, transferID)
	}
	a, err := s.cfg.Agreements.Agreement(ctx, contextID, p.Agreement)
	if err != nil {
		return Holding{}, err
	}
	r, err := RetentionOf(s.cfg.Terms, a)
	if err != nil {
		return Holding{}, err
	}
	h := Holding{
		Context: contextID, ID: id, Transfer: p.ID, Agreement: a.ID, Dataset: a.Target, Peer: a.Peer, File: fileOf(id),
		Due: r.Due, Rule: r.Rule, UntilEnd: r.UntilEnd, NextTry: r.Due, State: Open,
	}
	if !a.Ended.IsZero() {
		return Holding{}, fmt.Errorf("%w: agreement %.200q was ended", ErrRetentionOver, a.ID)
	}
	return h, errors.Join(expired(h, s.cfg.Now()), placed(h))
}

func expired(h Holding, now time.Time) error {
	if over(h.Due, now) {
		return fmt.Errorf("%w: %s", ErrRetentionOver, h.Rule)
	}
	return nil
}

// keep writes the row of a file that is there. If that fails, the file goes,
// unless nobody can tell whether there is a row: then the next sweep can.
func (s *Service) keep(ctx context.Context, f *folder, h Holding) (Holding, error) {
	e, err := s.entry(h, "transfer.data-stored", h.Stored, told{Due: h.Due, Rule: h.Rule, Stored: h.Stored})
	if err == nil {
		err = s.cfg.Store.KeepHolding(ctx, h, e)
	}
	if err != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), doubt)
		defer cancel()
		switch _, look := s.cfg.Store.Holding(ctx, h.Context, h.ID); {
		case look == nil:
		case errors.Is(look, ErrNotFound):
			return Holding{}, errors.Join(fmt.Errorf("storing data: %w", err), f.discard(h))
		default:
			return Holding{}, fmt.Errorf("storing data: %w", err)
		}
	}
	s.journaled(h.Context)
	s.Look()
	return h, nil
}

// doubt is how long is asked whether a row was written after all.
const doubt = 5 * time.Second

func (s *Service) occupy(path string, is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if is {
		s.busy[path] = true
	} else {
		delete(s.busy, path)
	}
}

func (s *Service) journaled(contextID string) {
	if s.cfg.Journaled != nil {
		s.cfg.Journaled(contextID)
	}
}

// body reads as long as the caller wants it.
type body struct {
	ctx context.Context //nolint:containedctx // it is the call's own reader
	r   io.Reader
}

func (b body) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	return b.r.Read(p)
}
