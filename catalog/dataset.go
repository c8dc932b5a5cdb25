// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Dataset is what counterparties see of an asset.
type Dataset struct {
	ID            string
	Properties    map[string]any // by full IRI, as encoding/json decodes them
	Offers        []DatasetOffer
	Distributions []Distribution
	// Document is the dataset as JSON without its offers, which is how an
	// agreement keeps it.
	Document json.RawMessage
}

// DatasetOffer is an offer for one dataset.
type DatasetOffer struct {
	ID     string
	Policy policy.Policy
}

// Distribution is a form in which a dataset can be had.
type Distribution struct {
	Format   string
	Endpoint string // DSP base URL of the provider; "" where it is not said
}

// terms is a policy in the forms in which it is used. Its content is its hash,
// so it can be kept for ever.
type terms struct {
	wire     wire.Policy
	compiled *policy.Compiled
}

func termsOf(judge *policy.Judge, hash string, p policy.Policy) (t terms, err error) {
	if t.wire, err = toWire(p); err != nil {
		return t, err
	}
	t.compiled, err = judge.Compile(hash, func() (policy.Policy, error) { return p, nil })
	return t, err
}

func toWire(p policy.Policy) (wire.Policy, error) {
	compact, err := rulesOnly(p).JSON()
	if err != nil {
		return wire.Policy{}, err
	}
	return wire.ParsePolicy(compact)
}

func fromWire(w wire.Policy) (policy.Policy, error) {
	compact, err := w.Compact()
	if err != nil {
		return policy.Policy{}, err
	}
	return policy.Parse(compact)
}

// wireDataset is the public dataset of a row. usage holds its policies by hash.
func wireDataset(row Row, usage map[string]terms, at wire.DataService) (wire.Dataset, error) {
	d, err := wireAsset(row.Asset, at)
	if err != nil {
		return wire.Dataset{}, err
	}
	for _, o := range row.Offers {
		t, known := usage[o.Usage]
		if !known {
			return wire.Dataset{}, fmt.Errorf("the usage policy of the offer %q is not stored", o.ID)
		}
		p := t.wire
		p.ID = wireID(o.ID, o.Assets, row.Asset.ID)
		d.HasPolicy = append(d.HasPolicy, p)
	}
	return d, nil
}

// wireAsset is a dataset without offers.
func wireAsset(a Asset, at wire.DataService) (wire.Dataset, error) {
	d := wire.Dataset{ID: a.ID}
	formats := a.Formats
	if len(formats) == 0 {
		formats = []string{DefaultFormat}
	}
	for _, format := range formats {
		// Embedded rather than referred to: a JSON-LD peer loses a reference.
		d.Distribution = append(d.Distribution, wire.Distribution{Format: format, AccessService: at})
	}
	if len(a.Properties) > 0 {
		d.Extra = make(wire.Extra, len(a.Properties))
	}
	for name, value := range a.Properties {
		raw, err := json.Marshal(value)
		if err != nil {
			return wire.Dataset{}, err
		}
		d.Extra[wire.IRI(name)] = raw
	}
	return d, nil
}

// document is the public dataset without offers, which only a message that
// carries one may lack.
func document(d wire.Dataset) (json.RawMessage, error) {
	d.HasPolicy = []wire.Policy{{ID: "none", Permission: []wire.Rule{{Action: policy.Use}}}}
	d.Distribution = slices.Clone(d.Distribution)
	for i := range d.Distribution { // here, too, a peer may put offers
		d.Distribution[i].HasPolicy, d.Distribution[i].AccessService.ServesDataset = nil, nil
	}
	body, err := wire.Encode(&d)
	if err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return nil, err
	}
	delete(members, "hasPolicy")
	return json.Marshal(members)
}
