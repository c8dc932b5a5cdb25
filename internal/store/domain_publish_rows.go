// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"maps"
	"slices"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/trust/policy"
)

// maxRows bounds the rows of one statement.
const maxRows = 500

// planAssets writes assets, with none of their pairs.
func (d *catalogs) planAssets(contextID string, assets []catalog.Asset) (list []statement, err error) {
	for chunk := range slices.Chunk(assets, maxRows) {
		rows := make([][]any, len(chunk))
		ids := make([]string, len(chunk))
		var terms, labels [][]any
		for i, a := range chunk {
			if rows[i], err = d.assetValues(contextID, a); err != nil {
				return nil, err
			}
			ids[i] = a.ID
			terms = append(terms, termValues(a)...)
			labels = append(labels, labelValues(a.ID, a.Labels)...)
		}
		list = append(list, d.clear("asset", ids, contextID, "offer_asset", "asset_term", "asset_label")...)
		list = append(list, d.insert(insertAssets, contextID, rows)...)
		list = append(list, d.insert(insertTerms, contextID, terms)...)
		list = append(list, d.insert(insertAssetLabels, contextID, labels)...)
	}
	return list, nil
}

// planOffers writes offers and their policies, with none of their pairs. The
// pairs go first: they refer to the access policy that an offer has now.
func (d *catalogs) planOffers(contextID string, offers []catalog.Offer) (list []statement, err error) {
	for chunk := range slices.Chunk(offers, maxRows) {
		policies := map[string][]any{}
		rows := make([][]any, len(chunk))
		var names, labels [][]any
		for i, o := range chunk {
			if rows[i], err = offerValues(o); err != nil {
				return nil, err
			}
			for _, p := range []policy.Policy{o.Access, o.Usage} {
				if policies[p.Hash()], err = policyValues(p); err != nil {
					return nil, fmt.Errorf("offer %q: %w", o.ID, err)
				}
			}
			for _, id := range o.Assets.IDs {
				names = append(names, []any{o.ID, id})
			}
			labels = append(labels, labelValues(o.ID, o.Assets.Labels)...)
		}
		list = append(list, d.clear("offer", offerIDs(chunk), contextID, "offer_asset", "offer_name", "offer_label")...)
		list = append(list, d.insert(insertPolicies, contextID, slices.Collect(maps.Values(policies)))...)
		list = append(list, d.insert(insertOffers, contextID, rows)...)
		list = append(list, d.insert(insertNames, contextID, names)...)
		list = append(list, d.insert(insertOfferLabels, contextID, labels)...)
	}
	return list, nil
}

// policyValues refuses a policy that could not be read again.
func policyValues(p policy.Policy) ([]any, error) {
	document := p.Canonical()
	_, err := policy.Parse(document)
	return []any{p.Hash(), string(document)}, err
}

// termValues relies on the order of Terms: the least value of a name is first.
func termValues(a catalog.Asset) (rows [][]any) {
	name := ""
	for _, t := range a.Terms() {
		least := 0
		if t.Name != name {
			name, least = t.Name, 1
		}
		rows = append(rows, []any{a.ID, t.Name, t.Value, least})
	}
	return rows
}

func labelValues(id string, labels map[string]string) (rows [][]any) {
	for name, value := range labels {
		rows = append(rows, []any{id, name, value})
	}
	return rows
}

// clear deletes the rows of tables that belong to these assets or offers.
func (d *catalogs) clear(column string, ids []string, contextID string, tables ...string) (list []statement) {
	for _, name := range tables {
		list = append(list, d.do(`DELETE FROM `+name+` WHERE context = ? AND `+column+` {in}`, contextID, d.dialect.list(ids)))
	}
	return list
}

// insert runs a statement on rows, some thousand at a time.
func (d *catalogs) insert(query, contextID string, rows [][]any) (list []statement) {
	for chunk := range slices.Chunk(rows, 8*maxRows) {
		list = append(list, d.do(query, contextID, table(chunk)))
	}
	return list
}

// Each row is a JSON array: ->> takes its elements as texts. PostgreSQL needs
// the casts, and SQLite the WHERE, to tell the ON of a conflict from a join's.
const (
	insertAssets = `INSERT INTO asset (context, ` + assetColumns + `)
		SELECT CAST(? AS TEXT), r.value ->> 0, r.value ->> 1, r.value ->> 2, r.value ->> 3, r.value ->> 4,
			r.value ->> 5, r.value ->> 6, r.value ->> 7, CAST(r.value ->> 8 AS BIGINT), CAST(r.value ->> 9 AS BIGINT), r.value ->> 10
		FROM {rows} WHERE true
		ON CONFLICT (context, id) DO UPDATE SET properties = excluded.properties, labels = excluded.labels,
			formats = excluded.formats, source_type = excluded.source_type, source_url = excluded.source_url,
			source_path = excluded.source_path, headers = excluded.headers, updated = excluded.updated, passage = excluded.passage`
	insertOffers = `INSERT INTO offer (context, id, all_assets, labels, selector, access, usage, rules, created, updated)
		SELECT CAST(? AS TEXT), r.value ->> 0, CAST(r.value ->> 1 AS BOOLEAN), CAST(r.value ->> 2 AS BIGINT),
			r.value ->> 3, r.value ->> 4, r.value ->> 5, r.value ->> 6,
			CAST(r.value ->> 7 AS BIGINT), CAST(r.value ->> 8 AS BIGINT)
		FROM {rows} WHERE true
		ON CONFLICT (context, id) DO UPDATE SET all_assets = excluded.all_assets, labels = excluded.labels,
			selector = excluded.selector, access = excluded.access, usage = excluded.usage, rules = excluded.rules,
			updated = excluded.updated`
	insertPolicies = `INSERT INTO policy (context, hash, document)
		SELECT CAST(? AS TEXT), r.value ->> 0, r.value ->> 1 FROM {rows} WHERE true ON CONFLICT DO NOTHING`
	insertNames = `INSERT INTO offer_name (context, offer, asset)
		SELECT CAST(? AS TEXT), r.value ->> 0, r.value ->> 1 FROM {rows} WHERE true ON CONFLICT DO NOTHING`

	insertTerms = `INSERT INTO asset_term (context, asset, name, value, least)
		SELECT CAST(? AS TEXT), r.value ->> 0, r.value ->> 1, r.value ->> 2, CAST(r.value ->> 3 AS BOOLEAN)
		FROM {rows} WHERE true`
	insertAssetLabels = `INSERT INTO asset_label (context, asset, name, value)
		SELECT CAST(? AS TEXT), r.value ->> 0, r.value ->> 1, r.value ->> 2 FROM {rows} WHERE true`
	insertOfferLabels = `INSERT INTO offer_label (context, offer, name, value)
		SELECT CAST(? AS TEXT), r.value ->> 0, r.value ->> 1, r.value ->> 2 FROM {rows} WHERE true`
)
