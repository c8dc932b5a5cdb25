// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/trust/policy"
)

const examplePublish = `{
  "assets": [{
    "id": "cell-co2",
    "properties": {"dct:title": "CO2 of the cell"},
    "source": {"type": "http", "url": "https://pcf.internal.example/cell", "headers": {"Authorization": "Bearer of the source"}}
  }],
  "offers": [{
    "id": "to-everyone",
    "assets": {"all": true},
    "access": {"permission": [{"action": "use"}]},
    "usage": {"permission": [{"action": "use"}]},
    "rules": [{"counterparty": "did:web:unknown.example", "do": "approve"}]
  }]
}`

const exampleWithdraw = `{
  "assets": ["cell-co2"],
  "offers": ["to-everyone"]
}`

type publishInput struct {
	Assets []assetJSON `json:"assets"`
	Offers []offerJSON `json:"offers"`
}

type withdrawInput struct {
	Assets []string `json:"assets"`
	Offers []string `json:"offers"`
}

func publish(c *call, in publishInput) (answer, error) {
	if len(in.Assets)+len(in.Offers) == 0 {
		return answer{}, problemf(http.StatusBadRequest, "nothing-given", "there are no assets and no offers to publish").hint("give assets, offers or both")
	}
	given, err := in.batch()
	if err != nil {
		return answer{}, err
	}
	b, err := c.m.Catalog.Publish(c.ctx, c.contextID, given.Assets, given.Offers)
	if err != nil {
		return answer{}, err
	}
	return answer{body: map[string]any{
		"assets": listOf(b.Assets, len(b.Assets)+1, viewAsset, nil).Items,
		"offers": listOf(b.Offers, len(b.Offers)+1, viewOffer, nil).Items,
	}}, nil
}

func (in publishInput) batch() (b catalog.Batch, err error) {
	b.Assets, b.Offers = make([]catalog.Asset, len(in.Assets)), make([]catalog.Offer, len(in.Offers))
	for i, a := range in.Assets {
		b.Assets[i] = a.domain()
	}
	for i, o := range in.Offers {
		if b.Offers[i], err = o.domain(fmt.Sprintf("offers[%d]", i)); err != nil {
			return catalog.Batch{}, err
		}
	}
	return b, nil
}

func withdraw(c *call, in withdrawInput) (answer, error) {
	if len(in.Assets)+len(in.Offers) == 0 {
		return answer{}, problemf(http.StatusBadRequest, "nothing-given", "there are no assets and no offers to withdraw").hint("give their ids")
	}
	return answer{}, c.m.Catalog.Withdraw(c.ctx, c.contextID, in.Assets, in.Offers)
}

func listAssets(c *call) (answer, error) {
	limit, err := c.limit()
	if err != nil {
		return answer{}, err
	}
	all, err := c.m.Catalog.Assets(c.ctx, c.contextID, c.QueryParam("after"), limit)
	if err != nil {
		return answer{}, err
	}
	return answer{body: listOf(all, limit, viewAsset, func(a catalog.Asset) string { return a.ID })}, nil
}

func getAsset(c *call) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	a, err := c.m.Catalog.Asset(c.ctx, c.contextID, id)
	if err != nil {
		return answer{}, err
	}
	return answer{body: viewAsset(a)}, nil
}

func deleteAsset(c *call) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	return answer{}, c.m.Catalog.Withdraw(c.ctx, c.contextID, []string{id}, nil)
}

func listOffers(c *call) (answer, error) {
	limit, err := c.limit()
	if err != nil {
		return answer{}, err
	}
	all, err := c.m.Catalog.Offers(c.ctx, c.contextID, c.QueryParam("after"), limit)
	if err != nil {
		return answer{}, err
	}
	return answer{body: listOf(all, limit, viewOffer, func(o catalog.Offer) string { return o.ID })}, nil
}

func getOffer(c *call) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	o, err := c.m.Catalog.Offer(c.ctx, c.contextID, id)
	if err != nil {
		return answer{}, err
	}
	return answer{body: viewOffer(o)}, nil
}

func deleteOffer(c *call) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	return answer{}, c.m.Catalog.Withdraw(c.ctx, c.contextID, nil, []string{id})
}

// readPolicy reads a policy that stands in a body, and says where one cannot
// be read.
func readPolicy(at string, raw json.RawMessage) (policy.Policy, error) {
	if len(raw) == 0 {
		return policy.Policy{}, problemf(http.StatusBadRequest, "policy-missing", "%s is missing", at).
			hint(`a policy that permits use looks like {"permission":[{"action":"use"}]}`)
	}
	p, err := policy.ParseAny(raw)
	if err != nil {
		return p, (&Problem{Status: http.StatusBadRequest, Code: "policy-invalid", Message: at + ": " + err.Error()}).
			hint(`a policy looks like {"permission":[{"action":"use"}]}`)
	}
	return p, nil
}

// showPolicy writes a policy; none where there is none.
func showPolicy(p policy.Policy) json.RawMessage {
	raw, err := p.JSON()
	if err != nil {
		return nil
	}
	return raw
}
