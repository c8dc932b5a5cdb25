// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/musubi-ods/musubi/internal/jcs"
)

func readValue(value any) (Value, error) {
	list, ok := value.([]any)
	if !ok {
		return readScalar(value)
	}
	v := Value{list: make([]Value, len(list))}
	for i, item := range list {
		var err error
		if v.list[i], err = readScalar(item); err != nil {
			return Value{}, index(i, err)
		}
	}
	return v, nil
}

func readScalar(value any) (Value, error) {
	switch value := value.(type) {
	case string:
		return Text(value), nil
	case bool:
		return Text(fmt.Sprint(value)), nil
	case json.Number:
		text, err := normalNumber(value.String())
		return Text(text), err
	case map[string]any:
		return readObject(value)
	}
	return Value{}, malformed("a right operand is a text, an object or a list of these")
}

// readObject unwraps a JSON-LD value object (JSON-LD 1.1 section 9.5) without a
// datatype, or with that of plain strings, and keeps any other object whole.
func readObject(members map[string]any) (Value, error) {
	if literal, ok := members["@value"]; ok {
		text, err := readScalar(literal)
		plain, isText := text.Plain()
		if err != nil || !isText {
			return Value{}, at("@value", malformed("it is not a literal"))
		}
		datatype, typed := members["@type"].(string)
		datatype = expandPrefix(datatype)
		if len(members) == 1 || len(members) == 2 && typed && datatype == xsdString {
			return text, nil
		}
		members["@value"] = plain
		if typed {
			members["@type"] = datatype
		}
	}
	if id, ok := members["@id"].(string); ok {
		members["@id"] = expandPrefix(id)
	}
	if tag, ok := members["@language"].(string); ok {
		members["@language"] = strings.ToLower(tag) // case means nothing in it (RFC 5646 section 2.1.1)
	}
	if err := checkNumbers(members); err != nil {
		return Value{}, err
	}
	raw, err := json.Marshal(members)
	if err != nil {
		return Value{}, malformed("a right operand cannot be encoded")
	}
	canonical, err := jcs.Transform(raw)
	if err != nil {
		return Value{}, malformed("a right operand has no canonical form")
	}
	return Value{object: string(canonical)}, nil
}

const xsdString = "http://www.w3.org/2001/XMLSchema#string"

// checkNumbers refuses, at any depth, numbers that the canonical form would
// change.
func checkNumbers(value any) error {
	switch value := value.(type) {
	case json.Number:
		_, err := normalNumber(value.String())
		return err
	case []any:
		for i, item := range value {
			if err := checkNumbers(item); err != nil {
				return index(i, err)
			}
		}
	case map[string]any:
		for _, name := range sortedNames(value) {
			if err := checkNumbers(value[name]); err != nil {
				return at(name, err)
			}
		}
	}
	return nil
}

const (
	// maxDigits is how many significant decimal digits every double keeps. Two
	// parties may read a longer number differently, and would then not agree
	// on what they agreed.
	maxDigits = 15
	// smallest is well above the doubles that keep fewer digits.
	smallest = 1e-300
)

// normalNumber returns the one spelling of a JSON number, that of RFC 8785.
func normalNumber(number string) (string, error) {
	mantissa, _, _ := strings.Cut(strings.ToLower(strings.TrimPrefix(number, "-")), "e")
	digits := strings.Trim(strings.Replace(mantissa, ".", "", 1), "0")
	value, err := strconv.ParseFloat(number, 64)
	if err != nil || len(digits) > maxDigits || digits != "" && math.Abs(value) < smallest {
		return "", fmt.Errorf("%w: a number of more than %d digits or out of a double's range; write it as a text",
			ErrUnsupported, maxDigits)
	}
	canonical, err := jcs.Transform([]byte(number))
	return string(canonical), err
}

// readLiteral takes a canonical object apart: {"@value","@type"} or {"@id"}.
// Anything else has no meaning as an operand.
func readLiteral(object string) (text, datatype string, err error) {
	var members map[string]string
	if json.Unmarshal([]byte(object), &members) != nil {
		return "", "", fmt.Errorf("%.80s is no literal", object)
	}
	if id, ok := members["@id"]; ok && len(members) == 1 {
		return id, "@id", nil
	}
	text, hasValue := members["@value"]
	datatype, typed := members["@type"]
	if !hasValue || !typed || len(members) != 2 {
		return "", "", fmt.Errorf("%.80s is no literal", object)
	}
	return text, datatype, nil
}
