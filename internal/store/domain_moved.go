// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/transfer/signaling"
)

type movedRow struct {
	Batch   string
	Context string
	Process string
	Noted   int64
	Doc     string
}

func (r *movedRow) batch() (signaling.MovedBatch, error) {
	b := signaling.MovedBatch{ID: r.Batch, Context: r.Context, Process: r.Process, Noted: rule.Time(r.Noted)}
	err := json.Unmarshal([]byte(r.Doc), &b.List)
	return b, err
}

// KeepMoved implements signaling.Untold.
func (d *domain) KeepMoved(ctx context.Context, h signaling.MovedHold, list []signaling.MovedBatch) error {
	rows := make([][]any, len(list))
	for i := range list {
		b := &list[i]
		if err := b.Check(h); err != nil {
			return err
		}
		doc, err := json.Marshal(b.List)
		if err != nil {
			return err
		}
		rows[i] = []any{b.ID, b.Context, b.Process, rule.Micro(b.Noted), h.Owner, rule.Micro(h.Until), string(doc)}
	}
	err := d.transact(ctx, func(tx transaction) error {
		for chunk := range slices.Chunk(rows, maxRows) {
			err := tx.exec(ctx, d.do(`INSERT INTO moved (batch, context, process, noted, owner, held_until, doc)
				SELECT r.value ->> 0, r.value ->> 1, r.value ->> 2, CAST(r.value ->> 3 AS BIGINT), r.value ->> 4, CAST(r.value ->> 5 AS BIGINT), r.value ->> 6
				FROM {rows} WHERE true ON CONFLICT DO NOTHING`, table(chunk)))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keeping movements: %w", err)
	}
	return nil
}

// DropMoved implements signaling.Untold.
func (d *domain) DropMoved(ctx context.Context, ids []string) error {
	return d.write(ctx, d.do(`DELETE FROM moved WHERE batch {in}`, d.dialect.list(ids)))
}

// takeMoved looks twice at whose a batch is: of two that take it one waits for
// the other, and then sees that it is gone.
const takeMoved = `UPDATE moved SET owner = ?, held_until = ? WHERE owner <> ? AND held_until <= ? AND batch IN (
	SELECT m.batch FROM moved m WHERE m.owner <> ? AND m.held_until <= ? ORDER BY m.noted, m.batch LIMIT ?)
	RETURNING batch, context, process, noted, doc`

// TakeMoved implements signaling.Untold.
func (d *domain) TakeMoved(ctx context.Context, h signaling.MovedHold, until time.Time, limit int) ([]signaling.MovedBatch, error) {
	mine, theirs := rule.Micro(h.Until), rule.Micro(until)
	var rows []movedRow
	err := d.transact(ctx, func(tx transaction) error {
		rows = nil
		if err := tx.exec(ctx, statement{query: `UPDATE moved SET held_until = ? WHERE owner = ?`, args: []any{mine, h.Owner}, want: anyRows}); err != nil {
			return err
		}
		return tx.query(ctx, &rows, takeMoved, h.Owner, mine, h.Owner, theirs, h.Owner, theirs, max(limit, 0))
	})
	if err != nil {
		return nil, fmt.Errorf("taking up movements: %w", err)
	}
	slices.SortFunc(rows, func(a, b movedRow) int { return cmp.Or(cmp.Compare(a.Noted, b.Noted), cmp.Compare(a.Batch, b.Batch)) })
	return each(rows, (*movedRow).batch)
}
