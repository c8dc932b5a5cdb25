// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/musubi-ods/musubi/internal/jcs"
	"github.com/musubi-ods/musubi/internal/wire"
)

func readConditions(value any) ([]Condition, *Refusal) {
	list, isList := value.([]any)
	if !isList { // JSON-LD processors make a list of one its element
		list = []any{value}
	}
	if len(list) > maxConditions {
		return nil, refuse(CodeFilter, "filterExpression has more than %d conditions", maxConditions)
	}
	var conditions []Condition
	for i, item := range list {
		c, failed := readCondition(item)
		if failed != nil {
			failed.Reason = "condition " + ordinal(i) + ": " + failed.Reason
			return nil, failed
		}
		conditions = append(conditions, c)
	}
	return conditions, nil
}

// ordinal counts from one, as people do.
func ordinal(i int) string { return strconv.Itoa(i + 1) }

func readCondition(value any) (c Condition, failed *Refusal) {
	object, ok := value.(map[string]any)
	if !ok {
		return Condition{}, refuse(CodeFilter, "it is not an object with operandLeft, operator and operandRight")
	}
	parts, failed := members(object, "Criterion")
	if failed != nil {
		return Condition{}, failed
	}
	for name := range parts {
		if name != "operandLeft" && name != "operator" && name != "operandRight" {
			return Condition{}, refuse(CodeFilter, "%.100q is not understood; operandLeft, operator and operandRight are", name)
		}
	}
	if c.Field, failed = readField("operandLeft", parts["operandLeft"]); failed != nil {
		return Condition{}, failed
	}
	c.Operator, _ = parts["operator"].(string)
	if c.Values, failed = readValues(c.Operator, parts["operandRight"]); failed != nil {
		return Condition{}, failed
	}
	return c, nil
}

// readField reads a name of the dataset's id or of a property. EDC's users put
// names that hold dots into single quotes.
func readField(member string, value any) (string, *Refusal) {
	text, isText := value.(string)
	if !isText || text == "" {
		return "", refuse(CodeFilter, "%s has to name a field: id, or a property", member)
	}
	if len(text) > 2 && text[0] == '\'' && text[len(text)-1] == '\'' {
		text = text[1 : len(text)-1]
	}
	if text == "@id" || strings.TrimPrefix(wire.IRI(text), wire.EDCNamespace) == "id" {
		return "", nil
	}
	if iri, known := propertyName(text); known {
		return iri, nil
	}
	return "", refuse(CodeFilter, "%s %.100q is no field of a dataset; id is, and a property by an absolute IRI or a term such as dct:title", member, text)
}

func readValues(operator string, right any) ([]string, *Refusal) {
	var list []any
	switch operator {
	case Equals, Like:
		list = []any{right}
	case In:
		var isList bool
		if list, isList = right.([]any); !isList {
			list = []any{right}
		}
	default:
		return nil, refuse(CodeFilter, "the operator %.40q is not understood; =, in and like are", operator)
	}
	if len(list) == 0 || len(list) > maxValues {
		return nil, refuse(CodeFilter, "operandRight has to hold 1 to %d values", maxValues)
	}
	values := make([]string, len(list))
	for i, item := range list {
		text, ok := scalar(unwrap(item))
		if !ok {
			return nil, refuse(CodeFilter, "operandRight has to be a string, a number or a boolean of at most %d bytes; a list of these for in", maxTerm)
		}
		values[i] = text
	}
	if operator == Like {
		return checkPattern(values[0])
	}
	return values, nil
}

// scalar is a value as Terms has it.
func scalar(value any) (text string, ok bool) {
	switch v := value.(type) {
	case string:
		text = v
	case bool:
		return strconv.FormatBool(v), true
	case json.Number:
		canonical, err := jcs.Transform([]byte(v))
		if err != nil {
			return "", false
		}
		text = string(canonical)
	case map[string]any:
		id, isText := v["@id"].(string)
		if !isText || len(v) != 1 {
			return "", false
		}
		text = id
	default:
		return "", false
	}
	return text, len(text) <= maxTerm && utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}

func checkPattern(pattern string) ([]string, *Refusal) {
	for strings.Contains(pattern, "%%") {
		pattern = strings.ReplaceAll(pattern, "%%", "%")
	}
	if strings.Count(pattern, "%") > maxPercents {
		return nil, refuse(CodeFilter, "a pattern may hold at most %d times %%", maxPercents)
	}
	return []string{pattern}, nil
}
