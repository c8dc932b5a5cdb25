// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"strings"
	"testing"
)

// TestLines: lines of any number are published together, or none of them.
func TestLines(t *testing.T) {
	w := newWorld(t)
	const at = ourBase + "/catalog/lines"
	const offer = `{"offers":[{"id":"o","assets":{"ids":["b"]},"access":{"permission":[{"action":"use"}]},"usage":{"permission":[{"action":"use"}]}}]}`
	jsonl := map[string]string{"X-Api-Key": apiKey, "Content-Type": "application/jsonl"}
	long := `{"assets":[{"id":"x","labels":{"k":"` + strings.Repeat("v", 1<<20) + `"}}]}`
	play(t, w.management, []scenario{
		{Name: "a line is wrong", URL: at, Headers: jsonl, Body: `{"assets":[{"id":"a"}]}` + "\n\n" + `{"asets":[]}`, Status: 400, Content: []string{"member-unknown", "line 3: ", "asets"}},
		{Name: "an asset is wrong", URL: at, Headers: jsonl, Body: `{"assets":[{"id":"a"}]}` + "\n" + `{"assets":[{"id":"b","formats":[""]}]}`, Status: 400, Content: []string{"invalid-format", `asset \"b\"`}},
		{Name: "an id is there twice", URL: at, Headers: jsonl, Body: `{"assets":[{"id":"a"}]}` + "\n" + `{"assets":[{"id":"a"}]}`, Status: 400, Content: []string{"duplicate-id"}},
		{Name: "an offer names nothing", URL: at, Headers: jsonl, Body: `{"assets":[{"id":"a"}]}` + "\n" + offer, Status: 404, Content: []string{"unknown-asset"}},
		{Name: "a line is too long", URL: at, Headers: jsonl, Body: `{"assets":[{"id":"a"}]}` + "\n" + long, Status: 413, Content: []string{"too-large"}},
		{Name: "another type", URL: at, Headers: map[string]string{"X-Api-Key": apiKey, "Content-Type": "text/plain"}, Body: offer, Status: 415, Content: []string{"not-json"}},
		{Name: "nothing", URL: at, Headers: jsonl, Body: "\n\n", Status: 400, Content: []string{"nothing-given"}},
		{Name: "nothing of these is there", Method: "GET", URL: ourBase + "/assets", Headers: keyed, Status: 200, Content: []string{`"items":[]`}},
		{Name: "published", URL: at, Headers: jsonl, Body: offer + "\n" + `{"assets":[{"id":"a"}]}` + "\n" + `{"assets":[{"id":"b"},{"id":"c"}]}` + "\n", Status: 200, Content: []string{`"assets":3`, `"offers":1`}},
		{Name: "is there", Method: "GET", URL: ourBase + "/assets", Headers: keyed, Status: 200, Content: []string{`"id":"a"`, `"id":"b"`, `"id":"c"`}},
	})
}
