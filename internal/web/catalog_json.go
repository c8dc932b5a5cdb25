// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/catalog"
)

// assetJSON is an asset as it is written and shown. Header values of a source
// are written and never shown.
type assetJSON struct {
	ID         string            `json:"id,omitempty"`
	Properties map[string]any    `json:"properties,omitempty"`
	Labels     map[string]string `json:"labels,omitempty"`
	Formats    []string          `json:"formats,omitempty"`
	Source     *sourceJSON       `json:"source,omitempty"`
	Created    time.Time         `json:"created,omitzero"` // as shown; what is written here is not read
	Updated    time.Time         `json:"updated,omitzero"`
}

type sourceJSON struct {
	Type    string            `json:"type"`
	URL     string            `json:"url,omitempty"`
	Path    string            `json:"path,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	catalog.Passage
}

func (a assetJSON) domain() catalog.Asset {
	out := catalog.Asset{ID: a.ID, Properties: a.Properties, Labels: a.Labels, Formats: a.Formats}
	if a.Source != nil {
		out.Source = catalog.Source{Type: a.Source.Type, URL: a.Source.URL, Path: a.Source.Path, Headers: a.Source.Headers, Passage: a.Source.Passage}
	}
	return out
}

func viewAsset(a catalog.Asset) assetJSON {
	out := assetJSON{ID: a.ID, Properties: a.Properties, Labels: a.Labels, Formats: a.Formats, Created: a.Created, Updated: a.Updated}
	if a.Source.Type != catalog.SourceNone {
		out.Source = &sourceJSON{Type: a.Source.Type, URL: a.Source.URL, Path: a.Source.Path, Passage: a.Source.Passage}
		for name := range a.Source.Headers {
			if out.Source.Headers == nil {
				out.Source.Headers = map[string]string{}
			}
			out.Source.Headers[name] = "" // whatever the service left there
		}
	}
	return out
}

// offerJSON is an offer as it is written and shown.
type offerJSON struct {
	ID      string          `json:"id,omitempty"`
	Assets  selectorJSON    `json:"assets"`
	Access  json.RawMessage `json:"access"`
	Usage   json.RawMessage `json:"usage"`
	Rules   []ruleJSON      `json:"rules,omitempty"`
	Created time.Time       `json:"created,omitzero"`
	Updated time.Time       `json:"updated,omitzero"`
}

type selectorJSON struct {
	All    bool              `json:"all,omitempty"`
	IDs    []string          `json:"ids,omitempty"`
	Labels map[string]string `json:"labels,omitempty"`
}

type ruleJSON struct {
	Counterparty string          `json:"counterparty,omitempty"`
	Do           string          `json:"do"`
	Counter      json.RawMessage `json:"counter,omitempty"`
	Reason       string          `json:"reason,omitempty"`
}

// domain reads the policies of an offer; at is its place in the body.
func (o offerJSON) domain(at string) (catalog.Offer, error) {
	out := catalog.Offer{ID: o.ID, Assets: catalog.Selector{All: o.Assets.All, IDs: o.Assets.IDs, Labels: o.Assets.Labels}}
	var err error
	if out.Access, err = readPolicy(at+".access", o.Access); err != nil {
		return out, err
	}
	if out.Usage, err = readPolicy(at+".usage", o.Usage); err != nil {
		return out, err
	}
	for i, r := range o.Rules {
		rule := catalog.Rule{Counterparty: r.Counterparty, Do: catalog.Answer(r.Do), Reason: r.Reason}
		if len(r.Counter) > 0 {
			p, err := readPolicy(fmt.Sprintf("%s.rules[%d].counter", at, i), r.Counter)
			if err != nil {
				return out, err
			}
			rule.Counter = &p
		}
		out.Rules = append(out.Rules, rule)
	}
	return out, nil
}

func viewOffer(o catalog.Offer) offerJSON {
	return offerJSON{
		ID: o.ID, Assets: selectorJSON{All: o.Assets.All, IDs: o.Assets.IDs, Labels: o.Assets.Labels},
		Access: showPolicy(o.Access), Usage: showPolicy(o.Usage), Rules: viewRules(o.Rules), Created: o.Created, Updated: o.Updated,
	}
}

func viewRules(rules []catalog.Rule) []ruleJSON {
	var out []ruleJSON
	for _, r := range rules {
		j := ruleJSON{Counterparty: r.Counterparty, Do: string(r.Do), Reason: r.Reason}
		if r.Counter != nil {
			j.Counter = showPolicy(*r.Counter)
		}
		out = append(out, j)
	}
	return out
}
