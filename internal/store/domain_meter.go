// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/transfer"
)

// errUnchanged undoes a transaction that found nothing to do.
var errUnchanged = errors.New("unchanged")

// changes is transact for what may find nothing to do.
func (d *domain) changes(ctx context.Context, what string, f func(transaction) error) error {
	err := d.transact(ctx, f)
	if err == nil || errors.Is(err, errUnchanged) {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

type meterRow struct{ Started, Bytes int64 }

// lockMeter has the row of a meter to itself until the transaction ends: what
// is read after it stays true.
func lockMeter(ctx context.Context, tx transaction, contextID, agreement string) (meterRow, error) {
	var rows []meterRow
	err := tx.query(ctx, &rows, `INSERT INTO meter (context, agreement, started, bytes) VALUES (?, ?, 0, 0)
		ON CONFLICT (context, agreement) DO UPDATE SET bytes = meter.bytes RETURNING started, bytes`, contextID, agreement)
	if err != nil {
		return meterRow{}, err
	}
	return rows[0], nil
}

// ClaimStart implements transfer.Meters.
func (d *domain) ClaimStart(ctx context.Context, contextID, agreement, process string, limit int64) (started int64, err error) {
	if err := rule.MeterStart(contextID, agreement, process); err != nil {
		return 0, err
	}
	claim := statement{
		query: `INSERT INTO meter_start (context, agreement, process) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		args:  []any{contextID, agreement, process},
		want:  1, otherwise: errUnchanged, // counted before
	}
	err = d.changes(ctx, "counting a start", func(tx transaction) error {
		row, err := lockMeter(ctx, tx, contextID, agreement)
		if started = row.Started; err != nil {
			return err
		}
		if err := tx.exec(ctx, claim); err != nil {
			return err
		}
		if limit >= 0 && started >= limit {
			return transfer.ErrExhausted
		}
		started++
		return tx.exec(ctx, d.do(`UPDATE meter SET started = started + 1 WHERE context = ? AND agreement = ?`, contextID, agreement))
	})
	return started, err
}

// ReleaseStart implements transfer.Meters.
func (d *domain) ReleaseStart(ctx context.Context, contextID, agreement, process string) error {
	if err := rule.MeterStart(contextID, agreement, process); err != nil {
		return err
	}
	release := statement{
		query: `DELETE FROM meter_start WHERE context = ? AND agreement = ? AND process = ?`,
		args:  []any{contextID, agreement, process},
		want:  1, otherwise: errUnchanged,
	}
	return d.changes(ctx, "giving back a start", func(tx transaction) error {
		if _, err := lockMeter(ctx, tx, contextID, agreement); err != nil {
			return err
		}
		if err := tx.exec(ctx, release); err != nil {
			return err
		}
		return tx.exec(ctx, d.do(`UPDATE meter SET started = started - 1 WHERE context = ? AND agreement = ?`, contextID, agreement))
	})
}

// TakeBytes implements transfer.Meters.
func (d *domain) TakeBytes(ctx context.Context, contextID, agreement, _ string, want, limit int64) (granted int64, err error) {
	if err := rule.MeterBytes(contextID, agreement, want); err != nil || want == 0 {
		return 0, err
	}
	err = d.changes(ctx, "counting bytes", func(tx transaction) error {
		row, err := lockMeter(ctx, tx, contextID, agreement)
		if err != nil {
			return err
		}
		if granted = rule.Granted(row.Bytes, want, limit); granted == 0 {
			return errUnchanged
		}
		return tx.exec(ctx, d.do(`UPDATE meter SET bytes = ? WHERE context = ? AND agreement = ?`, row.Bytes+granted, contextID, agreement))
	})
	if err != nil {
		return 0, err
	}
	return granted, nil
}

// ReturnBytes implements transfer.Meters.
func (d *domain) ReturnBytes(ctx context.Context, contextID, agreement, _ string, n int64) error {
	if err := rule.MeterBytes(contextID, agreement, n); err != nil || n == 0 {
		return err
	}
	st := d.do(`UPDATE meter SET bytes = bytes - ? WHERE context = ? AND agreement = ? AND bytes >= ?`, n, contextID, agreement, n)
	st.want, st.otherwise = 1, rule.ErrNotTaken
	return d.write(ctx, st)
}

// Usage implements transfer.Meters.
func (d *domain) Usage(ctx context.Context, contextID, agreement string) (transfer.Usage, error) {
	var rows []meterRow
	err := d.read(ctx, &rows, `SELECT started, bytes FROM meter WHERE context = ? AND agreement = ?`, contextID, agreement)
	if err != nil {
		return transfer.Usage{}, fmt.Errorf("reading a meter: %w", err)
	}
	row, err := first(rows, nil)
	return transfer.Usage(row), err
}
