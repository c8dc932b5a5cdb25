// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/musubi-ods/musubi/catalog"
)

// A page is one statement, so that all of it is of one moment: the ids of the
// page, then in a union its assets, the visible offers of each, and each offer
// once, however many assets show it. To SQLite a CROSS JOIN says that the page
// comes first; without it, all pairs of the participant are gone through.
const pageQuery = `WITH page AS MATERIALIZED (%s),
	shown AS MATERIALIZED (
		SELECT p.asset, p.offer FROM page CROSS JOIN offer_asset p
			WHERE p.context = ? AND p.asset = page.id AND p.access%s {in}
	)
	SELECT 'asset' AS kind, a.id AS asset, '' AS offer, page.sort_key, a.properties, a.formats, a.created, a.updated,
			'' AS usage, '' AS selector
		FROM page CROSS JOIN asset a WHERE a.context = ? AND a.id = page.id
	UNION ALL
	SELECT 'pair', shown.asset, shown.offer, '', '', '', 0, 0, '', '' FROM shown
	UNION ALL
	SELECT 'offer', '', o.id, '', '', '', 0, 0, o.usage, o.selector
		FROM (SELECT DISTINCT offer FROM shown) s CROSS JOIN offer o WHERE o.context = ? AND o.id = s.offer`

// visible selects assets with an offer under one of the access hashes.
const visible = ` FROM asset a WHERE a.context = ? AND EXISTS (
	SELECT 1 FROM offer_asset v WHERE v.context = ? AND v.asset = a.id AND v.access {in})`

type pageRow struct {
	Kind       string
	Asset      string
	Offer      string
	SortKey    string `db:"sort_key"`
	Properties string
	Formats    string
	Created    int64
	Updated    int64
	Usage      string
	Selector   string
}

// Dataset implements catalog.Store.
func (d *catalogs) Dataset(ctx context.Context, contextID, id string, access []string) (catalog.Row, error) {
	page := selection{text: `SELECT a.id, '' AS sort_key` + visible + ` AND a.id = ?`}
	page.args = []any{contextID, contextID, d.dialect.list(access), id}
	rows, err := d.page(ctx, d.db.query, contextID, access, page)
	if err != nil {
		return catalog.Row{}, fmt.Errorf("reading a dataset: %w", err)
	}
	list, err := assemble(rows, false)
	if err != nil {
		return catalog.Row{}, err
	}
	return first(list, catalog.ErrNotFound)
}

// Datasets implements catalog.Store.
func (d *catalogs) Datasets(ctx context.Context, contextID string, q catalog.DatasetQuery) ([]catalog.Row, bool, error) {
	if len(q.Access) == 0 || q.Limit < 1 {
		return nil, false, nil
	}
	page, none, err := d.pick(ctx, contextID, q)
	if err != nil {
		return nil, false, fmt.Errorf("looking at datasets: %w", err)
	}
	if none {
		return nil, false, nil
	}
	found, err := d.page(ctx, d.reading(q.Filter), contextID, q.Access, page)
	if err != nil {
		return nil, false, fmt.Errorf("reading datasets: %w", err)
	}
	rows, err := assemble(found, descends(q))
	if err != nil {
		return nil, false, err
	}
	more := len(rows) > q.Limit
	rows = rows[:min(q.Limit, len(rows))]
	if q.Backward {
		slices.Reverse(rows)
	}
	return rows, more, nil
}

// descends tells the direction of travel.
func descends(q catalog.DatasetQuery) bool { return q.Filter.Descending != q.Backward }

func (d *catalogs) page(
	ctx context.Context, query func(context.Context, any, string, ...any) error, contextID string, access []string, page selection,
) ([]pageRow, error) {
	var rows []pageRow
	args := append(slices.Clip(page.args), contextID, d.dialect.list(access), contextID, contextID)
	err := query(ctx, &rows, d.dialect.text.Replace(fmt.Sprintf(pageQuery, page.text, among(access))), args...)
	return rows, err
}

// assemble puts a page together, in the direction of travel.
func assemble(found []pageRow, descending bool) ([]catalog.Row, error) {
	offers := map[string]catalog.RowOffer{}
	shown := map[string][]string{} // asset to offers
	var assets []pageRow
	for _, r := range found {
		switch r.Kind {
		case "asset":
			assets = append(assets, r)
		case "pair":
			shown[r.Asset] = append(shown[r.Asset], r.Offer)
		default:
			var selector selectorDoc
			if err := decode("offer "+r.Offer, r.Selector, &selector); err != nil {
				return nil, err
			}
			offers[r.Offer] = catalog.RowOffer{ID: r.Offer, Assets: catalog.Selector(selector), Usage: r.Usage}
		}
	}
	slices.SortFunc(assets, func(a, b pageRow) int {
		n := cmp.Or(cmp.Compare(a.SortKey, b.SortKey), cmp.Compare(a.Asset, b.Asset))
		if descending {
			return -n
		}
		return n
	})
	rows := make([]catalog.Row, len(assets))
	for i, r := range assets {
		stored := assetRow{ID: r.Asset, Properties: r.Properties, Formats: r.Formats, Created: r.Created, Updated: r.Updated}
		asset, err := stored.public()
		if err != nil {
			return nil, err
		}
		rows[i].Asset = asset
		slices.Sort(shown[r.Asset])
		for _, id := range shown[r.Asset] {
			rows[i].Offers = append(rows[i].Offers, offers[id])
		}
	}
	return rows, nil
}
