// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Resolved is what a counterparty may negotiate about.
type Resolved struct {
	Offer   string          // our id of the offer, which is not always the one on the wire
	Dataset json.RawMessage // the public dataset, without offers
	Usage   policy.Policy
	Rules   []Rule
	Formats []string
}

// Resolve finds what a counterparty means by a dataset and an offer, as their
// ids stand in the catalogue. ErrNotFound for what does not exist, what it may
// not see, and an offer of another dataset.
func (s *Service) Resolve(ctx context.Context, contextID, datasetID, offerID string, claims trust.Claims) (Resolved, error) {
	v, err := s.viewOf(ctx, contextID, claims)
	if err != nil {
		return Resolved{}, err
	}
	row, err := s.row(ctx, v, datasetID)
	if err != nil {
		return Resolved{}, err
	}
	i := slices.IndexFunc(row.Offers, func(o RowOffer) bool { return wireID(o.ID, o.Assets, datasetID) == offerID })
	if i < 0 {
		return Resolved{}, ErrNotFound
	}
	offer, err := s.config.Store.Offer(ctx, contextID, row.Offers[i].ID)
	if err != nil {
		return Resolved{}, err
	}
	// The offer may have been edited since the row was read.
	if !slices.Contains(v.access, offer.Access.Hash()) || offer.Usage.Hash() != row.Offers[i].Usage {
		return Resolved{}, ErrNotFound
	}
	d, err := wireAsset(row.Asset, dataService(v.me))
	if err != nil {
		return Resolved{}, ours("dataset", err)
	}
	snapshot, err := document(d)
	if err != nil {
		return Resolved{}, ours("dataset", err)
	}
	return Resolved{Offer: offer.ID, Dataset: snapshot, Usage: offer.Usage, Rules: offer.Rules, Formats: row.Asset.Formats}, nil
}
