// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"context"
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// OfferView is one offer for an asset, as a counterparty stands to it.
type OfferView struct {
	Offer  string // our id
	WireID string // the id that the counterparty sees, if it sees the offer
	Usage  policy.Policy
	Rules  []Rule // how a request for it is answered
	Access policy.Verdict
}

// Explain tells for each offer of a dataset whether a counterparty with these
// claims sees it, and why. It asks the same evaluator as the catalogue does.
// ErrNotFound where there is no asset of this id; an asset without an offer has
// an empty list.
func (s *Service) Explain(ctx context.Context, contextID, datasetID string, claims trust.Claims) ([]OfferView, error) {
	if checkID(datasetID) != nil {
		return nil, ErrNotFound
	}
	if _, err := s.config.Store.Asset(ctx, contextID, datasetID); err != nil {
		return nil, err
	}
	hashes, err := s.config.Store.AccessHashes(ctx, contextID)
	if err != nil || len(hashes) == 0 {
		return nil, err
	}
	row, err := s.config.Store.Dataset(ctx, contextID, datasetID, hashes)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list := make([]OfferView, len(row.Offers))
	for i, o := range row.Offers {
		offer, err := s.config.Store.Offer(ctx, contextID, o.ID)
		if err != nil {
			return nil, err
		}
		list[i] = OfferView{Offer: o.ID, WireID: wireID(o.ID, o.Assets, datasetID), Usage: offer.Usage, Rules: offer.Rules}
		if list[i].Access, err = s.access(ctx, contextID, offer.Access, claims); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (s *Service) access(ctx context.Context, contextID string, p policy.Policy, claims trust.Claims) (policy.Verdict, error) {
	k := policy.Case{Context: contextID, Point: policy.AtCatalog, Claims: claims}
	c, err := s.config.Policies.Compile(p.Hash(), func() (policy.Policy, error) { return p, nil })
	if err != nil {
		return policy.Verdict{}, err
	}
	v, err := s.config.Policies.Explain(ctx, c, k)
	if err == nil && claims.Participant == "" {
		v.Permit, v.Reason = false, "the catalogue is shown to no one unnamed"
	}
	return v, err
}

// Access returns the access policy that one of our offers has now. ErrNotFound:
// it was withdrawn.
func (s *Service) Access(ctx context.Context, contextID, offerID string) (policy.Policy, error) {
	o, err := s.config.Store.Offer(ctx, contextID, offerID)
	if err != nil {
		return policy.Policy{}, fmt.Errorf("access policy: %w", err)
	}
	return o.Access, nil
}
