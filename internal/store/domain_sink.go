// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/transfer/sink"
)

type holdingRow struct {
	Context   string
	ID        string
	Transfer  string
	Agreement string
	Dataset   string
	Peer      string
	Folder    string
	File      string
	Size      int64
	SHA256    string `db:"sha256"`
	Stored    int64
	Due       int64
	Rule      string
	UntilEnd  bool `db:"until_end"`
	State     string
	Deleted   int64
	Reason    string
	LastError string `db:"last_error"`
	NextTry   int64  `db:"next_try"`
}

const holdingColumns = `context, id, transfer, agreement, dataset, peer, folder, file, size, sha256, stored, due, rule,
	until_end, state, deleted, reason, last_error, next_try`

func (r *holdingRow) holding() (sink.Holding, error) {
	return sink.Holding{
		Context: r.Context, ID: r.ID, Transfer: r.Transfer, Agreement: r.Agreement, Dataset: r.Dataset, Peer: r.Peer,
		Folder: r.Folder, File: r.File, Size: r.Size, SHA256: r.SHA256, Stored: rule.Time(r.Stored), Due: rule.Time(r.Due),
		Rule: r.Rule, UntilEnd: r.UntilEnd, State: sink.State(r.State), Deleted: rule.Time(r.Deleted), Reason: r.Reason,
		LastError: r.LastError, NextTry: rule.Time(r.NextTry),
	}, nil
}

// KeepHolding implements sink.Store.
func (d *domain) KeepHolding(ctx context.Context, h sink.Holding, journal engine.Entry) error {
	if err := rule.Holding(h, journal); err != nil {
		return err
	}
	insert := statement{
		query: `INSERT INTO holding (` + holdingColumns + `)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', 0, '', '', ?) ON CONFLICT (context, id) DO NOTHING`,
		args: []any{
			h.Context, h.ID, h.Transfer, h.Agreement, h.Dataset, h.Peer, h.Folder, h.File, h.Size, h.SHA256,
			rule.Micro(h.Stored), rule.Micro(h.Due), h.Rule, h.UntilEnd, rule.Micro(h.NextTry),
		},
		want: 1, otherwise: sink.ErrExists,
	}
	return d.withJournal(ctx, insert, journal)
}

// withJournal does a change and writes its row of the journal, both or
// neither.
func (d *domain) withJournal(ctx context.Context, change statement, journal engine.Entry) error {
	return d.transact(ctx, func(tx transaction) error {
		if err := tx.exec(ctx, change); err != nil {
			return err
		}
		return tx.journal(ctx, journal.Context, []engine.Entry{journal})
	})
}

// Holding implements sink.Store.
func (d *domain) Holding(ctx context.Context, contextID, id string) (sink.Holding, error) {
	list, err := d.holdings(ctx, `context = ? AND id = ?`, contextID, id)
	if err != nil {
		return sink.Holding{}, err
	}
	return first(list, sink.ErrNotFound)
}

func (d *domain) holdings(ctx context.Context, where string, args ...any) ([]sink.Holding, error) {
	var rows []holdingRow
	if err := d.read(ctx, &rows, `SELECT `+holdingColumns+` FROM holding WHERE `+where, args...); err != nil {
		return nil, fmt.Errorf("reading holdings: %w", err)
	}
	return each(rows, (*holdingRow).holding)
}

// Holdings implements sink.Store.
func (d *domain) Holdings(ctx context.Context, contextID string, q sink.Query) ([]sink.Holding, error) {
	older, behind, err := d.older(ctx, `holding`, `stored`, contextID, q.Before, sink.ErrNotFound)
	if err != nil {
		return nil, err
	}
	where, args := selectHoldings(q)
	args = append(append([]any{contextID}, args...), behind...)
	limit := int64(math.MaxInt64)
	if q.Limit > 0 {
		limit = int64(q.Limit)
	}
	return d.holdings(ctx, `context = ?`+where+older+` ORDER BY stored DESC, id DESC LIMIT ?`, append(args, limit)...)
}

// selectHoldings returns the conditions of q. The texts are few, so that each
// is prepared once.
func selectHoldings(q sink.Query) (where string, args []any) {
	for _, c := range []struct{ column, value string }{{"state", string(q.State)}, {"transfer", q.Transfer}, {"agreement", q.Agreement}} {
		if c.value != "" {
			where += ` AND ` + c.column + ` = ?`
			args = append(args, c.value)
		}
	}
	now, late := rule.Micro(q.At), rule.Micro(q.At.Add(-sink.Grace))
	switch q.Status {
	case "":
	case sink.IsOpen:
		return where + ` AND state = 'open' AND (due = 0 OR due > ?)`, append(args, now)
	case sink.IsDue:
		return where + ` AND state = 'open' AND due > 0 AND due <= ? AND last_error = '' AND due > ?`, append(args, now, late)
	case sink.IsOverdue:
		return where + ` AND state = 'open' AND due > 0 AND due <= ? AND (last_error <> '' OR due <= ?)`, append(args, now, late)
	case sink.IsDone:
		return where + ` AND state = 'deleted'`, args
	default:
		return ` AND 1 = 0`, nil
	}
	return where, args
}

// DueHoldings implements sink.Store.
func (d *domain) DueHoldings(ctx context.Context, folder string, now time.Time, limit int) ([]sink.Holding, error) {
	return d.holdings(ctx, `folder = ? AND next_try > 0 AND next_try <= ? ORDER BY next_try LIMIT ?`,
		folder, rule.Micro(now), max(limit, 0))
}

// NextHolding implements sink.Store.
func (d *domain) NextHolding(ctx context.Context, folder string) (time.Time, bool, error) {
	var times, bound []int64
	err := errors.Join(
		d.read(ctx, &times, `SELECT next_try FROM holding WHERE folder = ? AND next_try > 0 ORDER BY next_try LIMIT 1`, folder),
		d.read(ctx, &bound, `SELECT 1 FROM holding WHERE folder = ? AND until_end AND state = 'open' LIMIT 1`, folder),
	)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("reading holdings: %w", err)
	}
	next, _ := first(times, nil)
	return rule.Time(next), len(bound) > 0, nil
}
