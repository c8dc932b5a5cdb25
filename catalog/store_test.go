// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog_test

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/trust/policy"
)

// fakeStore is the contract of catalog.Store in its plainest words, for one
// process: everything is looked at for every answer. It counts calls.
type fakeStore struct {
	mu       sync.Mutex
	contexts map[string]*content
	calls    map[string]int
	between  func(*content) // runs once a Dataset was read
}

type content struct {
	assets   map[string]catalog.Asset
	offers   map[string]catalog.Offer
	policies map[string]policy.Policy
}

var _ catalog.Store = (*fakeStore)(nil)

func newFakeStore() *fakeStore {
	return &fakeStore{contexts: map[string]*content{}, calls: map[string]int{}}
}

// enter counts a call and returns a participant's content.
func (s *fakeStore) enter(method, contextID string) (*content, func()) {
	s.mu.Lock()
	s.calls[method]++
	if s.contexts[contextID] == nil {
		s.contexts[contextID] = &content{map[string]catalog.Asset{}, map[string]catalog.Offer{}, map[string]policy.Policy{}}
	}
	return s.contexts[contextID], s.mu.Unlock
}

func (s *fakeStore) PublishAll(ctx context.Context, contextID string, batches iter.Seq2[catalog.Batch, error]) error {
	all, err := catalog.Gather(batches)
	if err != nil {
		return err
	}
	return s.Publish(ctx, contextID, all)
}

func (s *fakeStore) Publish(_ context.Context, contextID string, b catalog.Batch) error {
	c, leave := s.enter("Publish", contextID)
	defer leave()
	known := maps.Clone(c.assets)
	for _, a := range b.Assets {
		if old, ok := known[a.ID]; ok {
			a.Created = old.Created
		}
		known[a.ID] = a
	}
	for _, o := range b.Offers {
		for _, id := range o.Assets.IDs {
			if _, ok := known[id]; !ok {
				return &catalog.UnknownAssetError{Offer: o.ID, Asset: id}
			}
		}
	}
	c.assets = known
	for _, o := range b.Offers {
		if old, ok := c.offers[o.ID]; ok {
			o.Created = old.Created
		}
		c.offers[o.ID] = o
		c.policies[o.Access.Hash()], c.policies[o.Usage.Hash()] = o.Access, o.Usage
	}
	return nil
}

func (s *fakeStore) Withdraw(_ context.Context, contextID string, assetIDs, offerIDs []string) error {
	c, leave := s.enter("Withdraw", contextID)
	defer leave()
	for _, id := range assetIDs {
		if _, ok := c.assets[id]; !ok {
			return catalog.ErrNotFound
		}
	}
	for _, id := range offerIDs {
		if _, ok := c.offers[id]; !ok {
			return catalog.ErrNotFound
		}
	}
	for _, id := range assetIDs {
		delete(c.assets, id)
	}
	for _, id := range offerIDs {
		delete(c.offers, id)
	}
	return nil
}

func (s *fakeStore) Asset(_ context.Context, contextID, id string) (catalog.Asset, error) {
	c, leave := s.enter("Asset", contextID)
	defer leave()
	return one(c.assets, id)
}

func (s *fakeStore) Assets(_ context.Context, contextID, after string, limit int) ([]catalog.Asset, error) {
	c, leave := s.enter("Assets", contextID)
	defer leave()
	return list(c.assets, after, limit), nil
}

func (s *fakeStore) Offer(_ context.Context, contextID, id string) (catalog.Offer, error) {
	c, leave := s.enter("Offer", contextID)
	defer leave()
	return one(c.offers, id)
}

func (s *fakeStore) Offers(_ context.Context, contextID, after string, limit int) ([]catalog.Offer, error) {
	c, leave := s.enter("Offers", contextID)
	defer leave()
	return list(c.offers, after, limit), nil
}

func one[T any](all map[string]T, id string) (T, error) {
	v, ok := all[id]
	if !ok {
		return v, catalog.ErrNotFound
	}
	return v, nil
}

func list[T any](all map[string]T, after string, limit int) (out []T) {
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if id > after && len(out) < limit {
			out = append(out, all[id])
		}
	}
	return out
}

func (s *fakeStore) AccessHashes(_ context.Context, contextID string) ([]string, error) {
	c, leave := s.enter("AccessHashes", contextID)
	defer leave()
	set := map[string]bool{}
	for _, o := range c.offers {
		set[o.Access.Hash()] = true
	}
	return slices.Sorted(maps.Keys(set)), nil
}

func (s *fakeStore) Policies(_ context.Context, contextID string, hashes []string) (map[string]policy.Policy, error) {
	c, leave := s.enter("Policies", contextID)
	defer leave()
	out := map[string]policy.Policy{}
	for _, h := range hashes {
		p, ok := c.policies[h]
		if !ok {
			return nil, fmt.Errorf("policy %s: %w", h, catalog.ErrNotFound)
		}
		out[h] = p
	}
	return out, nil
}

func (s *fakeStore) Datasets(_ context.Context, contextID string, q catalog.DatasetQuery) ([]catalog.Row, bool, error) {
	c, leave := s.enter("Datasets", contextID)
	defer leave()
	var rows []catalog.Row
	for _, a := range c.assets {
		if row := c.row(a, q.Access); len(row.Offers) > 0 && q.Filter.Matches(a) {
			rows = append(rows, row)
		}
	}
	order := func(a, b catalog.Cursor) int {
		n := cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.ID, b.ID))
		if q.Filter.Descending != q.Backward {
			n = -n
		}
		return n
	}
	at := func(r catalog.Row) catalog.Cursor {
		return catalog.Cursor{Key: q.Filter.SortKey(r.Asset), ID: r.Asset.ID}
	}
	slices.SortFunc(rows, func(a, b catalog.Row) int { return order(at(a), at(b)) })
	rows = slices.DeleteFunc(rows, func(r catalog.Row) bool { return q.Cursor != nil && order(at(r), *q.Cursor) <= 0 })
	rows = rows[min(q.Offset, len(rows)):]
	more := len(rows) > q.Limit
	rows = rows[:min(q.Limit, len(rows))]
	if q.Backward {
		slices.Reverse(rows)
	}
	return rows, more, nil
}

func (s *fakeStore) Dataset(_ context.Context, contextID, id string, access []string) (catalog.Row, error) {
	c, leave := s.enter("Dataset", contextID)
	defer leave()
	a, ok := c.assets[id]
	if !ok {
		return catalog.Row{}, catalog.ErrNotFound
	}
	row := c.row(a, access)
	if len(row.Offers) == 0 {
		return catalog.Row{}, catalog.ErrNotFound
	}
	if s.between != nil {
		s.between(c)
	}
	return row, nil
}

func (c *content) row(a catalog.Asset, access []string) catalog.Row {
	row := catalog.Row{Asset: a}
	row.Asset.Labels, row.Asset.Source = nil, catalog.Source{}
	for _, id := range slices.Sorted(maps.Keys(c.offers)) {
		o := c.offers[id]
		if o.Assets.Matches(a) && slices.Contains(access, o.Access.Hash()) {
			row.Offers = append(row.Offers, catalog.RowOffer{ID: o.ID, Assets: o.Assets, Usage: o.Usage.Hash()})
		}
	}
	return row
}
