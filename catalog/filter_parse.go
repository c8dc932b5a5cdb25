// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/musubi-ods/musubi/internal/jcs"
	"github.com/musubi-ods/musubi/internal/wire"
)

// Limits of a filter that is read.
const (
	maxConditions = 20
	maxValues     = 100
	maxPercents   = 5 // wildcards in one pattern: each multiplies the work
	maxOffset     = 1_000_000
)

// Query is what a counterparty asks of a catalogue.
type Query struct {
	Filter Filter
	Offset int
	Limit  int // datasets on a page; 0: as many as the provider likes
}

// ParseFilter reads the filter of a catalogue request. DSP leaves its content
// open; understood are no filter, {}, and the QuerySpec of Eclipse EDC (offset,
// limit, sortField, sortOrder, filterExpression) under bare or full names. The
// error is a *Refusal: a filter half understood would show the wrong datasets.
func ParseFilter(filter []json.RawMessage) (Query, error) {
	var q Query
	seen := false
	for _, raw := range filter {
		spec, failed := readSpec(raw)
		if failed != nil {
			return Query{}, failed
		}
		if len(spec) == 0 {
			continue
		}
		if seen {
			return Query{}, refuse(CodeFilter, "there is more than one filter; send one QuerySpec with several conditions")
		}
		seen = true
		if failed := q.read(spec); failed != nil {
			return Query{}, failed
		}
	}
	return q, nil
}

func readSpec(raw json.RawMessage) (map[string]any, *Refusal) {
	const only = "the filter is not understood; send none, {}, or a QuerySpec with offset, limit, sortField, sortOrder and filterExpression"
	if _, err := jcs.Transform(raw); err != nil { // no name twice, not too deep
		return nil, refuse(CodeFilter, only)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, refuse(CodeFilter, only)
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, refuse(CodeFilter, only)
	}
	return members(object, "QuerySpec")
}

// members gives the members of an object of EDC's vocabulary by their bare
// names, with the wrappings of JSON-LD taken off their values.
func members(object map[string]any, class string) (map[string]any, *Refusal) {
	out := make(map[string]any)
	for name, value := range object {
		bare := strings.TrimPrefix(wire.IRI(name), wire.EDCNamespace)
		switch name {
		case "@id", "@context":
			continue
		case "@type":
			if failed := checkType(value, class); failed != nil {
				return nil, failed
			}
			continue
		}
		if _, twice := out[bare]; twice {
			return nil, refuse(CodeFilter, "%s is there twice, once by its full name", bare)
		}
		if value = unwrap(value); value != nil {
			out[bare] = value
		}
	}
	return out, nil
}

// checkType takes the class under its bare, prefixed or full name, and the
// name that EDC's management API gives to conditions.
func checkType(value any, class string) *Refusal {
	name, _ := unwrap(value).(string)
	name = strings.TrimPrefix(wire.IRI(name), wire.EDCNamespace)
	if name == class || name == class+"Dto" {
		return nil
	}
	return refuse(CodeFilter, "the filter has the type %.100q; only %s is understood here", name, class)
}

// unwrap takes off what JSON-LD may put around one value.
func unwrap(value any) any {
	for range 4 {
		switch v := value.(type) {
		case []any:
			if len(v) != 1 {
				return value
			}
			value = v[0]
		case map[string]any:
			inner, wrapped := v["@value"]
			if !wrapped {
				inner, wrapped = v["@list"]
			}
			if !wrapped {
				return value
			}
			value = inner
		default:
			return value
		}
	}
	return value
}

func (q *Query) read(spec map[string]any) (failed *Refusal) {
	for _, name := range slices.Sorted(maps.Keys(spec)) { // so that the same fault is named each time
		value := spec[name]
		switch name {
		case "offset":
			q.Offset, failed = wholeNumber(name, value, 0, maxOffset)
		case "limit":
			q.Limit, failed = wholeNumber(name, value, 1, 1<<31-1)
		case "sortField":
			if text, isText := value.(string); !isText || text != "" {
				q.Filter.Sort, failed = readField(name, value)
			}
		case "sortOrder":
			q.Filter.Descending, failed = readOrder(value)
		case "filterExpression":
			q.Filter.Conditions, failed = readConditions(value)
		default:
			failed = refuse(CodeFilter, "%.100q is not understood in a filter; offset, limit, sortField, sortOrder and filterExpression are", name)
		}
		if failed != nil {
			return failed
		}
	}
	return nil
}

// wholeNumber also reads 5.0 and "5": JSON-LD processors write both.
func wholeNumber(name string, value any, least, most int) (int, *Refusal) {
	text := ""
	switch v := value.(type) {
	case json.Number:
		text = string(v)
	case string:
		text = v
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != float64(int64(f)) || f < float64(least) || f > float64(most) {
		return 0, refuse(CodeFilter, "%s has to be a whole number from %d to %d", name, least, most)
	}
	return int(f), nil
}

func readOrder(value any) (descending bool, failed *Refusal) {
	text, _ := value.(string)
	switch strings.ToUpper(text) {
	case "ASC":
		return false, nil
	case "DESC":
		return true, nil
	}
	return false, refuse(CodeFilter, "sortOrder has to be ASC or DESC")
}
