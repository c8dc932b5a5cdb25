// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/musubi-ods/musubi/internal/engine"
)

// List implements engine.Processes.
func (ps *processes) List(ctx context.Context, q engine.Query) ([]engine.Record, error) {
	where, args := ps.selection(q)
	if q.Before != "" {
		var created []int64
		err := ps.query(ctx, &created, `SELECT created FROM process WHERE context = ? AND id = ?`, ps.context, q.Before)
		if err != nil {
			return nil, fmt.Errorf("listing processes: %w", err)
		}
		if len(created) == 0 {
			return nil, fmt.Errorf("cursor: %w", engine.ErrNotFound)
		}
		where += ` AND (p.created, p.id) < (?, ?)`
		args = append(args, created[0], q.Before)
	}
	limit := int64(math.MaxInt64)
	if q.Limit > 0 {
		limit = int64(q.Limit)
	}
	page := `SELECT * FROM process p WHERE ` + where + ` ORDER BY p.created DESC, p.id DESC LIMIT ?`
	var rows []loadedRow
	err := ps.query(ctx, &rows, `SELECT `+loadedColumns+` FROM (`+page+`) p`+loadedJoin+
		` ORDER BY p.created DESC, p.id DESC, o.op`, append(args, limit)...)
	if err != nil {
		return nil, fmt.Errorf("listing processes: %w", err)
	}
	return records(rows)
}

// selection returns the conditions of q on table p. The texts are few, so
// that each is prepared once.
func (ps *processes) selection(q engine.Query) (where string, args []any) {
	conditions, args := []string{"p.context = ?"}, []any{ps.context}
	for _, c := range []struct{ column, value string }{
		{"kind", string(q.Kind)},
		{"role", string(q.Role)},
		{"state", string(q.State)},
		{"peer", q.Peer},
		{"subject", q.Subject},
	} {
		if c.value != "" {
			conditions = append(conditions, "p."+c.column+" = ?")
			args = append(args, c.value)
		}
	}
	if q.Open {
		conditions = append(conditions, `p.id IN (SELECT id FROM process WHERE context = ? AND NOT final
			UNION SELECT process FROM outbox WHERE context = ?)`)
		args = append(args, ps.context, ps.context)
	}
	return strings.Join(conditions, " AND "), args
}
