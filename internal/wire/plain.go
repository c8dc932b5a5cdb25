// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// expandToPlain expands a message and names its IRIs by the bare terms of the
// DSP context again. This is not the compaction of JSON-LD, which costs six
// times as much and leaves one-element lists in doubt: the result only has to
// be readable by the one reader that reads plain messages.
func expandToPlain(doc *value) (value, *Error) {
	if failed := affordable(doc); failed != nil {
		return value{}, failed
	}
	expanded, failed := expand(doc)
	if failed != nil {
		return value{}, failed
	}
	if len(expanded) == 0 { // no member has a meaning; let the reader say what is missing
		return value{kind: objectKind}, nil
	}
	if len(expanded) > 1 {
		return value{}, failure(CodeJSONLDInvalid, "it describes %d things instead of one message", len(expanded))
	}
	top, ok := expanded[0].(map[string]any)
	if !ok {
		return value{}, failure(CodeJSONLDInvalid, "it does not describe a message")
	}
	return plainNode(top), nil
}

// plainNode is a node object under bare terms.
func plainNode(node map[string]any) value {
	object := value{kind: objectKind}
	typ := plainType(node["@type"])
	if typ != "" {
		object.kids = append(object.kids, textValue("@type", typ))
	}
	if id, ok := node["@id"].(string); ok {
		object.kids = append(object.kids, textValue("@id", id))
	}
	terms := vocabularyOf(typ)
	for _, iri := range slices.Sorted(maps.Keys(node)) {
		if strings.HasPrefix(iri, "@") {
			continue
		}
		t, known := terms[iri]
		if !known {
			t, known = vocabularies[""][iri]
		}
		if !known {
			t = term{name: iri}
		}
		if member, present := plainMember(t, node[iri]); present {
			object.kids = append(object.kids, member)
		}
	}
	return object
}

// plainType is the one type that the protocol knows, or else the first.
func plainType(types any) string {
	list, _ := types.([]any)
	first := ""
	for _, t := range list {
		iri, _ := t.(string)
		if name, known := typeNames[iri]; known {
			return name
		}
		if first == "" {
			first = iri
		}
	}
	return first
}

// plainMember is a member with all its values: a list where the term demands
// one or there are several.
func plainMember(t term, values any) (member value, present bool) {
	var items []value
	list, _ := values.([]any)
	for _, v := range list {
		items = append(items, plainItems(t, v)...)
	}
	if len(items) == 1 && !t.set {
		member = items[0]
	} else {
		member = value{kind: arrayKind, kids: items}
	}
	member.name = t.name
	return member, t.set || len(items) > 0
}

// plainItems is one expanded value; several where it is a list object.
func plainItems(t term, expanded any) []value {
	object, ok := expanded.(map[string]any)
	if !ok {
		return []value{scalarValue(expanded)}
	}
	if list, ok := object["@list"].([]any); ok {
		var items []value
		for _, v := range list {
			items = append(items, plainItems(t, v)...)
		}
		return items
	}
	if literal, ok := object["@value"]; ok {
		if len(object) == 1 {
			return []value{scalarValue(literal)}
		}
		return []value{keywordObject(object)}
	}
	if id, ok := object["@id"].(string); ok && len(object) == 1 && t.as != literal {
		if t.as == word {
			id = Term(id)
		}
		return []value{textValue("", id)}
	}
	return []value{plainNode(object)}
}

// keywordObject keeps a typed or language-tagged literal as it is.
func keywordObject(object map[string]any) value {
	v := value{kind: objectKind}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		member := scalarValue(object[name])
		member.name = name
		v.kids = append(v.kids, member)
	}
	return v
}

func textValue(name, text string) value {
	return value{name: name, kind: stringKind, text: text}
}

// scalarValue is a literal. A literal of @type @json may be any JSON value.
func scalarValue(literal any) value {
	switch v := literal.(type) {
	case string:
		return textValue("", v)
	case bool:
		return value{kind: boolKind, raw: fmt.Append(nil, v)}
	case json.Number:
		return value{kind: numberKind, raw: []byte(v)}
	case nil:
		return value{kind: nullKind, raw: []byte("null")}
	}
	raw, err := json.Marshal(literal)
	if err != nil {
		return value{kind: nullKind, raw: []byte("null")}
	}
	v, _ := scan(raw)
	return v
}
