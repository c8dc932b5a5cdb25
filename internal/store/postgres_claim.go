// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// Two processes that are woken by the same commit choose the same rows. The
// one that comes second looks again, at what is left.
const (
	claimTries = 3
	claimPause = 20 * time.Millisecond
)

// leaseQuery claims chosen rows. What another transaction holds is left to
// it: nobody waits for a claim, and a claim for nobody.
const leaseQuery = `WITH picked AS (
		SELECT o.context, o.process, o.op FROM outbox o
		JOIN unnest(CAST(? AS text[]), CAST(? AS text[]), CAST(? AS text[])) AS k(context, process, op)
			ON o.context = k.context AND o.process = k.process AND o.op = k.op
		WHERE o.ready <= ? FOR UPDATE OF o SKIP LOCKED
	) UPDATE outbox SET owner = ?, lease_until = ?, fence = fence + 1, claims = claims + 1
	FROM picked p WHERE outbox.context = p.context AND outbox.process = p.process AND outbox.op = p.op
	RETURNING outbox.context, outbox.process, outbox.op, outbox.key, outbox.lane, outbox.due, outbox.fence,
		outbox.claims, outbox.owner, outbox.lease_until, ` + bodyColumn

const laneRowsQuery = `SELECT ` + workColumns + `
	FROM unnest(CAST(? AS text[]), CAST(? AS bigint[])) AS l(lane, room)
	CROSS JOIN LATERAL (
		SELECT * FROM outbox q WHERE q.lane = l.lane AND q.ready <= ? ORDER BY q.ready LIMIT l.room
	) o`

// Claim implements engine.Store.
func (s *onPostgres) Claim(ctx context.Context, req engine.ClaimRequest) ([]engine.Work, time.Time, error) {
	for range claimTries {
		c := newClaim(req)
		if err := s.choose(ctx, c); err != nil {
			return nil, time.Time{}, fmt.Errorf("looking for work: %w", err)
		}
		if len(c.chosen) == 0 {
			return nil, c.next(), nil
		}
		work, err := s.lease(ctx, c)
		switch {
		case err != nil:
			return nil, time.Time{}, fmt.Errorf("claiming work: %w", s.met(err))
		case len(work) == len(c.chosen):
			return work, c.next(), nil
		case len(work) > 0: // look again for the rest
			return work, rule.Time(c.now), nil
		}
	}
	return nil, rule.Round(req.Now).Add(claimPause), nil
}

// choose finds what to claim and when the rest becomes claimable.
func (s *onPostgres) choose(ctx context.Context, c *claim) error {
	var rows []workRow
	if err := s.query(ctx, &rows, windowQuery, c.now, window(c.req.Limit), c.now); err != nil {
		return err
	}
	if c.choose(rows); c.complete(rows) {
		return nil
	}
	c.restart()
	var lanes []laneRow
	if err := s.query(ctx, &lanes, lanesQuery, c.now, c.req.Limit+c.lanes.Full()+1); err != nil {
		return err
	}
	names, rooms := c.rooms(lanes)
	var queues []workRow
	if err := s.query(ctx, &queues, laneRowsQuery, names, rooms, c.now); err != nil {
		return err
	}
	c.choose(queues)
	return nil
}

// lease writes the claim, as far as nobody else was faster.
func (s *onPostgres) lease(ctx context.Context, c *claim) ([]engine.Work, error) {
	place := make(map[[3]string]int, len(c.chosen))
	var contexts, processes, ops []string
	for i, row := range c.chosen {
		place[[3]string{row.Context, row.Process, row.Op}] = i
		contexts, processes, ops = append(contexts, row.Context), append(processes, row.Process), append(ops, row.Op)
	}
	var rows []workRow
	err := s.pool.SelectContext(ctx, &rows, s.rebind(leaseQuery),
		contexts, processes, ops, c.now, c.req.Owner, c.until)
	if err != nil {
		return nil, err
	}
	at := func(w workRow) int { return place[[3]string{w.Context, w.Process, w.Op}] }
	slices.SortFunc(rows, func(a, b workRow) int { return cmp.Compare(at(a), at(b)) })
	work := make([]engine.Work, len(rows))
	for i := range rows {
		work[i] = rows[i].work()
	}
	return work, nil
}
