// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"context"
	"hash/maphash"
	"iter"
	"slices"
)

// Limits of a publication of any size.
const (
	maxAll  = 2_000_000 // assets, or offers
	atATime = 500       // are held in memory
)

// Counts are how many were published.
type Counts struct {
	Assets int `json:"assets"`
	Offers int `json:"offers"`
}

// PublishAll is Publish for any number of assets and offers: items yields what
// is to be published, in any order, and need not fit in memory. All of it is
// published in one transaction or, with a *Refusal or the error that items
// yields, nothing. Counterparties see the catalogue as it was until then, and
// nobody but other publications waits. items may be gone through several times.
func (s *Service) PublishAll(ctx context.Context, contextID string, items iter.Seq2[Batch, error]) (Counts, error) {
	if _, err := s.config.Participants(ctx, contextID); err != nil {
		return Counts{}, err
	}
	var done Counts
	err := s.config.Store.PublishAll(ctx, contextID, func(yield func(Batch, error) bool) {
		done = Counts{} // when it is gone through again
		check := publication{Service: s, contextID: contextID, seen: newSeen()}
		for b, err := range portions(items) {
			if err == nil {
				b, err = check.add(b)
			}
			if !yield(b, err) || err != nil {
				return
			}
			done.Assets, done.Offers = done.Assets+len(b.Assets), done.Offers+len(b.Offers)
		}
		if err := s.checkMeters(ctx, contextID, check.metered, check.seen.has); err != nil {
			yield(Batch{}, err)
		}
	})
	if err != nil {
		return Counts{}, explainUnknown(err)
	}
	return done, nil
}

// Gather is all batches in one, for a store that has everything in memory.
func Gather(batches iter.Seq2[Batch, error]) (all Batch, err error) {
	for b, err := range batches {
		if err != nil {
			return Batch{}, err
		}
		all.Assets, all.Offers = append(all.Assets, b.Assets...), append(all.Offers, b.Offers...)
	}
	return all, nil
}

// portions makes batches of a handy size of others.
func portions(items iter.Seq2[Batch, error]) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
		var held Batch
		for b, err := range items {
			if err != nil {
				yield(Batch{}, err)
				return
			}
			held.Assets, held.Offers = append(held.Assets, b.Assets...), append(held.Offers, b.Offers...)
			for len(held.Assets) >= atATime || len(held.Offers) >= atATime {
				a, o := min(len(held.Assets), atATime), min(len(held.Offers), atATime)
				if !yield(Batch{Assets: held.Assets[:a], Offers: held.Offers[:o]}, nil) {
					return
				}
				held = Batch{Assets: slices.Clone(held.Assets[a:]), Offers: slices.Clone(held.Offers[o:])}
			}
		}
		if len(held.Assets)+len(held.Offers) > 0 {
			yield(held, nil)
		}
	}
}

// publication is what has to be known of all portions together.
type publication struct {
	*Service
	contextID string
	seen      *seen
	metered   Batch // offers that limit, and assets that not all planes count
	counts    Counts
}

func (p *publication) add(b Batch) (Batch, error) {
	p.counts.Assets, p.counts.Offers = p.counts.Assets+len(b.Assets), p.counts.Offers+len(b.Offers)
	if p.counts.Assets > maxAll || p.counts.Offers > maxAll {
		return Batch{}, refuse(CodeTooMany, "more than %d assets or offers at once; publish them in several calls", maxAll)
	}
	b, failed := p.prepare(b)
	if failed == nil {
		failed = p.seen.add(b)
	}
	if failed != nil {
		return Batch{}, failed
	}
	for _, o := range b.Offers {
		if p.limits(o.Usage).any() {
			p.metered.Offers = append(p.metered.Offers, o)
		}
	}
	for _, a := range b.Assets {
		if p.lacksMeter(p.contextID, a) {
			p.metered.Assets = append(p.metered.Assets, Asset{ID: a.ID, Labels: a.Labels, Formats: a.Formats})
		}
	}
	return b, nil
}

// seen remembers ids by their hashes, to spare memory.
type seen struct {
	seed           maphash.Seed
	assets, offers map[uint64]bool
}

func newSeen() *seen {
	return &seen{maphash.MakeSeed(), map[uint64]bool{}, map[uint64]bool{}}
}

func (s *seen) add(b Batch) *Refusal {
	for _, a := range b.Assets {
		h := maphash.String(s.seed, a.ID)
		if s.assets[h] {
			return refuse(CodeDuplicate, "this id is given to two assets; give one of them another").of("asset", a.ID)
		}
		s.assets[h] = true
	}
	for _, o := range b.Offers {
		h := maphash.String(s.seed, o.ID)
		if s.offers[h] {
			return refuse(CodeDuplicate, "this id is given to two offers; give one of them another").of("offer", o.ID)
		}
		s.offers[h] = true
	}
	return nil
}

func (s *seen) has(kind, id string) bool {
	if kind == "asset" {
		return s.assets[maphash.String(s.seed, id)]
	}
	return s.offers[maphash.String(s.seed, id)]
}
