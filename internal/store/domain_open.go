// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"math"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/transfer"
)

// openQuery says transfer.MayRun. Its first line is the condition of an index,
// word for word; the rest is looked up in the rows, which change too often to
// be indexed.
const openQuery = `SELECT context, id AS process FROM process WHERE kind = 'transfer' AND role = 'provider' AND NOT final
	AND (context, id) > (?, ?) AND (state = ? OR {pending} = ?) ORDER BY context, id LIMIT ?`

type openRow struct{ Context, Process string }

func (r *openRow) change() (engine.Change, error) { return engine.Change(*r), nil }

// OpenTransfers implements transfer.OpenStore.
func (d *domain) OpenTransfers(ctx context.Context, after engine.Change, limit int) ([]engine.Change, error) {
	if limit <= 0 {
		limit = math.MaxInt32
	}
	var rows []openRow
	err := d.read(ctx, &rows, openQuery, after.Context, after.Process, string(transfer.Started), string(transfer.StartMessage), limit)
	if err != nil {
		return nil, fmt.Errorf("listing open transfers: %w", err)
	}
	return each(rows, (*openRow).change)
}
