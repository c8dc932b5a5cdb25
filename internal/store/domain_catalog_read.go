// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Asset implements catalog.Store.
func (d *catalogs) Asset(ctx context.Context, contextID, id string) (catalog.Asset, error) {
	var rows []assetRow
	err := d.read(ctx, &rows, `SELECT `+assetColumns+` FROM asset WHERE context = ? AND id = ?`, contextID, id)
	if err != nil {
		return catalog.Asset{}, fmt.Errorf("reading an asset: %w", err)
	}
	row, err := first(rows, catalog.ErrNotFound)
	if err != nil {
		return catalog.Asset{}, err
	}
	return d.asset(contextID, row)
}

// Assets implements catalog.Store.
func (d *catalogs) Assets(ctx context.Context, contextID, after string, limit int) ([]catalog.Asset, error) {
	var rows []assetRow
	err := d.read(ctx, &rows, `SELECT `+assetColumns+` FROM asset WHERE context = ? AND id > ? ORDER BY id LIMIT ?`,
		contextID, after, max(limit, 0))
	if err != nil {
		return nil, fmt.Errorf("listing assets: %w", err)
	}
	list := make([]catalog.Asset, len(rows))
	for i, row := range rows {
		if list[i], err = d.asset(contextID, row); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Offer implements catalog.Store.
func (d *catalogs) Offer(ctx context.Context, contextID, id string) (catalog.Offer, error) {
	var rows []offerRow
	err := d.read(ctx, &rows, `SELECT `+offerColumns+offerTables+` WHERE o.context = ? AND o.id = ?`, contextID, id)
	if err != nil {
		return catalog.Offer{}, fmt.Errorf("reading an offer: %w", err)
	}
	row, err := first(rows, catalog.ErrNotFound)
	if err != nil {
		return catalog.Offer{}, err
	}
	return row.offer()
}

// Offers implements catalog.Store.
func (d *catalogs) Offers(ctx context.Context, contextID, after string, limit int) ([]catalog.Offer, error) {
	var rows []offerRow
	err := d.read(ctx, &rows, `SELECT `+offerColumns+offerTables+` WHERE o.context = ? AND o.id > ? ORDER BY o.id LIMIT ?`,
		contextID, after, max(limit, 0))
	if err != nil {
		return nil, fmt.Errorf("listing offers: %w", err)
	}
	list := make([]catalog.Offer, len(rows))
	for i := range rows {
		if list[i], err = rows[i].offer(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// accessHashes goes from each hash to the next one in the index, past all
// offers that share it.
const accessHashes = `WITH RECURSIVE found(access) AS (
		SELECT min(access) FROM offer WHERE context = ?
		UNION ALL
		SELECT (SELECT min(o.access) FROM offer o WHERE o.context = ? AND o.access > found.access)
			FROM found WHERE found.access IS NOT NULL
	) SELECT access FROM found WHERE access IS NOT NULL ORDER BY access`

// AccessHashes implements catalog.Store.
func (d *catalogs) AccessHashes(ctx context.Context, contextID string) ([]string, error) {
	var hashes []string
	if err := d.read(ctx, &hashes, accessHashes, contextID, contextID); err != nil {
		return nil, fmt.Errorf("reading access policies: %w", err)
	}
	return hashes, nil
}

// Policies implements catalog.Store.
func (d *catalogs) Policies(ctx context.Context, contextID string, hashes []string) (map[string]policy.Policy, error) {
	var rows []struct{ Hash, Document string }
	err := d.read(ctx, &rows, `SELECT hash, document FROM policy WHERE context = ? AND hash {in}`,
		contextID, d.dialect.list(hashes))
	if err != nil {
		return nil, fmt.Errorf("reading policies: %w", err)
	}
	found := make(map[string]policy.Policy, len(rows))
	for _, row := range rows {
		if found[row.Hash], err = policy.Parse([]byte(row.Document)); err != nil {
			return nil, fmt.Errorf("policy %s: %w", row.Hash, err)
		}
	}
	for _, h := range hashes {
		if _, ok := found[h]; !ok {
			return nil, fmt.Errorf("policy %q: %w", h, catalog.ErrNotFound)
		}
	}
	return found, nil
}
