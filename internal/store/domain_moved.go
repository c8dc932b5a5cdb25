// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/transfer/signaling"
)

type movedRow struct {
	Batch   string
	Part    int
	Context string
	Process string
	Noted   int64
	Doc     string
}

// KeepMoved implements signaling.Untold.
func (d *domain) KeepMoved(ctx context.Context, parts []signaling.MovedPart) error {
	rows := make([][]any, len(parts))
	for i := range parts {
		p := &parts[i]
		if err := p.Check(); err != nil {
			return err
		}
		doc, err := json.Marshal(p.List)
		if err != nil {
			return err
		}
		rows[i] = []any{p.Batch, p.Part, p.Context, p.Process, rule.Micro(p.Noted), string(doc)}
	}
	err := d.transact(ctx, func(tx transaction) error {
		for chunk := range slices.Chunk(rows, maxRows) {
			err := tx.exec(ctx, d.do(`INSERT INTO moved (batch, part, context, process, noted, doc)
				SELECT r.value ->> 0, CAST(r.value ->> 1 AS BIGINT), r.value ->> 2, r.value ->> 3, CAST(r.value ->> 4 AS BIGINT), r.value ->> 5
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
func (d *domain) DropMoved(ctx context.Context, batches []string) error {
	return d.write(ctx, d.do(`DELETE FROM moved WHERE batch {in}`, d.dialect.list(batches)))
}

// KeptMoved implements signaling.Untold.
func (d *domain) KeptMoved(ctx context.Context, limit int) ([]signaling.MovedPart, error) {
	var rows []movedRow
	err := d.read(ctx, &rows, `SELECT batch, part, context, process, noted, doc FROM moved ORDER BY noted, batch, part LIMIT ?`, max(limit, 0))
	if err != nil {
		return nil, fmt.Errorf("reading movements: %w", err)
	}
	return each(rows, func(r *movedRow) (signaling.MovedPart, error) {
		p := signaling.MovedPart{Batch: r.Batch, Part: r.Part, Context: r.Context, Process: r.Process, Noted: rule.Time(r.Noted)}
		err := json.Unmarshal([]byte(r.Doc), &p.List)
		return p, err
	})
}
