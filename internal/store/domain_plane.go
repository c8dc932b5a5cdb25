// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
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
func (d *domain) DropPlane(ctx context.Context, contextID, id string) error {
	return d.write(ctx, d.do(`DELETE FROM data_plane WHERE context = ? AND id = ?`, contextID, id))
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
