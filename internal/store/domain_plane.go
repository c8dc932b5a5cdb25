// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"context"
	"fmt"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/transfer"
)

type planeRow struct {
	Context string
	ID      string
	Doc     string
}

func planePlace(contextID, id string) place { return place{contextID, "data_plane", id, "doc"} }

// PutPlane implements transfer.PlaneStore.
func (d *domain) PutPlane(ctx context.Context, p transfer.Registered) error {
	if err := rule.Plane(p); err != nil {
		return err
	}
	doc, err := d.seal.close(p.Doc, planePlace(p.Context, p.ID))
	if err != nil {
		return err
	}
	return d.write(ctx, d.do(`INSERT INTO data_plane (context, id, doc) VALUES (?, ?, ?)
		ON CONFLICT (context, id) DO UPDATE SET doc = excluded.doc`, p.Context, p.ID, *doc))
}

// DropPlane implements transfer.PlaneStore.
func (d *domain) DropPlane(ctx context.Context, p transfer.Registered) error {
	var kept []string
	if err := d.read(ctx, &kept, `SELECT doc FROM data_plane WHERE context = ? AND id = ?`, p.Context, p.ID); err != nil || len(kept) == 0 {
		return err
	}
	doc, err := d.seal.open(&kept[0], planePlace(p.Context, p.ID))
	switch {
	case err != nil:
		return err
	case !bytes.Equal(doc, p.Doc):
		return transfer.ErrPlaneChanged
	}
	return d.write(ctx, statement{
		query: `DELETE FROM data_plane WHERE context = ? AND id = ? AND doc = ?`, args: []any{p.Context, p.ID, kept[0]},
		want: 1, otherwise: transfer.ErrPlaneChanged,
	})
}

// RegisteredPlanes implements transfer.PlaneStore.
func (d *domain) RegisteredPlanes(ctx context.Context) ([]transfer.Registered, error) {
	var rows []planeRow
	if err := d.read(ctx, &rows, `SELECT context, id, doc FROM data_plane ORDER BY context, id`); err != nil {
		return nil, fmt.Errorf("reading data planes: %w", err)
	}
	return each(rows, func(r *planeRow) (transfer.Registered, error) {
		doc, err := d.seal.open(&r.Doc, planePlace(r.Context, r.ID))
		return transfer.Registered{Context: r.Context, ID: r.ID, Doc: doc}, err
	})
}
