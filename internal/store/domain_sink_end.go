// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/transfer/sink"
)

// endedHoldings are those whose agreement ended before they were due anyway.
const endedHoldings = ` FROM agreement WHERE agreement.ended > 0 AND agreement.context = holding.context AND agreement.id = holding.agreement
	AND (holding.due = 0 OR holding.due > agreement.ended)`

// ExpireHoldings implements sink.Store. Mostly there are none, and then
// nothing is written.
func (d *domain) ExpireHoldings(ctx context.Context, why string, now time.Time) (int, error) {
	if err := rule.Expiry(why, now); err != nil {
		return 0, err
	}
	const bound = ` FROM holding WHERE until_end AND state = 'open' AND EXISTS (SELECT 1` + endedHoldings + `)`
	var some []int64
	if err := d.read(ctx, &some, `SELECT 1`+bound+` LIMIT 1`); err != nil || len(some) == 0 {
		return 0, err
	}
	var ids []string
	err := d.transact(ctx, func(tx transaction) error {
		ids = nil
		return tx.query(ctx, &ids, `UPDATE holding SET due = agreement.ended, rule = ?, next_try = ?`+endedHoldings+`
			AND holding.until_end AND holding.state = 'open' RETURNING holding.id`, why, rule.Micro(now))
	})
	if err != nil {
		return 0, fmt.Errorf("expiring holdings: %w", err)
	}
	return len(ids), nil
}

// DeleteHolding implements sink.Store.
func (d *domain) DeleteHolding(ctx context.Context, contextID, id string, x sink.Deletion) error {
	if err := rule.DeleteHolding(contextID, id, x); err != nil {
		return err
	}
	change := openHolding(`state = 'deleted', deleted = ?, reason = ?, last_error = '', next_try = 0`,
		contextID, id, rule.Micro(x.At), x.Reason)
	return d.goneBefore(ctx, contextID, id, d.withJournal(ctx, change, x.Journal))
}

// FailHolding implements sink.Store.
func (d *domain) FailHolding(ctx context.Context, contextID, id, problem string, next time.Time) error {
	if err := rule.FailHolding(contextID, id, problem, next); err != nil {
		return err
	}
	change := openHolding(`last_error = ?`, contextID, id, problem)
	if !next.IsZero() {
		change = openHolding(`last_error = ?, next_try = ?`, contextID, id, problem, rule.Micro(next))
	}
	return d.goneBefore(ctx, contextID, id, d.write(ctx, change))
}

// openHolding changes one whose data is there.
func openHolding(set, contextID, id string, args ...any) statement {
	return statement{
		query: `UPDATE holding SET ` + set + ` WHERE context = ? AND id = ? AND state = 'open'`,
		args:  append(args, contextID, id),
		want:  1, otherwise: sink.ErrDeleted,
	}
}

// goneBefore tells one that was deleted before from one that never was.
func (d *domain) goneBefore(ctx context.Context, contextID, id string, err error) error {
	if errors.Is(err, sink.ErrDeleted) {
		if _, err := d.Holding(ctx, contextID, id); err != nil {
			return err
		}
	}
	return err
}
