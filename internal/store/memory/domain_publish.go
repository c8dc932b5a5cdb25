// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust/policy"
)

// offer is an offer whose policies are kept apart, by hash.
type offer struct {
	catalog.Offer
	access, usage string
}

// Publish implements catalog.Store: first everything is judged, then
// everything is written.
func (s *Store) Publish(_ context.Context, contextID string, b catalog.Batch) error {
	policies, err := canonical(b.Offers)
	if err != nil || len(b.Assets)+len(b.Offers) == 0 {
		return err
	}
	return s.change(contextID, nil, func(d *domain) error {
		if err := d.unknownAsset(b); err != nil {
			return err
		}
		for _, a := range b.Assets {
			a = cloneAsset(a)
			if old, ok := d.assets[a.ID]; ok {
				a.Created = old.Created
			}
			set(&d.assets, a.ID, a)
		}
		for hash, document := range policies {
			set(&d.policies, hash, document)
		}
		for _, o := range b.Offers {
			kept := offer{cloneOffer(o), o.Access.Hash(), o.Usage.Hash()}
			kept.Access, kept.Usage = policy.Policy{}, policy.Policy{}
			if old, ok := d.offers[o.ID]; ok {
				kept.Created = old.Created
			}
			set(&d.offers, o.ID, kept)
		}
		return nil
	})
}

// PublishAll implements catalog.Store.
func (s *Store) PublishAll(ctx context.Context, contextID string, batches iter.Seq2[catalog.Batch, error]) error {
	all, err := catalog.Gather(batches)
	if err != nil {
		return err
	}
	return s.Publish(ctx, contextID, all)
}

// canonical returns the policies of offers by hash. It refuses one that could
// not be read again.
func canonical(offers []catalog.Offer) (map[string][]byte, error) {
	all := map[string][]byte{}
	for _, o := range offers {
		for _, p := range []policy.Policy{o.Access, o.Usage} {
			document := p.Canonical()
			if _, err := policy.Parse(document); err != nil {
				return nil, err
			}
			all[p.Hash()] = document
		}
	}
	return all, nil
}

// unknownAsset returns the first name of the first offer, by their ids, that
// no asset has.
func (d *domain) unknownAsset(b catalog.Batch) error {
	fresh := map[string]bool{}
	for _, a := range b.Assets {
		fresh[a.ID] = true
	}
	byID := func(a, b catalog.Offer) int { return cmp.Compare(a.ID, b.ID) }
	for _, o := range slices.SortedFunc(slices.Values(b.Offers), byID) {
		for _, id := range slices.Sorted(slices.Values(o.Assets.IDs)) {
			if _, ok := d.assets[id]; !ok && !fresh[id] {
				return &catalog.UnknownAssetError{Offer: o.ID, Asset: id}
			}
		}
	}
	return nil
}

// Withdraw implements catalog.Store.
func (s *Store) Withdraw(_ context.Context, contextID string, assetIDs, offerIDs []string) (err error) {
	s.look(contextID, func(d *domain) {
		for _, id := range assetIDs {
			if _, ok := d.assets[id]; !ok {
				err = catalog.ErrNotFound
			}
		}
		for _, id := range offerIDs {
			if _, ok := d.offers[id]; !ok {
				err = catalog.ErrNotFound
			}
		}
		if err != nil {
			return
		}
		for _, id := range assetIDs {
			delete(d.assets, id)
		}
		for _, id := range offerIDs {
			delete(d.offers, id)
		}
	})
	return err
}

func cloneAsset(a catalog.Asset) catalog.Asset {
	if a.Properties != nil {
		a.Properties = cloneValue(a.Properties).(map[string]any)
	}
	a.Labels, a.Formats = maps.Clone(a.Labels), slices.Clone(a.Formats)
	a.Source.Headers, a.Source.Passage = maps.Clone(a.Source.Headers), a.Source.Passage.Clone()
	a.Created, a.Updated = rule.Round(a.Created), rule.Round(a.Updated)
	return a
}

func cloneValue(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, inner := range v {
			out[name] = cloneValue(inner)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = cloneValue(inner)
		}
		return out
	}
	return value
}

func cloneSelector(s catalog.Selector) catalog.Selector {
	s.IDs, s.Labels = slices.Clone(s.IDs), maps.Clone(s.Labels)
	return s
}

// cloneOffer shares the policies, which nobody changes in place.
func cloneOffer(o catalog.Offer) catalog.Offer {
	o.Assets, o.Rules = cloneSelector(o.Assets), slices.Clone(o.Rules)
	o.Created, o.Updated = rule.Round(o.Created), rule.Round(o.Updated)
	return o
}
