// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"context"
	"errors"
	"slices"

	"github.com/musubi-ods/musubi/trust/policy"
)

// checkMeters refuses an offer with a limit that no data plane would count: of
// transfers started, or of bytes. Both sides are looked at: offers that come
// now with the assets that are here, and assets that come now with the offers
// that are here.
func (s *Service) checkMeters(ctx context.Context, contextID string, b Batch, replaces replaced) error {
	for _, o := range b.Offers {
		if !s.limits(o.Usage).any() {
			continue
		}
		for _, a := range b.Assets {
			if failed := s.meters(contextID, o, a); failed != nil {
				return failed
			}
		}
		if err := s.storedAssets(ctx, contextID, o, replaces); err != nil {
			return err
		}
	}
	return s.storedOffers(ctx, contextID, b, replaces)
}

// replaced reports whether another version of what is stored comes with the
// publication that is being checked.
type replaced func(kind, id string) bool

// replaces reports whether a batch holds another version of what is stored.
func (b Batch) replaces(kind, id string) bool {
	if kind == "asset" {
		return slices.ContainsFunc(b.Assets, func(a Asset) bool { return a.ID == id })
	}
	return slices.ContainsFunc(b.Offers, func(o Offer) bool { return o.ID == id })
}

// limits are what has to be counted, or is.
type limits struct{ count, bytes bool }

func (l limits) any() bool { return l.count || l.bytes }

func (s *Service) limits(p policy.Policy) (l limits) {
	l.count, l.bytes = s.config.Policies.Registry.Compile(p).Metered()
	return l
}

// counted is what is counted in every format of an asset.
func (s *Service) counted(contextID string, a Asset) limits {
	all := limits{count: true, bytes: true}
	for _, format := range a.Formats {
		count, bytes := s.config.Meters(contextID, format)
		all.count, all.bytes = all.count && count, all.bytes && bytes
	}
	return all
}

// lacksMeter: some offer may ask of this asset what is not counted.
func (s *Service) lacksMeter(contextID string, a Asset) bool {
	return s.counted(contextID, a) != limits{count: true, bytes: true}
}

func (s *Service) meters(contextID string, o Offer, a Asset) *Refusal {
	need, have := s.limits(o.Usage), s.counted(contextID, a)
	if !o.Assets.Matches(a) || (!need.count || have.count) && (!need.bytes || have.bytes) {
		return nil
	}
	what := "transfers"
	if need.bytes && !have.bytes {
		what = "bytes"
	}
	return refuse(CodePolicy, "its usage policy limits %s, and no data plane counts them for the asset %.100q in each of its formats", what, a.ID).of("offer", o.ID)
}

func (s *Service) storedAssets(ctx context.Context, contextID string, o Offer, replaces replaced) error {
	look := func(a Asset) (string, *Refusal) {
		if replaces("asset", a.ID) {
			return a.ID, nil
		}
		return a.ID, s.meters(contextID, o, a)
	}
	if len(o.Assets.IDs) == 0 {
		return pages(ctx, contextID, s.config.Store.Assets, look)
	}
	for _, id := range o.Assets.IDs {
		a, err := s.config.Store.Asset(ctx, contextID, id)
		if errors.Is(err, ErrNotFound) {
			continue // it is in the batch, or the store says that it is nowhere
		}
		if err != nil {
			return err
		}
		if _, failed := look(a); failed != nil {
			return failed
		}
	}
	return nil
}

// storedOffers looks once at what is stored, however many assets come.
func (s *Service) storedOffers(ctx context.Context, contextID string, b Batch, replaces replaced) error {
	assets := slices.DeleteFunc(slices.Clone(b.Assets), func(a Asset) bool {
		return !s.lacksMeter(contextID, a)
	})
	if len(assets) == 0 {
		return nil
	}
	return pages(ctx, contextID, s.config.Store.Offers, func(o Offer) (string, *Refusal) {
		if replaces("offer", o.ID) || !s.limits(o.Usage).any() {
			return o.ID, nil
		}
		for _, a := range assets {
			if failed := s.meters(contextID, o, a); failed != nil {
				return o.ID, failed
			}
		}
		return o.ID, nil
	})
}

// pages looks at everything that is stored.
func pages[T any](ctx context.Context, contextID string, list func(context.Context, string, string, int) ([]T, error), look func(T) (string, *Refusal)) error {
	for after := ""; ; {
		page, err := list(ctx, contextID, after, listLimit)
		if err != nil {
			return err
		}
		for _, one := range page {
			id, failed := look(one)
			if failed != nil {
				return failed
			}
			after = id
		}
		if len(page) < listLimit {
			return nil
		}
	}
}
