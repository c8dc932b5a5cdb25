// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"slices"
	"strings"
)

// Filter is a catalogue filter that was understood: conditions that all hold,
// and an order. The zero value takes every dataset, in order of id.
type Filter struct {
	Conditions []Condition `json:"conditions"`
	// Sort is the field by which to order; "" is the dataset's id.
	Sort       string `json:"sort"`
	Descending bool   `json:"descending"`
}

// Operators of a Condition.
const (
	Equals = "="
	In     = "in"
	Like   = "like"
)

// Condition compares a field of a dataset.
type Condition struct {
	// Field is the full IRI of a property; "" is the dataset's id.
	Field string `json:"field"`
	// Operator is Equals (one value), In (one or more) or Like (one pattern:
	// % stands for any characters or none, _ for exactly one character, there
	// is no escape, and case counts). A field without a value meets none of
	// them; of one with several values one has to.
	Operator string   `json:"operator"`
	Values   []string `json:"values"`
}

// Matches defines what a filter means; stores translate it.
func (f Filter) Matches(a Asset) bool {
	terms := a.Terms()
	return !slices.ContainsFunc(f.Conditions, func(c Condition) bool { return !c.matches(a.ID, terms) })
}

// SortKey is what an asset is ordered by before its id: the least value of the
// field Sort, or "" where there is none or where Sort is "".
func (f Filter) SortKey(a Asset) string {
	if f.Sort != "" {
		for _, t := range a.Terms() {
			if t.Name == f.Sort {
				return t.Value
			}
		}
	}
	return ""
}

func (c Condition) matches(id string, terms []Term) bool {
	if c.Field == "" {
		return c.matchesText(id)
	}
	return slices.ContainsFunc(terms, func(t Term) bool { return t.Name == c.Field && c.matchesText(t.Value) })
}

func (c Condition) matchesText(text string) bool {
	if c.Operator == Like {
		return len(c.Values) == 1 && like([]rune(c.Values[0]), []rune(text))
	}
	return slices.Contains(c.Values, text)
}

// like goes back to the last % where what follows it does not fit; that takes
// at most len(pattern) times len(text) steps.
func like(pattern, text []rune) bool {
	p, t, percent, from := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '%':
			percent, from = p, t
			p++
		case p < len(pattern) && (pattern[p] == '_' || pattern[p] == text[t]):
			p++
			t++
		case percent >= 0:
			from++
			p, t = percent+1, from
		default:
			return false
		}
	}
	return strings.Trim(string(pattern[p:]), "%") == ""
}
