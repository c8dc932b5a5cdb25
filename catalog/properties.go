// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/musubi-ods/musubi/internal/jcs"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/trust/policy"
)

// maxNesting bounds lists and objects in a property's value.
const maxNesting = 8

// reserved are the members that the protocol itself gives to a dataset or a
// catalogue. A property of that name would add offers or distributions that
// nobody made.
var reserved = func() map[string]bool {
	m := map[string]bool{}
	for _, name := range []string{
		"dcat:distribution", "dcat:dataset", "dcat:catalog", "dcat:service", "dcat:accessService",
		"dcat:endpointURL", "dcat:endpointDescription", "dcat:servesDataset",
	} {
		m[wire.IRI(name)] = true
	}
	return m
}()

// propertyName returns the full IRI of a property's name; false where the name
// has none that another connector would understand, or one by which the
// protocol speaks of policies and processes.
func propertyName(name string) (string, bool) {
	if len(name) > maxID || !utf8.ValidString(name) || strings.ContainsFunc(name, unprintable) {
		return "", false
	}
	iri := wire.IRI(name)
	if strings.HasPrefix(iri, wire.Namespace) || strings.HasPrefix(iri, policy.Namespace) {
		return "", false
	}
	if iri != name {
		return iri, true
	}
	u, err := url.Parse(name)
	if err != nil {
		return "", false
	}
	switch u.Scheme {
	case "http", "https":
		return name, u.Host != ""
	case "urn", "did", "tag":
		return name, u.Opaque != ""
	}
	return "", false // an unknown prefix looks like a scheme
}

// normalProperties checks the properties and returns them as encoding/json
// decodes them, with every name as it was given.
func normalProperties(properties map[string]any) (map[string]any, *Refusal) {
	if len(properties) > maxEntries {
		return nil, refuse(CodeTooMany, "it has more than %d properties", maxEntries)
	}
	raw, err := json.Marshal(properties)
	if err != nil {
		return nil, refuse(CodeProperty, "the properties cannot be written as JSON; take strings, numbers, booleans, lists and objects of these")
	}
	if len(raw) > maxProperties {
		return nil, refuse(CodeProperty, "the properties have %d bytes as JSON, and %d are possible; put what is longer into the data", len(raw), maxProperties)
	}
	seen := make(map[string]bool)
	for name := range properties {
		iri, known := propertyName(name)
		switch {
		case !known:
			return nil, refuse(CodeProperty, "the property %.100q is not one that other connectors understand; name it by an absolute IRI (https://...) or a term such as dct:title", name)
		case reserved[iri]:
			return nil, refuse(CodeProperty, "the property %.100q belongs to the protocol; remove it", name)
		case seen[iri]:
			return nil, refuse(CodeProperty, "the property %.100q is there twice, once by its full name; remove one", name)
		}
		seen[iri] = true
	}
	return decodeProperties(raw)
}

func decodeProperties(raw []byte) (map[string]any, *Refusal) {
	if _, err := jcs.Transform(raw); err != nil {
		return nil, refuse(CodeProperty, "the properties have no exact form as JSON (%v); numbers have to fit a double", shortly(err))
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var out map[string]any
	if err := decoder.Decode(&out); err != nil {
		return nil, refuse(CodeProperty, "the properties are not JSON")
	}
	for name, value := range out {
		plain, failed := normalValue(value, maxNesting)
		if failed != nil {
			failed.Reason = "property " + strconv.Quote(name) + ": " + failed.Reason
			return nil, failed
		}
		out[name] = plain
	}
	return out, nil
}

// shortly names the class of a jcs error without repeating the text.
func shortly(err error) string {
	for _, class := range []error{jcs.ErrTooDeep, jcs.ErrTooLarge, jcs.ErrInvalid} {
		if errors.Is(err, class) {
			return class.Error()
		}
	}
	return "unknown"
}

// normalValue checks one value and turns its numbers into float64.
func normalValue(value any, levels int) (any, *Refusal) {
	switch v := value.(type) {
	case nil:
		return nil, refuse(CodeProperty, "null is no value; leave it out")
	case string:
		if strings.ContainsRune(v, 0) {
			return nil, refuse(CodeProperty, "the character U+0000 cannot be kept; remove it")
		}
		return v, nil
	case json.Number:
		return exactNumber(string(v))
	case []any:
		return normalItems(v, levels)
	case map[string]any:
		return normalObject(v, levels)
	}
	return value, nil // a boolean
}

func normalItems(list []any, levels int) (any, *Refusal) {
	if levels == 0 {
		return nil, refuse(CodeProperty, "lists and objects may be nested %d deep", maxNesting)
	}
	if len(list) == 0 {
		return nil, refuse(CodeProperty, "an empty list says nothing; leave it out")
	}
	for i, item := range list {
		plain, failed := normalValue(item, levels-1)
		if failed != nil {
			return nil, failed
		}
		list[i] = plain
	}
	return list, nil
}

func normalObject(object map[string]any, levels int) (any, *Refusal) {
	if levels == 0 {
		return nil, refuse(CodeProperty, "lists and objects may be nested %d deep", maxNesting)
	}
	keywords := []string{"@value", "@type", "@language", "@id", "@list"}
	for name, inner := range object {
		if _, known := propertyName(name); !known && !slices.Contains(keywords, name) {
			return nil, refuse(CodeProperty, "the member %.100q of an object is not one that other connectors understand; name it by an absolute IRI, a term such as dct:title, or one of %v", name, keywords)
		}
		plain, failed := normalValue(inner, levels-1)
		if failed != nil {
			return nil, failed
		}
		object[name] = plain
	}
	return object, nil
}

// exactNumber takes numbers that every reader of JSON gets as they are: a
// double keeps 15 digits.
func exactNumber(text string) (any, *Refusal) {
	mantissa, _, _ := strings.Cut(strings.ToLower(text), "e")
	digits := strings.TrimLeft(strings.NewReplacer("-", "", ".", "").Replace(mantissa), "0")
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || len(strings.TrimRight(digits, "0")) > 15 {
		return nil, refuse(CodeProperty, "a number of more than 15 digits does not stay exact on its way; write it as a string")
	}
	return f, nil
}
