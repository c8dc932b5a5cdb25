// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/internal/wire"
)

// TestFilterNamesItsClasses: EDC's terms are terms only where their class is
// named, and the context that defines them is listed.
func TestFilterNamesItsClasses(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"bare": {
			`{"limit":5,"filterExpression":[{"operandLeft":"a","operator":"=","operandRight":"b"}]}`,
			`{"@type":"QuerySpec","filterExpression":[{"@type":"Criterion","operandLeft":"a","operandRight":"b","operator":"="}],"limit":5}`,
		},
		"named":           {`{"@type":"QuerySpec","offset":1}`, `{"@type":"QuerySpec","offset":1}`},
		"named otherwise": {`{"@type":"Mine","offset":1}`, `{"@type":"Mine","offset":1}`},
		"empty":           {`{}`, `{}`},
		"of another kind": {`{"query": "all"}`, `{"query": "all"}`},
		"no object":       {`"SELECT"`, `"SELECT"`},
		"null":            {`null`, `null`},
		"a condition that is none": {
			`{"filterExpression":["x", {"a": 1}]}`, `{"@type":"QuerySpec","filterExpression":["x",{"a":1}]}`,
		},
		"full names": {`{"https://w3id.org/edc/v0.0.1/ns/limit": 5}`, `{"https://w3id.org/edc/v0.0.1/ns/limit": 5}`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := string(typed(json.RawMessage(c.in))); got != c.want {
				t.Errorf("%s\nnot %s", got, c.want)
			}
		})
	}
	body, err := request(json.RawMessage(`{"limit":5}`))
	if err != nil || !strings.Contains(string(body), `"@context":["`+wire.ContextURL+`","`+wire.EDCContextURL+`"]`) {
		t.Errorf("the context of the names is not listed: %s, %v", body, err)
	}
	if _, err := wire.DecodeAs[*wire.CatalogRequest](body); err != nil {
		t.Errorf("we would not read it: %v", err)
	}
	if body, _ := request(nil); strings.Contains(string(body), wire.EDCContextURL) {
		t.Errorf("without a filter no other context is needed: %s", body)
	}
}
