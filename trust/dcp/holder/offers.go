// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/musubi-ods/musubi/trust/dcp"
)

// maxOffered bounds the credential objects of one offer.
const maxOffered = 64

// maxOffer bounds what is kept of one offer, in bytes: anybody may make offers.
const maxOffer = 64 << 10

// offered serves offers (DCP 1.0, section 6.6). An offer is kept for a person
// to see; objects that are ids alone are looked up when it is taken up.
func (s *Service) offered(ctx context.Context, caller dcp.Caller, c dcp.Call) (dcp.Answer, error) {
	o, err := dcp.ReadOffer(c.Body)
	if err != nil {
		return dcp.Answer{}, unreadable(err)
	}
	if o.Issuer != caller.DID {
		return dcp.Answer{}, dcp.Faultf(http.StatusForbidden, "foreign_offer", "an issuer offers in its own name only")
	}
	if len(o.Credentials) == 0 || len(o.Credentials) > maxOffered {
		return dcp.Answer{}, dcp.Faultf(http.StatusBadRequest, "invalid_message", "an offer names 1 to %d credentials", maxOffered)
	}
	document, err := json.Marshal(o.Credentials)
	if err != nil {
		return dcp.Answer{}, err
	}
	if len(document) > maxOffer {
		return dcp.Answer{}, dcp.Faultf(http.StatusBadRequest, "invalid_message", "an offer has at most %d bytes", maxOffer)
	}
	kept := Offer{ID: offerID(o), Issuer: o.Issuer, Document: document, Received: s.cfg.Now()}
	if err := s.cfg.Store.PutCredentialOffer(ctx, c.Own.Context, kept); err != nil {
		return dcp.Answer{}, err
	}
	return done()
}

// offerID names an offer by what it offers, so that one made again takes the
// place of the first.
func offerID(o dcp.Offer) string {
	sum := sha256.New()
	for _, object := range o.Credentials {
		part := sha256.Sum256([]byte(object.ID))
		sum.Write(part[:])
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// Offers lists what issuers have offered, newest first.
func (s *Service) Offers(ctx context.Context, contextID string) ([]Offer, error) {
	return s.cfg.Store.CredentialOffers(ctx, contextID)
}

// Objects returns what an offer offers. Objects that are ids alone are looked
// up in the issuer's metadata, and left as they are where it does not know
// them. Errors as of Metadata.
func (s *Service) Objects(ctx context.Context, o Offer) ([]dcp.Object, error) {
	var list []dcp.Object
	if err := json.Unmarshal(o.Document, &list); err != nil {
		return nil, fmt.Errorf("offer %s: %w", o.ID, err)
	}
	if !slices.ContainsFunc(list, func(o dcp.Object) bool { return o.CredentialType == "" }) {
		return list, nil
	}
	m, err := s.Metadata(ctx, o.Issuer)
	if err != nil {
		return nil, err
	}
	for i, object := range list {
		known := slices.IndexFunc(m.Supported, func(o dcp.Object) bool { return o.ID == object.ID })
		if object.CredentialType == "" && known >= 0 {
			list[i] = m.Supported[known]
			list[i].OfferReason = cmp.Or(object.OfferReason, list[i].OfferReason)
		}
	}
	return list, nil
}
