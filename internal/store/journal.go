// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"math"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
)

type entryRow struct {
	Arrival  int64 // where it was inserted before it had a position
	Context  string
	Position int64
	ID       string
	Process  string
	Kind     string
	Event    string
	At       int64
	Detail   []byte
	Prev     string
	Hash     string
}

func (e *entryRow) entry() engine.Entry {
	out := engine.Entry{
		Context: e.Context, Position: e.Position, ID: e.ID, Process: e.Process, Kind: engine.Kind(e.Kind),
		Event: e.Event, At: rule.Time(e.At), Prev: e.Prev, Hash: e.Hash,
	}
	if len(e.Detail) > 0 {
		out.Detail = e.Detail
	}
	return out
}

// Journal implements engine.Processes.
func (ps *processes) Journal(ctx context.Context, after int64, limit int) ([]engine.Entry, error) {
	if limit <= 0 {
		limit = math.MaxInt32
	}
	var rows []entryRow
	err := ps.query(ctx, &rows, `SELECT context, position, id, process, kind, event, at, detail, prev, hash FROM journal
		WHERE context = ? AND position > ? AND position IS NOT NULL ORDER BY position LIMIT ?`, ps.context, after, limit)
	if err != nil {
		return nil, fmt.Errorf("reading journal: %w", err)
	}
	var list []engine.Entry
	for i := range rows {
		list = append(list, rows[i].entry())
	}
	return list, nil
}

type headRow struct {
	Context   string
	Position  int64
	Hash      string
	At        int64
	KeyID     string `db:"key_id"`
	Signature []byte
}

// LastHead implements engine.Processes.
func (ps *processes) LastHead(ctx context.Context) (engine.Head, error) {
	var rows []headRow
	err := ps.query(ctx, &rows, `SELECT context, position, hash, at, key_id, signature FROM journal_head
		WHERE context = ? ORDER BY position DESC LIMIT 1`, ps.context)
	switch {
	case err != nil:
		return engine.Head{}, fmt.Errorf("reading journal head: %w", err)
	case len(rows) == 0:
		return engine.Head{}, engine.ErrNotFound
	}
	h := rows[0]
	return engine.Head{
		Context: h.Context, Position: h.Position, Hash: h.Hash, At: rule.Time(h.At), KeyID: h.KeyID, Signature: h.Signature,
	}, nil
}

// Heads implements engine.Store.
func (d *database) Heads(ctx context.Context) ([]engine.Head, error) {
	var rows []headRow
	err := d.query(ctx, &rows, `SELECT t.context, t.position, t.hash FROM journal_tail t
		WHERE t.position > coalesce((SELECT max(h.position) FROM journal_head h WHERE h.context = t.context), 0)
		ORDER BY t.context`)
	if err != nil {
		return nil, fmt.Errorf("reading journal ends: %w", err)
	}
	var list []engine.Head
	for _, h := range rows {
		list = append(list, engine.Head{Context: h.Context, Position: h.Position, Hash: h.Hash})
	}
	return list, nil
}

// putHead inserts a head that names a row of the journal, or no row.
func putHead(h engine.Head) statement {
	return statement{
		query: `INSERT INTO journal_head (context, position, hash, at, key_id, signature)
			SELECT j.context, j.position, j.hash, ?, ?, ? FROM journal j
			WHERE j.context = ? AND j.position = ? AND j.position IS NOT NULL AND j.hash = ?
			ON CONFLICT (context, position) DO UPDATE SET position = excluded.position`,
		args: []any{rule.Micro(h.At), h.KeyID, append([]byte{}, h.Signature...), h.Context, h.Position, h.Hash},
		want: 1, otherwise: fmt.Errorf("%w: no journal row %d with this hash", rule.ErrInvalid, h.Position),
	}
}

// insertEntry inserts a journal row, with a position where it has one.
func insertEntry(e engine.Entry) statement {
	var position, prev, hash any
	if e.Position > 0 {
		position, prev, hash = e.Position, e.Prev, e.Hash
	}
	return statement{
		query: `INSERT INTO journal (context, position, id, process, kind, event, at, detail, prev, hash)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		args: []any{
			e.Context, position, e.ID, e.Process, string(e.Kind), e.Event, rule.Micro(e.At), []byte(e.Detail), prev, hash,
		},
		want: 1,
	}
}
