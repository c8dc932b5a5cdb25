// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/json"
	"fmt"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust/policy"
)

type assetRow struct {
	ID         string
	Properties string
	Labels     string
	Formats    string
	SourceType string `db:"source_type"`
	SourceURL  string `db:"source_url"`
	SourcePath string `db:"source_path"`
	Headers    *string
	Created    int64
	Updated    int64
	Passage    *string
}

const assetColumns = `id, properties, labels, formats, source_type, source_url, source_path, headers, created, updated, passage`

func headersPlace(contextID, id string) place { return place{contextID, "asset", id, "headers"} }

// assetValues are the columns of an asset after its context, for table.
func (d *catalogs) assetValues(contextID string, a catalog.Asset) ([]any, error) {
	properties, err := json.Marshal(a.Properties)
	if err != nil {
		return nil, fmt.Errorf("asset %q: properties: %w", a.ID, err)
	}
	var secrets []byte
	if len(a.Source.Headers) > 0 {
		secrets = []byte(mustJSON(a.Source.Headers))
	}
	var passage *string
	if !a.Source.Passage.IsZero() {
		text := mustJSON(a.Source.Passage)
		passage = &text
	}
	headers, err := d.seal.close(secrets, headersPlace(contextID, a.ID))
	return []any{
		a.ID, string(properties), mustJSON(a.Labels), mustJSON(a.Formats), a.Source.Type, a.Source.URL, a.Source.Path,
		headers, rule.Micro(a.Created), rule.Micro(a.Updated), passage,
	}, err
}

// public is what a page shows of an asset.
func (r *assetRow) public() (catalog.Asset, error) {
	a := catalog.Asset{ID: r.ID, Created: rule.Time(r.Created), Updated: rule.Time(r.Updated)}
	return a, decode("asset "+r.ID, r.Properties, &a.Properties, r.Formats, &a.Formats)
}

func (d *catalogs) asset(contextID string, r assetRow) (catalog.Asset, error) {
	a, err := r.public()
	if err != nil {
		return catalog.Asset{}, err
	}
	a.Source = catalog.Source{Type: r.SourceType, URL: r.SourceURL, Path: r.SourcePath}
	secrets, err := d.seal.open(r.Headers, headersPlace(contextID, r.ID))
	if err != nil {
		return catalog.Asset{}, err
	}
	if secrets == nil {
		secrets = []byte("null")
	}
	if r.Passage != nil {
		if err := decode("asset "+r.ID, *r.Passage, &a.Source.Passage); err != nil {
			return catalog.Asset{}, err
		}
	}
	return a, decode("asset "+r.ID, r.Labels, &a.Labels, string(secrets), &a.Source.Headers)
}

// decode reads pairs of a JSON text and where it goes.
func decode(what string, pairs ...any) error {
	for i := 0; i < len(pairs); i += 2 {
		if err := json.Unmarshal([]byte(pairs[i].(string)), pairs[i+1]); err != nil {
			return fmt.Errorf("%s: stored JSON: %w", what, err)
		}
	}
	return nil
}

// selectorDoc is column selector.
type selectorDoc struct {
	All    bool              `json:"all,omitempty"`
	IDs    []string          `json:"ids,omitempty"`
	Labels map[string]string `json:"labels,omitempty"`
}

type offerRow struct {
	ID       string
	Selector string
	Access   string // the policy itself, as Usage
	Usage    string
	Rules    string
	Created  int64
	Updated  int64
}

// offerColumns are read from offerTables.
const (
	offerColumns = `o.id, o.selector, x.document AS access, u.document AS usage, o.rules, o.created, o.updated`
	offerTables  = ` FROM offer o JOIN policy x ON x.context = o.context AND x.hash = o.access
		JOIN policy u ON u.context = o.context AND u.hash = o.usage`
)

// offerValues are the columns of an offer after its context, for table.
func offerValues(o catalog.Offer) ([]any, error) {
	rules, err := catalog.EncodeRules(o.Rules)
	if err != nil {
		return nil, fmt.Errorf("offer %q: rules: %w", o.ID, err)
	}
	all := 0
	if o.Assets.All {
		all = 1
	}
	return []any{
		o.ID, all, len(o.Assets.Labels), mustJSON(selectorDoc(o.Assets)), o.Access.Hash(), o.Usage.Hash(), string(rules),
		rule.Micro(o.Created), rule.Micro(o.Updated),
	}, nil
}

func (r *offerRow) offer() (catalog.Offer, error) {
	o := catalog.Offer{ID: r.ID, Created: rule.Time(r.Created), Updated: rule.Time(r.Updated)}
	var selector selectorDoc
	if err := decode("offer "+r.ID, r.Selector, &selector); err != nil {
		return catalog.Offer{}, err
	}
	o.Assets = catalog.Selector(selector)
	var err error
	if o.Access, err = policy.Parse([]byte(r.Access)); err != nil {
		return catalog.Offer{}, fmt.Errorf("offer %q: access policy: %w", r.ID, err)
	}
	if o.Usage, err = policy.Parse([]byte(r.Usage)); err != nil {
		return catalog.Offer{}, fmt.Errorf("offer %q: usage policy: %w", r.ID, err)
	}
	o.Rules, err = catalog.DecodeRules([]byte(r.Rules))
	return o, err
}
