// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
)

// exec runs one statement as a step of its own.
func (s *onSQLite) exec(ctx context.Context, st statement) error {
	return s.do(ctx, func(w *session) error { return w.exec(st) })
}

// do runs a step of the writer.
func (s *onSQLite) do(ctx context.Context, step func(w *session) error) error {
	return s.health.ended(explainSQLite(s.writer.do(ctx, step)), true)
}

func (s *onSQLite) useToken(ctx context.Context, u tokenUse) error { return s.exec(ctx, u.insert()) }

// change is exec of a statement that changes processes.
func (s *onSQLite) change(ctx context.Context, st statement, c change) error {
	return s.do(ctx, func(w *session) error { w.changed(c); return w.exec(st) })
}

// commit stores one step of a process.
func (s *onSQLite) commit(ctx context.Context, c engine.Commit) error {
	statements, err := plan(c)
	if err != nil {
		return err
	}
	change := stepped(c)
	err = s.do(ctx, func(w *session) error {
		w.changed(change)
		for _, st := range statements {
			if err := w.exec(st); err != nil {
				return err
			}
		}
		return w.journal(c.Record.Context, c.Journal)
	})
	if c.Held != nil && errors.Is(err, engine.ErrConflict) {
		return s.fenced(ctx, *c.Held)
	}
	return err
}

// Claim implements engine.Store. The writer alone changes rows, so that what
// it reads here stays true until it writes.
func (s *onSQLite) Claim(ctx context.Context, req engine.ClaimRequest) (work []engine.Work, next time.Time, err error) {
	err = s.do(ctx, func(w *session) error {
		c := newClaim(req)
		if err := w.choose(c); err != nil {
			return err
		}
		next = c.next()
		var err error
		work, err = w.lease(c)
		return err
	})
	if err != nil {
		return nil, time.Time{}, err
	}
	return work, next, nil
}

// choose finds what to claim and when the rest becomes claimable.
func (s *session) choose(c *claim) error {
	var rows []workRow
	if err := s.query(&rows, windowQuery, c.now, window(c.req.Limit), c.now); err != nil {
		return err
	}
	if c.choose(rows); c.complete(rows) {
		return nil
	}
	return s.byLane(c)
}

// byLane chooses from each lane's own queue.
func (s *session) byLane(c *claim) error {
	c.restart()
	var lanes []laneRow
	if err := s.query(&lanes, lanesQuery, c.now, c.req.Limit+c.lanes.Full()+1); err != nil {
		return err
	}
	var all []workRow
	names, rooms := c.rooms(lanes)
	for i, lane := range names {
		var rows []workRow
		err := s.query(&rows, `SELECT `+workColumns+` FROM outbox o WHERE o.lane = ? AND o.ready <= ?
			ORDER BY o.ready LIMIT ?`, lane, c.now, rooms[i])
		if err != nil {
			return err
		}
		all = append(all, rows...)
	}
	c.choose(all)
	return nil
}

// lease writes the claim.
func (s *session) lease(c *claim) ([]engine.Work, error) {
	work := make([]engine.Work, 0, len(c.chosen))
	for i := range c.chosen {
		var rows []workRow
		row := &c.chosen[i]
		err := s.query(&rows, `UPDATE outbox SET owner = ?, lease_until = ?, fence = fence + 1, claims = claims + 1
			WHERE context = ? AND process = ? AND op = ?
			RETURNING context, process, op, key, lane, due, fence, claims, owner, lease_until, `+bodyColumn,
			c.req.Owner, c.until, row.Context, row.Process, row.Op)
		if err != nil {
			return nil, err
		}
		work = append(work, rows[0].work())
		s.changed(leased(work[i]))
	}
	return work, nil
}
