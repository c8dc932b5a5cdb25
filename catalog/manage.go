// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/wire"
)

// Publish adds these assets and offers, or replaces those with the same ids:
// all of them or, with a *Refusal, none. An empty id is replaced by a new one.
// It returns what was stored, without the values of source headers.
func (s *Service) Publish(ctx context.Context, contextID string, assets []Asset, offers []Offer) (Batch, error) {
	if _, err := s.config.Participants(ctx, contextID); err != nil {
		return Batch{}, err
	}
	if len(assets) > maxBatch || len(offers) > maxBatch {
		return Batch{}, refuse(CodeTooMany, "more than %d assets or offers at once; publish them in several calls", maxBatch)
	}
	b, failed := s.prepare(Batch{Assets: assets, Offers: offers})
	if failed != nil {
		return Batch{}, failed
	}
	if failed := checkTwice(b); failed != nil {
		return Batch{}, failed
	}
	if err := s.checkMeters(ctx, contextID, b, b.replaces); err != nil {
		return Batch{}, err
	}
	if err := s.config.Store.Publish(ctx, contextID, b); err != nil {
		return Batch{}, explainUnknown(err)
	}
	for i := range b.Assets {
		b.Assets[i].Source = b.Assets[i].Source.withoutSecrets()
	}
	return b, nil
}

// prepare returns a checked copy of a batch, as it will be stored.
func (s *Service) prepare(given Batch) (Batch, *Refusal) {
	now := s.config.Now().UTC().Truncate(time.Microsecond)
	b := Batch{Assets: make([]Asset, len(given.Assets)), Offers: make([]Offer, len(given.Offers))}
	for i, a := range given.Assets {
		ready, failed := s.prepareAsset(a, now)
		if failed != nil {
			return Batch{}, failed.of("asset", a.ID)
		}
		b.Assets[i] = ready
	}
	for i, o := range given.Offers {
		ready, failed := s.prepareOffer(o, now)
		if failed != nil {
			return Batch{}, failed.of("offer", o.ID)
		}
		b.Offers[i] = ready
	}
	return b, nil
}

func explainUnknown(err error) error {
	var unknown *UnknownAssetError
	if !errors.As(err, &unknown) {
		return err
	}
	failed := refuse(CodeAsset, "it names the asset %.100q, which does not exist; publish the asset first, or in the same call", unknown.Asset)
	failed.Err = err
	return failed.of("offer", unknown.Offer)
}

// prepareAsset returns a checked copy, as it will be stored.
func (s *Service) prepareAsset(a Asset, now time.Time) (Asset, *Refusal) {
	if a.ID == "" {
		a.ID = s.config.NewID()
	}
	if failed := a.check(); failed != nil {
		return Asset{}, failed
	}
	properties, failed := normalProperties(a.Properties)
	if failed != nil {
		return Asset{}, failed
	}
	a.Properties, a.Labels, a.Formats = properties, maps.Clone(a.Labels), slices.Clone(a.Formats)
	if len(a.Formats) == 0 {
		a.Formats = []string{DefaultFormat}
	}
	a.Source.Headers, a.Source.Passage = maps.Clone(a.Source.Headers), a.Source.Passage.Clone()
	a.Created, a.Updated = now, now
	// Whatever could not be sent would take every other dataset of a page with it.
	d, err := wireAsset(a, wire.DataService{ID: "x", EndpointURL: "x"})
	if err == nil {
		_, err = document(d)
	}
	if err != nil {
		return Asset{}, refuse(CodeProperty, "it cannot be sent to other connectors: %s", wire.AsError(err).Reason)
	}
	return a, nil
}

func (s *Service) prepareOffer(o Offer, now time.Time) (Offer, *Refusal) {
	if o.ID == "" {
		o.ID = s.config.NewID()
	}
	if failed := o.check(s.config.Policies.Registry); failed != nil {
		return Offer{}, failed
	}
	if _, err := toWire(o.Usage); err != nil {
		return Offer{}, refuse(CodePolicy, "the usage policy cannot be sent to other connectors: %s", wire.AsError(err).Reason)
	}
	ids := slices.Clone(o.Assets.IDs)
	slices.Sort(ids)
	o.Assets.IDs, o.Assets.Labels = slices.Compact(ids), maps.Clone(o.Assets.Labels)
	o.Access, o.Usage = rulesOnly(o.Access), rulesOnly(o.Usage)
	o.Rules = slices.Clone(o.Rules)
	o.Created, o.Updated = now, now
	return o, nil
}

func checkTwice(b Batch) *Refusal {
	seen := newSeen()
	return seen.add(b)
}

// Withdraw removes assets and offers: all of them or, with ErrNotFound where one
// does not exist, none. Agreements and transfers that exist stay as they are.
func (s *Service) Withdraw(ctx context.Context, contextID string, assetIDs, offerIDs []string) error {
	for _, id := range slices.Concat(assetIDs, offerIDs) {
		if checkID(id) != nil {
			return ErrNotFound
		}
	}
	return s.config.Store.Withdraw(ctx, contextID, assetIDs, offerIDs)
}

// Asset returns one of our assets, without the values of its source's headers.
// ErrNotFound.
func (s *Service) Asset(ctx context.Context, contextID, id string) (Asset, error) {
	if checkID(id) != nil {
		return Asset{}, ErrNotFound
	}
	a, err := s.config.Store.Asset(ctx, contextID, id)
	a.Source = a.Source.withoutSecrets()
	return a, err
}

// Assets returns our assets in order of id, beginning after the one given, at
// most 1000 (limit 0: as many as that).
func (s *Service) Assets(ctx context.Context, contextID, after string, limit int) ([]Asset, error) {
	if after != "" && checkID(after) != nil {
		return nil, refuse(CodeID, "the id to begin after is none; leave it out to begin at the start")
	}
	assets, err := s.config.Store.Assets(ctx, contextID, after, listSize(limit))
	for i := range assets {
		assets[i].Source = assets[i].Source.withoutSecrets()
	}
	return assets, err
}

// Offer returns one of our offers. ErrNotFound.
func (s *Service) Offer(ctx context.Context, contextID, id string) (Offer, error) {
	if checkID(id) != nil {
		return Offer{}, ErrNotFound
	}
	return s.config.Store.Offer(ctx, contextID, id)
}

// Offers is Assets for offers.
func (s *Service) Offers(ctx context.Context, contextID, after string, limit int) ([]Offer, error) {
	if after != "" && checkID(after) != nil {
		return nil, refuse(CodeID, "the id to begin after is none; leave it out to begin at the start")
	}
	return s.config.Store.Offers(ctx, contextID, after, listSize(limit))
}

// SourceOf returns where the data of a dataset lies, with its secrets, for the
// data plane that serves it. ErrNotFound.
func (s *Service) SourceOf(ctx context.Context, contextID, datasetID string) (Source, error) {
	if checkID(datasetID) != nil {
		return Source{}, ErrNotFound
	}
	a, err := s.config.Store.Asset(ctx, contextID, datasetID)
	return a.Source, err
}

func listSize(limit int) int {
	if limit <= 0 || limit > listLimit {
		return listLimit
	}
	return limit
}
