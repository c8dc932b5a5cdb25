// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"slices"

	"github.com/musubi-ods/musubi/catalog"
)

// asset returns one with every field set.
func asset(id string) catalog.Asset {
	return catalog.Asset{
		ID: id,
		Properties: map[string]any{
			"dct:title":                   "Title of " + id + " <&> 日本",
			"https://example.org/ns#list": []any{"b", 1.5, true, map[string]any{"@value": "x", "@language": "en"}},
			"https://example.org/ns#size": 1e21,
		},
		Labels:  map[string]string{"kind": "battery", "who's": `"me"`},
		Formats: []string{"HttpData-PULL", "https://example.org/push"},
		Source: catalog.Source{Type: catalog.SourceHTTP, URL: "https://source.example/" + id, Headers: map[string]string{"X-Key": "secret of " + id, "Accept": "*/*"}, Passage: catalog.Passage{
			Paths: []catalog.PathRule{{Path: "/orders/**", Methods: []string{"GET", "POST"}}}, Query: []string{"日"}, Renew: true,
			Response: catalog.HeaderRules{Pass: []string{"X-Total"}, Set: map[string]string{"X-Of": id}},
		}},
		Created: at(1), Updated: at(2),
	}
}

// plain returns one that has little more than its id.
func plain(id string, labels ...string) catalog.Asset {
	a := catalog.Asset{ID: id, Formats: []string{catalog.DefaultFormat}, Created: t0, Updated: t0}
	for i := 0; i < len(labels); i += 2 {
		if a.Labels == nil {
			a.Labels = map[string]string{}
		}
		a.Labels[labels[i]] = labels[i+1]
	}
	return a
}

func offer(id string, s catalog.Selector) catalog.Offer {
	return catalog.Offer{ID: id, Assets: s, Access: open, Usage: usage, Created: t0, Updated: t0}
}

func named(ids ...string) catalog.Selector { return catalog.Selector{IDs: ids} }

var all = catalog.Selector{All: true}

func labelled(pairs ...string) catalog.Selector {
	return catalog.Selector{Labels: plain("", pairs...).Labels}
}

func sorted(texts ...string) []string { return slices.Sorted(slices.Values(texts)) }
