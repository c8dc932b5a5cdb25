// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"encoding/json"

	"github.com/musubi-ods/musubi/catalog"
)

const exampleFilter = `{
  "filter": {"filterExpression": [{"operandLeft": "id", "operator": "=", "operandRight": "cell-co2"}]}
}`

type filterInput struct {
	Filter json.RawMessage `json:"filter"`
}

type peerCatalogView struct {
	Participant string        `json:"participant"`
	Datasets    []datasetView `json:"datasets"`
	Complete    bool          `json:"complete"`
	Problems    []problemView `json:"problems,omitempty"`
}

type problemView struct {
	Dataset string `json:"dataset,omitempty"`
	Reason  string `json:"reason"`
}

type datasetView struct {
	ID            string             `json:"id"`
	Properties    map[string]any     `json:"properties,omitempty"`
	Offers        []termsView        `json:"offers"`
	Distributions []distributionView `json:"distributions,omitempty"`
}

type distributionView struct {
	Format   string `json:"format"`
	Endpoint string `json:"endpoint,omitempty"`
}

func viewDataset(d catalog.Dataset) datasetView {
	out := datasetView{ID: d.ID, Properties: d.Properties, Offers: []termsView{}}
	for _, o := range d.Offers {
		out.Offers = append(out.Offers, termsView{OfferID: o.ID, Policy: showPolicy(o.Policy)})
	}
	for _, x := range d.Distributions {
		out.Distributions = append(out.Distributions, distributionView{Format: x.Format, Endpoint: x.Endpoint})
	}
	return out
}

func peerCatalog(c *call, in filterInput) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	found, err := c.m.Client.Catalog(c.ctx, c.contextID, id, in.Filter)
	if err != nil {
		return answer{}, err
	}
	out := peerCatalogView{Participant: found.Participant, Complete: found.Complete, Datasets: []datasetView{}}
	for _, d := range found.Datasets {
		out.Datasets = append(out.Datasets, viewDataset(d))
	}
	for _, p := range found.Problems {
		out.Problems = append(out.Problems, problemView{Dataset: p.Dataset, Reason: p.Reason})
	}
	return answer{body: out}, nil
}

func peerDataset(c *call) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	dataset, err := c.id("dataset")
	if err != nil {
		return answer{}, err
	}
	found, err := c.m.Client.Dataset(c.ctx, c.contextID, id, dataset)
	if err != nil {
		return answer{}, err
	}
	return answer{body: viewDataset(found)}, nil
}
