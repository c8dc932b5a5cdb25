// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// candidate is a row that could be claimed.
type candidate struct {
	p     *process
	row   *engine.Work
	ready time.Time
}

// ready is when a row becomes claimable: due, and no lease on it.
func ready(w *engine.Work) time.Time {
	if w.LeaseUntil.After(w.Due) {
		return w.LeaseUntil
	}
	return w.Due
}

// Claim implements engine.Store.
func (s *Store) Claim(_ context.Context, req engine.ClaimRequest) (work []engine.Work, next time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := rule.Round(req.Now)
	found, next := s.candidates(now)
	lanes := rule.NewLanes(req)
	for _, c := range found {
		if lanes.Room(c.row.Lane, 1) == 0 {
			continue
		}
		if len(work) >= req.Limit {
			return work, now, nil
		}
		lanes.Take(c.row.Lane)
		c.row.Owner, c.row.LeaseUntil = req.Owner, rule.Round(now.Add(req.Lease))
		c.row.Fence++
		c.row.Claims++
		work = append(work, c.claimed())
	}
	return work, next, nil
}

// candidates returns the claimable rows, longest claimable first, and when
// the earliest of the others becomes claimable.
func (s *Store) candidates(now time.Time) (found []candidate, next time.Time) {
	for p := range s.owed {
		for i := range p.work {
			c := candidate{p, &p.work[i], ready(&p.work[i])}
			switch {
			case !c.ready.After(now):
				found = append(found, c)
			case next.IsZero() || c.ready.Before(next):
				next = c.ready
			}
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(a.ready.Compare(b.ready), strings.Compare(a.row.Context, b.row.Context),
			strings.Compare(a.row.Process, b.row.Process), strings.Compare(string(a.row.Op), string(b.row.Op)))
	})
	return found, next
}

// claimed returns a copy of the row with the bytes to send.
func (c candidate) claimed() engine.Work {
	w := *c.row
	w.Body = rule.Body(c.p.history, w)
	return w
}

// Release implements engine.Store.
func (s *Store) Release(_ context.Context, w engine.Work) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.part(w.Context).processes[w.Process]
	if p.held(w) {
		row := p.row(w.Op)
		row.Owner, row.LeaseUntil = "", time.Time{}
	}
	return nil
}

// TakeOver implements engine.Store.
func (s *Store) TakeOver(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for p := range s.owed {
		for i := range p.work {
			p.work[i].Owner, p.work[i].LeaseUntil = "", time.Time{}
		}
	}
	return nil
}
