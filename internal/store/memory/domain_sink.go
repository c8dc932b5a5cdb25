// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/transfer/sink"
)

func stampOfHolding(h sink.Holding) stamp { return stamp{h.Stored, h.ID} }

// KeepHolding implements sink.Store.
func (s *Store) KeepHolding(_ context.Context, h sink.Holding, journal engine.Entry) error {
	if err := rule.Holding(h, journal); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	pt := s.part(h.Context)
	if _, exists := pt.holdings[h.ID]; exists {
		return sink.ErrExists
	}
	h.Stored, h.Due, h.NextTry = rule.Round(h.Stored), rule.Round(h.Due), rule.Round(h.NextTry)
	set(&pt.holdings, h.ID, h)
	pt.applyJournal([]engine.Entry{journal})
	return nil
}

// Holding implements sink.Store.
func (s *Store) Holding(_ context.Context, contextID, id string) (h sink.Holding, err error) {
	err = sink.ErrNotFound
	s.look(contextID, func(d *domain) {
		if known, ok := d.holdings[id]; ok {
			h, err = known, nil
		}
	})
	return h, err
}

// Holdings implements sink.Store.
func (s *Store) Holdings(_ context.Context, contextID string, q sink.Query) (list []sink.Holding, err error) {
	limit := q.Limit
	s.look(contextID, func(d *domain) {
		var behind *stamp
		if behind, err = cursor(d.holdings, q.Before, stampOfHolding, sink.ErrNotFound); err != nil {
			return
		}
		if limit <= 0 {
			limit = len(d.holdings)
		}
		selected := func(yield func(sink.Holding) bool) {
			for _, h := range d.holdings {
				if q.Selects(h) && !yield(h) {
					return
				}
			}
		}
		list = page(selected, stampOfHolding, behind, limit)
	})
	return list, err
}

// DueHoldings implements sink.Store.
func (s *Store) DueHoldings(_ context.Context, folder string, now time.Time, limit int) (list []sink.Holding, err error) {
	var duties []duty
	s.eachHolding(func(_ *part, h sink.Holding) {
		if h.Folder == folder {
			duties = append(duties, duty{h.NextTry, [2]string{h.Context, h.ID}, func() { list = append(list, h) }})
		}
	})
	due(duties, rule.Round(now), limit)
	return list, nil
}

// eachHolding calls f with all, under the mutex.
func (s *Store) eachHolding(f func(*part, sink.Holding)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(s.parts)) {
		for _, h := range s.parts[name].holdings {
			f(s.parts[name], h)
		}
	}
}

// NextHolding implements sink.Store.
func (s *Store) NextHolding(_ context.Context, folder string) (next time.Time, untilEnd bool, err error) {
	s.eachHolding(func(_ *part, h sink.Holding) {
		if h.Folder != folder || h.State != sink.Open {
			return
		}
		untilEnd = untilEnd || h.UntilEnd
		if !h.NextTry.IsZero() && (next.IsZero() || h.NextTry.Before(next)) {
			next = h.NextTry
		}
	})
	return next, untilEnd, nil
}

// ExpireHoldings implements sink.Store.
func (s *Store) ExpireHoldings(_ context.Context, why string, now time.Time) (n int, err error) {
	if err := rule.Expiry(why, now); err != nil {
		return 0, err
	}
	s.eachHolding(func(pt *part, h sink.Holding) {
		ended := pt.agreements[h.Agreement].Ended
		if h.State != sink.Open || !h.UntilEnd || ended.IsZero() || !h.Due.IsZero() && !h.Due.After(ended) {
			return
		}
		h.Due, h.Rule, h.NextTry = ended, why, rule.Round(now)
		pt.holdings[h.ID] = h
		n++
	})
	return n, nil
}

// DeleteHolding implements sink.Store.
func (s *Store) DeleteHolding(_ context.Context, contextID, id string, x sink.Deletion) error {
	return s.changeHolding(contextID, id, rule.DeleteHolding(contextID, id, x), func(pt *part, h *sink.Holding) {
		h.State, h.Deleted, h.Reason = sink.Deleted, rule.Round(x.At), x.Reason
		h.LastError, h.NextTry = "", time.Time{}
		pt.applyJournal([]engine.Entry{x.Journal})
	})
}

// FailHolding implements sink.Store.
func (s *Store) FailHolding(_ context.Context, contextID, id, problem string, next time.Time) error {
	return s.changeHolding(contextID, id, rule.FailHolding(contextID, id, problem, next), func(_ *part, h *sink.Holding) {
		h.LastError = problem
		if !next.IsZero() {
			h.NextTry = rule.Round(next)
		}
	})
}

// changeHolding changes one whose data is there.
func (s *Store) changeHolding(contextID, id string, check error, f func(*part, *sink.Holding)) error {
	if check != nil {
		return check
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	pt := s.part(contextID)
	h, ok := pt.holdings[id]
	switch {
	case !ok:
		return sink.ErrNotFound
	case h.State != sink.Open:
		return sink.ErrDeleted
	}
	f(pt, &h)
	pt.holdings[id] = h
	return nil
}
