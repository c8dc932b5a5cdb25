// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/transfer"
)

type accessRow struct {
	Version int64
	Doc     string
}

func accessPlace(contextID, process string) place {
	return place{contextID, "flow_access", process, "doc"}
}

// Access implements transfer.AccessStore.
func (d *domain) Access(ctx context.Context, contextID, process string) (transfer.Access, error) {
	a := transfer.Access{Context: contextID, Process: process}
	var rows []accessRow
	err := d.read(ctx, &rows, `SELECT version, doc FROM flow_access WHERE context = ? AND process = ?`, contextID, process)
	if err != nil {
		return a, fmt.Errorf("reading the tokens of a flow: %w", err)
	}
	if len(rows) == 0 {
		return a, nil
	}
	a.Version = rows[0].Version
	a.Doc, err = d.seal.open(&rows[0].Doc, accessPlace(contextID, process))
	return a, err
}

// PutAccess implements transfer.AccessStore. The version is in the condition
// of the statement: of several that write, one does.
func (d *domain) PutAccess(ctx context.Context, a transfer.Access) (int64, error) {
	if err := rule.Access(a); err != nil {
		return 0, err
	}
	doc, err := d.seal.close(a.Doc, accessPlace(a.Context, a.Process))
	if err != nil {
		return 0, err
	}
	st := d.do(`UPDATE flow_access SET version = version + 1, doc = ? WHERE context = ? AND process = ? AND version = ?`,
		*doc, a.Context, a.Process, a.Version)
	if a.Version == 0 {
		st = d.do(`INSERT INTO flow_access (context, process, version, doc) VALUES (?, ?, 1, ?) ON CONFLICT DO NOTHING`,
			a.Context, a.Process, *doc)
	}
	st.want, st.otherwise = 1, transfer.ErrAccessChanged
	if err := d.write(ctx, st); err != nil {
		return 0, fmt.Errorf("keeping the tokens of a flow: %w", err)
	}
	return a.Version + 1, nil
}

// DropAccess implements transfer.AccessStore.
func (d *domain) DropAccess(ctx context.Context, contextID, process string) error {
	return d.write(ctx, d.do(`DELETE FROM flow_access WHERE context = ? AND process = ?`, contextID, process))
}
