// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Asset implements catalog.Store.
func (s *Store) Asset(_ context.Context, contextID, id string) (a catalog.Asset, err error) {
	err = catalog.ErrNotFound
	s.look(contextID, func(d *domain) {
		if known, ok := d.assets[id]; ok {
			a, err = cloneAsset(known), nil
		}
	})
	return a, err
}

// Assets implements catalog.Store.
func (s *Store) Assets(_ context.Context, contextID, after string, limit int) (list []catalog.Asset, err error) {
	s.look(contextID, func(d *domain) {
		for _, id := range following(d.assets, after, limit) {
			list = append(list, cloneAsset(d.assets[id]))
		}
	})
	return list, nil
}

// Offer implements catalog.Store.
func (s *Store) Offer(_ context.Context, contextID, id string) (o catalog.Offer, err error) {
	err = catalog.ErrNotFound
	s.look(contextID, func(d *domain) {
		if known, ok := d.offers[id]; ok {
			o, err = d.whole(known)
		}
	})
	return o, err
}

// Offers implements catalog.Store.
func (s *Store) Offers(_ context.Context, contextID, after string, limit int) (list []catalog.Offer, err error) {
	s.look(contextID, func(d *domain) {
		for _, id := range following(d.offers, after, limit) {
			var o catalog.Offer
			if o, err = d.whole(d.offers[id]); err != nil {
				return
			}
			list = append(list, o)
		}
	})
	return list, err
}

// following returns the next ids, in order.
func following[V any](all map[string]V, after string, limit int) []string {
	ids := slices.Sorted(maps.Keys(all))
	from, _ := slices.BinarySearch(ids, after)
	if from < len(ids) && ids[from] == after {
		from++
	}
	return ids[from:min(len(ids), from+max(limit, 0))]
}

// whole gives an offer its policies.
func (d *domain) whole(o offer) (catalog.Offer, error) {
	out := cloneOffer(o.Offer)
	var err error
	if out.Access, err = policy.Parse(d.policies[o.access]); err != nil {
		return catalog.Offer{}, err
	}
	out.Usage, err = policy.Parse(d.policies[o.usage])
	return out, err
}

// AccessHashes implements catalog.Store.
func (s *Store) AccessHashes(_ context.Context, contextID string) (hashes []string, err error) {
	s.look(contextID, func(d *domain) {
		set := map[string]bool{}
		for _, o := range d.offers {
			set[o.access] = true
		}
		hashes = slices.Sorted(maps.Keys(set))
	})
	return hashes, nil
}

// Policies implements catalog.Store.
func (s *Store) Policies(_ context.Context, contextID string, hashes []string) (found map[string]policy.Policy, err error) {
	found = map[string]policy.Policy{}
	s.look(contextID, func(d *domain) {
		for _, h := range hashes {
			document, ok := d.policies[h]
			if !ok {
				err = fmt.Errorf("policy %q: %w", h, catalog.ErrNotFound)
				return
			}
			if found[h], err = policy.Parse(document); err != nil {
				return
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// Dataset implements catalog.Store.
func (s *Store) Dataset(_ context.Context, contextID, id string, access []string) (row catalog.Row, err error) {
	err = catalog.ErrNotFound
	s.look(contextID, func(d *domain) {
		a, ok := d.assets[id]
		if !ok {
			return
		}
		if offers := d.visible(a, access); len(offers) > 0 {
			row, err = rowOf(a, offers), nil
		}
	})
	return row, err
}

// visible returns the offers of an asset under these access policies.
func (d *domain) visible(a catalog.Asset, access []string) (list []offer) {
	for _, o := range d.offers {
		if slices.Contains(access, o.access) && o.Assets.Matches(a) {
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b offer) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

func rowOf(a catalog.Asset, offers []offer) catalog.Row {
	row := catalog.Row{Asset: cloneAsset(catalog.Asset{
		ID: a.ID, Properties: a.Properties, Formats: a.Formats, Created: a.Created, Updated: a.Updated,
	})}
	for _, o := range offers {
		row.Offers = append(row.Offers, catalog.RowOffer{ID: o.ID, Assets: cloneSelector(o.Assets), Usage: o.usage})
	}
	return row
}

// Datasets implements catalog.Store: it looks at every asset.
func (s *Store) Datasets(_ context.Context, contextID string, q catalog.DatasetQuery) (rows []catalog.Row, more bool, err error) {
	if q.Limit < 1 {
		return nil, false, nil
	}
	s.look(contextID, func(d *domain) {
		var page []catalog.Cursor
		for id, a := range d.assets {
			at := catalog.Cursor{Key: q.Filter.SortKey(a), ID: id}
			if (len(q.Filter.Conditions) == 0 || q.Filter.Matches(a)) && (q.Cursor == nil || travel(q, at, *q.Cursor) > 0) && len(d.visible(a, q.Access)) > 0 {
				page = append(page, at)
			}
		}
		slices.SortFunc(page, func(a, b catalog.Cursor) int { return travel(q, a, b) })
		page = page[min(max(q.Offset, 0), len(page)):]
		more = len(page) > q.Limit
		for _, at := range page[:min(q.Limit, len(page))] {
			a := d.assets[at.ID]
			rows = append(rows, rowOf(a, d.visible(a, q.Access)))
		}
	})
	if q.Backward {
		slices.Reverse(rows)
	}
	return rows, more, nil
}

// travel compares two places in the direction of travel.
func travel(q catalog.DatasetQuery, a, b catalog.Cursor) int {
	n := cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.ID, b.ID))
	if q.Filter.Descending != q.Backward {
		return -n
	}
	return n
}
