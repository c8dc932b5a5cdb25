// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"encoding/json"
	"slices"
)

// The names of EDC's query language, as its context defines them: those of a
// class are terms only where the class is named.
var (
	specTerms      = []string{"offset", "limit", "sortField", "sortOrder", "filterExpression"}
	criterionTerms = []string{"operandLeft", "operator", "operandRight"}
)

// typed names the classes in a filter that is written by EDC's names but does
// not say so: to a JSON-LD reader they are no names then, and the catalogue is
// asked for without a filter. Whatever else a filter is goes as it came.
func typed(filter json.RawMessage) json.RawMessage {
	spec, ok := classed(filter, "QuerySpec", specTerms)
	if !ok {
		return filter
	}
	var conditions []json.RawMessage
	if json.Unmarshal(spec["filterExpression"], &conditions) == nil {
		for i, condition := range conditions {
			if c, ok := classed(condition, "Criterion", criterionTerms); ok {
				conditions[i] = written(c, condition)
			}
		}
		spec["filterExpression"] = written(conditions, spec["filterExpression"])
	}
	return written(spec, filter)
}

// classed reads an object that is of a class, or has its terms and no class,
// and has it name the class.
func classed(raw json.RawMessage, class string, terms []string) (map[string]json.RawMessage, bool) {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil || object == nil {
		return nil, false
	}
	has := slices.ContainsFunc(terms, func(name string) bool { _, ok := object[name]; return ok })
	if _, named := object["@type"]; !named && has {
		object["@type"] = json.RawMessage(`"` + class + `"`)
	}
	return object, has
}

// written is v as JSON, or otherwise where it cannot be.
func written(v any, otherwise json.RawMessage) json.RawMessage {
	if raw, err := json.Marshal(v); err == nil {
		return raw
	}
	return otherwise
}
