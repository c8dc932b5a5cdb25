// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/internal/store/rule"
)

const dropBodies = `DELETE FROM evidence_body WHERE (context, id) IN (
	SELECT b.context, b.id FROM evidence_body b WHERE b.ended < ?
		AND NOT EXISTS (SELECT 1 FROM process p WHERE p.context = b.context AND p.id = b.transfer AND NOT p.final)
		AND NOT EXISTS (SELECT 1 FROM evidence_part e WHERE e.context = b.context AND e.transfer = b.transfer AND e.sealed < e.bodies + e.cut)
	ORDER BY b.ended, b.context, b.id LIMIT ?) RETURNING id`

// DropBodies implements evidence.Store.
func (d *domain) DropBodies(ctx context.Context, before time.Time, limit int) (int, error) {
	return d.drop(ctx, dropBodies, before, limit)
}

const dropTold = `DELETE FROM evidence_told WHERE (context, transfer, batch) IN (
	SELECT t.context, t.transfer, t.batch FROM evidence_told t WHERE t.kept < ? ORDER BY t.kept, t.context, t.transfer, t.batch LIMIT ?) RETURNING batch`

// DropTold implements evidence.Store.
func (d *domain) DropTold(ctx context.Context, before time.Time, limit int) (int, error) {
	return d.drop(ctx, dropTold, before, limit)
}

func (d *domain) drop(ctx context.Context, query string, before time.Time, limit int) (int, error) {
	var gone []string
	err := d.transact(ctx, func(tx transaction) error {
		gone = nil
		return tx.query(ctx, &gone, query, rule.Micro(before), max(limit, 0))
	})
	if err != nil {
		return 0, fmt.Errorf("forgetting evidence: %w", err)
	}
	return len(gone), nil
}
