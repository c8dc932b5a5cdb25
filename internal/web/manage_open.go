// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
)

const exampleOpen = `{
  "peer": "did:web:supplier.example",
  "dataset": "cell-co2",
  "offerId": "to-everyone",
  "policy": {"permission": [{"action": "use"}]},
  "declare": {"purpose": ["https://musubi-ods.github.io/musubi/policy/v1/purpose/cfp-aggregation"]},
  "acceptUnenforced": false
}`

const examplePropose = `{
  "peer": "did:web:customer.example",
  "dataset": "cell-co2"
}`

type openInput struct {
	Peer    string          `json:"peer"`
	Dataset string          `json:"dataset"`
	OfferID string          `json:"offerId"`
	Policy  json.RawMessage `json:"policy"`
	// Declare is what we say to the provider's policy, by absolute IRI or term
	// of ODRL.
	Declare          map[string][]string `json:"declare"`
	AcceptUnenforced bool                `json:"acceptUnenforced"`
}

type proposeInput struct {
	Peer             string `json:"peer"`
	Dataset          string `json:"dataset"`
	OfferID          string `json:"offerId"`
	AcceptUnenforced bool   `json:"acceptUnenforced"`
}

// named refuses a body that does not say with whom and about what.
func named(peer, dataset string) error {
	switch {
	case peer == "":
		return problemf(http.StatusBadRequest, "peer-missing", "peer is missing").hint("the participant id of a peer; GET peers lists them")
	case dataset == "":
		return problemf(http.StatusBadRequest, "dataset-missing", "dataset is missing").hint("POST peers/{id}/catalog shows a peer's, GET assets our own")
	}
	return nil
}

func openNegotiation(c *call, in openInput) (answer, error) {
	if err := named(in.Peer, in.Dataset); err != nil {
		return answer{}, err
	}
	if _, err := c.wait(); err != nil {
		return answer{}, err
	}
	p := negotiation.Proposal{Peer: in.Peer, Dataset: in.Dataset, Declare: in.Declare, AcceptUnenforced: in.AcceptUnenforced}
	p.Terms.OfferID = in.OfferID
	var err error
	if len(in.Policy) > 0 {
		if p.Terms.Policy, err = readPolicy("policy", in.Policy); err != nil {
			return answer{}, err
		}
	}
	if err := c.fromCatalog(&p, len(in.Policy) > 0); err != nil {
		return answer{}, err
	}
	n, err := c.m.Negotiations.Open(c.ctx, c.contextID, p)
	if err != nil {
		return answer{}, err
	}
	return negotiations.settle(c, n.ID, http.StatusCreated)
}

// fromCatalog completes a proposal from the peer's catalogue. Own terms for an
// offer that is named need nothing from there but the dataset, to be kept with
// the agreement: then a peer that does not answer is no hindrance, since the
// negotiation itself waits for it.
func (c *call) fromCatalog(p *negotiation.Proposal, ownTerms bool) error {
	d, err := c.m.Client.Dataset(c.ctx, c.contextID, p.Peer, p.Dataset)
	if err != nil {
		var peer *catalog.PeerError
		if ownTerms && p.Terms.OfferID != "" && errors.As(err, &peer) && peer.Code != catalog.PeerUnknown {
			return nil
		}
		return err
	}
	p.Snapshot = d.Document
	if ownTerms && p.Terms.OfferID != "" {
		return nil
	}
	i := 0
	if p.Terms.OfferID != "" {
		i = slices.IndexFunc(d.Offers, func(o catalog.DatasetOffer) bool { return o.ID == p.Terms.OfferID })
	}
	if i < 0 || i >= len(d.Offers) {
		return problemf(http.StatusNotFound, "offer-unknown", "the peer makes us no such offer for this dataset").
			hint("GET peers/{id}/datasets/{id} shows its offers")
	}
	p.Terms.OfferID = d.Offers[i].ID
	if !ownTerms {
		p.Terms.Policy = d.Offers[i].Policy
	}
	return nil
}

func proposeNegotiation(c *call, in proposeInput) (answer, error) {
	if err := named(in.Peer, in.Dataset); err != nil {
		return answer{}, err
	}
	if _, err := c.wait(); err != nil {
		return answer{}, err
	}
	if in.OfferID == "" {
		var err error
		if in.OfferID, err = c.m.firstOffer(c.ctx, c.contextID, in.Peer, in.Dataset); err != nil {
			return answer{}, err
		}
	}
	n, err := c.m.Negotiations.Propose(c.ctx, c.contextID, negotiation.Proposal{
		Peer: in.Peer, Dataset: in.Dataset, Terms: negotiation.Terms{OfferID: in.OfferID}, AcceptUnenforced: in.AcceptUnenforced,
	})
	if err != nil {
		return answer{}, err
	}
	return negotiations.settle(c, n.ID, http.StatusCreated)
}

// firstOffer is the first offer that a peer is shown of one of our assets,
// under the id that stands in the catalogue.
func (m *management) firstOffer(ctx context.Context, contextID, peer, asset string) (string, error) {
	body, err := m.Catalog.Dataset(ctx, contextID, trust.Claims{Participant: peer}, asset)
	if err != nil {
		return "", err
	}
	d, err := wire.DecodeAs[*wire.Dataset](body)
	if err != nil {
		return "", errors.Join(errors.New("our own dataset cannot be read"), errors.New(err.Error()))
	}
	return d.HasPolicy[0].ID, nil
}
