// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/musubi-ods/musubi/catalog"
)

// Withdraw implements catalog.Store. Terms, labels and pairs go with the row.
func (d *catalogs) Withdraw(ctx context.Context, contextID string, assetIDs, offerIDs []string) error {
	statements := []statement{d.lockCatalog(contextID)}
	for _, rows := range []struct {
		what, table string
		ids         []string
	}{{"asset", `asset`, assetIDs}, {"offer", `offer`, offerIDs}} {
		ids := slices.Compact(slices.Sorted(slices.Values(rows.ids)))
		if len(ids) == 0 {
			continue
		}
		st := d.do(`DELETE FROM `+rows.table+` WHERE context = ? AND id {in}`, contextID, d.dialect.list(ids))
		st.want, st.otherwise = int64(len(ids)), fmt.Errorf("%s: %w", rows.what, catalog.ErrNotFound)
		statements = append(statements, st)
	}
	if len(statements) == 1 {
		return nil
	}
	return d.transact(ctx, func(tx transaction) error {
		for _, st := range statements {
			if err := tx.exec(ctx, st); err != nil {
				return fmt.Errorf("withdrawing: %w", err)
			}
		}
		return nil
	})
}
