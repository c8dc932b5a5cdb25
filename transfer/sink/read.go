// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package sink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/musubi-ods/musubi/negotiation"
)

// Get returns a holding. ErrNotFound.
func (s *Service) Get(ctx context.Context, contextID, id string) (Holding, error) {
	return s.cfg.Store.Holding(ctx, contextID, id)
}

// List returns holdings, newest first, at most a page of them. q.At is set to
// the clock.
func (s *Service) List(ctx context.Context, contextID string, q Query) ([]Holding, error) {
	q.At, q.Limit = s.cfg.Now(), negotiation.Page(q.Limit)
	return s.cfg.Store.Holdings(ctx, contextID, q)
}

// Open reads data back. Close the reader. Once its time is over this is
// ErrRetentionOver, also where the file is still there and in the middle of
// reading, and ErrDeleted as well where it was deleted. ErrMissing: its file is
// lost, or on another machine.
func (s *Service) Open(ctx context.Context, contextID, id string) (io.ReadCloser, error) {
	h, err := s.cfg.Store.Holding(ctx, contextID, id)
	if err != nil {
		return nil, err
	}
	if err := s.usable(ctx, h); err != nil {
		return nil, err
	}
	f, err := openFolder(s.cfg.Dir, false, s.cfg.NewID)
	if errors.Is(err, fs.ErrNotExist) || err == nil && f.id != h.Folder {
		err = errors.Join(ErrMissing, err)
	}
	if f != nil {
		defer f.close()
	}
	if err != nil {
		return nil, err
	}
	file, err := f.root.Open(pathOf(h))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrMissing
	}
	if err != nil {
		return nil, err
	}
	return lent{file, h.Due, s.cfg.Now}, nil
}

// usable reports why data must not be used any more. An agreement that was
// ended a moment ago counts before the chore has seen it.
func (s *Service) usable(ctx context.Context, h Holding) error {
	if h.State == Deleted {
		return fmt.Errorf("%w: %w", ErrRetentionOver, ErrDeleted)
	}
	if err := errors.Join(expired(h, s.cfg.Now()), placed(h)); err != nil {
		return err
	}
	if !h.UntilEnd {
		return nil
	}
	a, err := s.cfg.Agreements.Agreement(ctx, h.Context, h.Agreement)
	if err == nil && !a.Ended.IsZero() {
		err = fmt.Errorf("%w: %s", ErrRetentionOver, ruleEnded)
	}
	return err
}

// lent is an opened file that is closed to its reader once its time is over.
type lent struct {
	file *os.File
	due  time.Time
	now  func() time.Time
}

func (l lent) Read(p []byte) (int, error) {
	if over(l.due, l.now()) {
		return 0, ErrRetentionOver
	}
	return l.file.Read(p)
}

func (l lent) Close() error { return l.file.Close() }
