// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

// sequencerLease is how long a sequencer that went away is waited for.
const sequencerLease = 2 * time.Second

// Sequence implements engine.Store. The lease keeps others from trying; the
// lock on its row, held to the end of the transaction, makes sure.
func (s *onPostgres) Sequence(ctx context.Context, owner string, now time.Time, limit int) (int, error) {
	var waiting []int
	err := s.query(ctx, &waiting, `SELECT 1 FROM journal WHERE position IS NULL LIMIT 1`)
	if err != nil || len(waiting) == 0 || limit <= 0 {
		return 0, err
	}
	tx, err := s.pool.BeginTxx(ctx, nil)
	if err != nil {
		return 0, fmt.Errorf("sequencing: %w", s.met(err))
	}
	defer func() { _ = tx.Rollback() }() // nothing after a commit
	n, err := s.sequence(ctx, tx, owner, now, limit)
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return 0, fmt.Errorf("sequencing: %w", s.met(err))
	}
	return n, nil
}

func (s *onPostgres) sequence(ctx context.Context, tx *sqlx.Tx, owner string, now time.Time, limit int) (int, error) {
	ours, err := s.takeLease(ctx, tx, "sequencer", owner, now)
	if err != nil || !ours {
		return 0, err
	}
	var rows []entryRow
	err = tx.SelectContext(ctx, &rows, s.rebind(`SELECT arrival, context, id, process, kind, event, at, detail FROM journal
		WHERE position IS NULL ORDER BY arrival LIMIT ?`), limit)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	tails, err := s.tails(ctx, tx, rows)
	if err != nil {
		return 0, err
	}
	chain(rows, tails)
	return len(rows), s.writePositions(ctx, tx, rows, tails)
}

// takeLease gets or extends a duty of one process at a time.
func (s *onPostgres) takeLease(ctx context.Context, tx *sqlx.Tx, name, owner string, now time.Time) (bool, error) {
	result, err := tx.ExecContext(ctx, s.rebind(`INSERT INTO lease (name, owner, until, fence) VALUES (?, ?, ?, 1)
		ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until,
			fence = lease.fence + CASE WHEN lease.owner = excluded.owner THEN 0 ELSE 1 END
		WHERE lease.owner = excluded.owner OR lease.until <= ?`),
		name, owner, rule.Micro(now.Add(sequencerLease)), rule.Micro(now))
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// tails returns the ends of the journals that rows belong to.
func (s *onPostgres) tails(ctx context.Context, tx *sqlx.Tx, rows []entryRow) (map[string]tail, error) {
	tails := map[string]tail{}
	for i := range rows {
		tails[rows[i].Context] = tail{}
	}
	var known []struct {
		Context string
		tail
	}
	err := tx.SelectContext(ctx, &known, s.rebind(`SELECT context, position, hash FROM journal_tail
		WHERE context = ANY(CAST(? AS text[]))`), slices.Collect(maps.Keys(tails)))
	for _, k := range known {
		tails[k.Context] = k.tail
	}
	return tails, err
}

// chain gives each row its place behind the end of its journal.
func chain(rows []entryRow, tails map[string]tail) {
	for i := range rows {
		row := &rows[i]
		end := tails[row.Context]
		row.Position, row.Prev = end.Position+1, end.Hash
		row.Hash = engine.Chain(row.Prev, row.entry())
		tails[row.Context] = tail{row.Position, row.Hash}
	}
}

func (s *onPostgres) writePositions(ctx context.Context, tx *sqlx.Tx, rows []entryRow, tails map[string]tail) error {
	var contexts, prevs, hashes []string
	var arrivals, positions []int64
	for _, r := range rows {
		arrivals, positions = append(arrivals, r.Arrival), append(positions, r.Position)
		prevs, hashes = append(prevs, r.Prev), append(hashes, r.Hash)
	}
	result, err := tx.ExecContext(ctx, s.rebind(`UPDATE journal SET position = u.position, prev = u.prev, hash = u.hash
		FROM unnest(CAST(? AS bigint[]), CAST(? AS bigint[]), CAST(? AS text[]), CAST(? AS text[]))
			AS u(arrival, position, prev, hash)
		WHERE journal.arrival = u.arrival AND journal.position IS NULL`), arrivals, positions, prevs, hashes)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n != int64(len(rows)) {
		return fmt.Errorf("sequenced %d of %d rows: %w", n, len(rows), err)
	}
	positions, hashes = nil, nil
	for context, end := range tails {
		contexts, positions, hashes = append(contexts, context), append(positions, end.Position), append(hashes, end.Hash)
	}
	_, err = tx.ExecContext(ctx, s.rebind(`INSERT INTO journal_tail (context, position, hash)
		SELECT u.context, u.position, u.hash
		FROM unnest(CAST(? AS text[]), CAST(? AS bigint[]), CAST(? AS text[])) AS u(context, position, hash)
		ON CONFLICT (context) DO UPDATE SET position = excluded.position, hash = excluded.hash`),
		contexts, positions, hashes)
	return err
}
