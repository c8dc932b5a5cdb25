// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package sink

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

const (
	sweepEvery = time.Hour
	// stale is the age at which a file without a row counts as left by a crash
	// where other processes may be writing, and a draft as given up.
	stale = 24 * time.Hour
)

// missing is what is noted of a row whose file is not there.
const missing = "the file is missing"

// sweepInTime sweeps at the first pass and then from time to time.
func (s *Service) sweepInTime(ctx context.Context, f *folder) error {
	now := s.cfg.Now()
	s.mu.Lock()
	due := s.swept.IsZero() || !now.Before(s.swept.Add(sweepEvery))
	s.mu.Unlock()
	if !due {
		return nil
	}
	if err := s.sweep(ctx, f, now); err != nil {
		return fmt.Errorf("sweeping the folder for data: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.swept = now
	return nil
}

// sweep removes files that have no row, and notes rows that have no file.
func (s *Service) sweep(ctx context.Context, f *folder, now time.Time) error {
	dirs, err := fs.ReadDir(f.root.FS(), ".")
	if err != nil {
		return err
	}
	var errs []error
	for _, dir := range dirs {
		contextID, ok := strings.CutPrefix(dir.Name(), prefix)
		if ok && dir.IsDir() && trust.ValidSlug(contextID) {
			errs = append(errs, s.sweepOf(ctx, f, contextID, now))
		}
	}
	return errors.Join(errs...)
}

// sweepOf looks at the folder first, then at what is being written, then at the
// rows: a file that is neither being written nor has a row then never gets one.
func (s *Service) sweepOf(ctx context.Context, f *folder, contextID string, now time.Time) error {
	files, err := fs.ReadDir(f.root.FS(), prefix+contextID)
	if err != nil {
		return err
	}
	s.mu.Lock()
	busy := maps.Clone(s.busy)
	s.mu.Unlock()
	rows, err := s.filesOf(ctx, f, contextID)
	if err != nil {
		return err
	}
	var errs []error
	for _, file := range files {
		path := strings.TrimSuffix(file.Name(), partial)
		ofDraft, isDraft := strings.CutSuffix(file.Name(), draft)
		switch {
		case isDraft && rows[ofDraft] != "":
			delete(rows, ofDraft) // it has only to be kept again
		case isDraft && trust.ValidSlug(ofDraft):
			errs = append(errs, s.sweepDraft(f, contextID, file, now))
		case rows[file.Name()] != "" || busy[prefix+contextID+"/"+path]:
			delete(rows, file.Name())
		case trust.ValidSlug(path) && s.left(file, now):
			if err := f.remove(contextID, file.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
				errs = append(errs, err)
			}
		}
	}
	for file, id := range rows {
		errs = append(errs, s.noteMissing(ctx, f, contextID, file, id))
	}
	return errors.Join(errs...)
}

// sweepDraft removes a draft that nobody has open and nothing came to for long:
// its transfer may never go on, and no rule would ever delete it.
func (s *Service) sweepDraft(f *folder, contextID string, file fs.DirEntry, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	info, err := file.Info()
	if err == nil && (s.busy[prefix+contextID+"/"+file.Name()] || now.Sub(info.ModTime()) <= stale) {
		return nil
	}
	if err == nil {
		err = f.remove(contextID, file.Name())
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// left reports whether nobody is writing a file any more.
func (s *Service) left(file fs.DirEntry, now time.Time) bool {
	if s.cfg.Alone {
		return true
	}
	info, err := file.Info()
	return err == nil && now.Sub(info.ModTime()) > stale
}

// filesOf are the files that a participant's rows name in this folder, with
// the ids of these.
func (s *Service) filesOf(ctx context.Context, f *folder, contextID string) (map[string]string, error) {
	files := map[string]string{}
	for q := (Query{State: Open, Limit: batch}); ; {
		page, err := s.cfg.Store.Holdings(ctx, contextID, q)
		if err != nil {
			return nil, err
		}
		for _, h := range page {
			if h.Folder == f.id {
				files[h.File] = h.ID
			}
		}
		if len(page) < batch {
			return files, nil
		}
		q.Before = page[len(page)-1].ID
	}
}

// noteMissing looks once more: the file may be newer than the list of files.
func (s *Service) noteMissing(ctx context.Context, f *folder, contextID, file, id string) error {
	if trust.ValidSlug(file) { // else it is none of ours
		if _, err := f.root.Lstat(prefix + contextID + "/" + file); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	err := s.cfg.Store.FailHolding(ctx, contextID, id, missing, time.Time{})
	return settled(err)
}
