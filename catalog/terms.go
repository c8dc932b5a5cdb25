// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/musubi-ods/musubi/internal/jcs"
	"github.com/musubi-ods/musubi/internal/wire"
)

// maxTerm is the longest value that can be filtered and sorted by, in bytes.
const maxTerm = 1000

// Term is one value of one property as filters see it.
type Term struct {
	Name  string // full IRI
	Value string
}

// Terms are what filters and orders see of the properties: strings as they
// are, numbers and booleans as JSON writes them (RFC 8785), of JSON-LD objects
// the @value or @id, of lists each element. Values beyond 1000 bytes and other
// objects are left out. Each term is there once, in order of name and value.
func (a Asset) Terms() []Term {
	var terms []Term
	for name, value := range a.Properties {
		iri := wire.IRI(name)
		for _, text := range texts(value) {
			if len(text) <= maxTerm {
				terms = append(terms, Term{iri, text})
			}
		}
	}
	slices.SortFunc(terms, func(a, b Term) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Value, b.Value))
	})
	return slices.Compact(terms)
}

func texts(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case bool:
		return []string{strconv.FormatBool(v)}
	case float64:
		return []string{number(v)}
	case []any:
		var all []string
		for _, item := range v {
			all = append(all, texts(item)...)
		}
		return all
	case map[string]any:
		for _, name := range []string{"@value", "@id"} {
			if inner, has := v[name]; has {
				return texts(inner)
			}
		}
	}
	return nil
}

func number(f float64) string {
	plain, err := json.Marshal(f)
	if err != nil {
		return ""
	}
	canonical, err := jcs.Transform(plain)
	if err != nil {
		return ""
	}
	return string(canonical)
}
