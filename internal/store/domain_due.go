// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/internal/store/rule"
)

// dueTable is a table whose rows are worked on when a time has come; 0 is
// never. Its key is context and id.
type dueTable struct{ name, due, columns string }

// keyed is a row of a dueTable.
type keyed interface{ dueKey() (context, id string) }

// claimDue returns rows whose time has come, longest ago first, and moves their
// time on, so that nobody else gets them meanwhile. Mostly there are none, and
// then nothing is written.
func claimDue[R keyed](ctx context.Context, d *domain, t dueTable, now time.Time, lease time.Duration, limit int) ([]R, int64, error) {
	if limit <= 0 {
		return nil, 0, nil
	}
	ready, until := rule.Micro(now), rule.Micro(now.Add(lease))
	where := ` FROM ` + t.name + ` WHERE ` + t.due + ` > 0 AND ` + t.due + ` <= ?`
	var some []int64
	if err := d.read(ctx, &some, `SELECT `+t.due+where+` LIMIT 1`, ready); err != nil || len(some) == 0 {
		return nil, 0, err
	}
	find := d.dialect.text.Replace(`SELECT ` + t.columns + where + ` ORDER BY ` + t.due + ` LIMIT ? {skip}`)
	var rows []R
	err := d.transact(ctx, func(tx transaction) error {
		rows = nil
		if err := tx.query(ctx, &rows, find, ready, limit); err != nil || len(rows) == 0 {
			return err
		}
		keys := make([][]any, len(rows))
		for i, row := range rows {
			context, id := row.dueKey()
			keys[i] = []any{context, id}
		}
		return tx.exec(ctx, d.do(`UPDATE `+t.name+` SET `+t.due+` = ? FROM {rows}
			WHERE `+t.name+`.context = r.value ->> 0 AND `+t.name+`.id = r.value ->> 1`, until, table(keys)))
	})
	if err != nil {
		return nil, 0, fmt.Errorf("claiming of %s: %w", t.name, err)
	}
	return rows, until, nil
}

// older is the condition of rows behind a cursor, where the newest come first.
// The empty cursor is before all.
func (d *domain) older(ctx context.Context, name, column, contextID, before string, unknown error) (string, []any, error) {
	if before == "" {
		return ``, nil, nil
	}
	var times []int64
	err := d.read(ctx, &times, `SELECT `+column+` FROM `+name+` WHERE context = ? AND id = ?`, contextID, before)
	if err != nil {
		return ``, nil, fmt.Errorf("listing of %s: %w", name, err)
	}
	if len(times) == 0 {
		return ``, nil, fmt.Errorf("cursor: %w", unknown)
	}
	return ` AND (` + column + `, id) < (?, ?)`, []any{times[0], before}, nil
}
