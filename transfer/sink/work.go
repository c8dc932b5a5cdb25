// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package sink

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

const (
	batch = 100 // how many rows are looked at together
	// lookAgain is how often is asked whether an agreement was ended, while
	// there is data that would have to go with it.
	lookAgain = 5 * time.Second
	// Between two tries to delete a file passes as much time as has since it
	// was due, within these bounds.
	leastPause, mostPause = 5 * time.Second, time.Hour
)

// Work deletes what is due and records it, and returns when it is to be called
// next (zero: there is nothing to delete); Wake may come before that. What
// cannot be deleted is shown as overdue and tried again. Several replicas may
// work at the same time. The error is the store's or the folder's, and the next
// pass goes on.
func (s *Service) Work(ctx context.Context) (time.Time, error) {
	f, err := openFolder(s.cfg.Dir, false, s.cfg.NewID)
	if errors.Is(err, fs.ErrNotExist) {
		return time.Time{}, nil // nothing was stored yet
	}
	if err != nil {
		return time.Time{}, err
	}
	defer f.close()
	// A sweep that fails must not keep data beyond its time.
	swept := s.sweepInTime(ctx, f)
	if err := s.deleteDue(ctx, f); err != nil {
		return time.Time{}, errors.Join(swept, err)
	}
	next, untilEnd, err := s.cfg.Store.NextHolding(ctx, f.id)
	if soon := s.cfg.Now().Add(lookAgain); untilEnd && (next.IsZero() || soon.Before(next)) {
		next = soon
	}
	return next, errors.Join(swept, err)
}

func (s *Service) deleteDue(ctx context.Context, f *folder) error {
	if _, err := s.cfg.Store.ExpireHoldings(ctx, ruleEnded, s.cfg.Now()); err != nil {
		return err
	}
	for {
		due, err := s.cfg.Store.DueHoldings(ctx, f.id, s.cfg.Now(), batch)
		if err != nil {
			return err
		}
		for _, h := range due {
			if err := s.delete(ctx, f, h); err != nil {
				return fmt.Errorf("deleting %s of %s: %w", h.ID, h.Context, err)
			}
		}
		if len(due) < batch {
			return nil
		}
	}
}

// delete removes the file, then says so. A file that is gone is one that was
// removed before a crash, or by somebody else.
func (s *Service) delete(ctx context.Context, f *folder, h Holding) error {
	reason := h.Rule
	err := placed(h)
	if err == nil {
		err = f.remove(h.Context, h.File)
	}
	if errors.Is(err, fs.ErrNotExist) {
		reason, err = reason+" (the file was gone before)", nil
	}
	now := s.cfg.Now()
	if err != nil {
		pause := min(max(now.Sub(h.Due), leastPause), mostPause)
		return settled(s.cfg.Store.FailHolding(ctx, h.Context, h.ID, err.Error(), now.Add(pause)))
	}
	e, err := s.entry(h, "transfer.data-deleted", now, told{Due: h.Due, Reason: reason, Stored: h.Stored})
	if err != nil {
		return err
	}
	err = s.cfg.Store.DeleteHolding(ctx, h.Context, h.ID, Deletion{At: now, Reason: reason, Journal: e})
	if err == nil {
		s.journaled(h.Context)
	}
	return settled(err)
}

// settled passes over what another replica has done meanwhile.
func settled(err error) error {
	if errors.Is(err, ErrDeleted) {
		return nil
	}
	return err
}
