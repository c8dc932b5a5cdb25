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

// ordered gives the elements of a list object.
func ordered(expanded any) ([]any, bool) {
	object, _ := expanded.(map[string]any)
	list, ok := object["@list"].([]any)
	return list, ok
}

func (p *plainer) items(t term, list []any) []value {
	var items []value
	for _, v := range list {
		items = append(items, p.item(t, v))
	}
	return items
}

// item is one expanded value. A list that does not stand alone stays a list,
// which only a right operand may hold: its order among others says nothing.
func (p *plainer) item(t term, expanded any) value {
	object, ok := expanded.(map[string]any)
	if !ok {
		return scalarValue(expanded)
	}
	if list, ok := ordered(object); ok {
		return value{kind: arrayKind, kids: p.items(t, list)}
	}
	if content, ok := object["@value"]; ok {
		text, _ := content.(string)
		misplaced := t.as != literal && strings.HasPrefix(t.id, "odrl:") && p.ambiguous(text)
		if len(object) == 1 && !misplaced {
			return scalarValue(content)
		}
		return keywordObject(object)
	}
	if id, ok := object["@id"].(string); ok && len(object) == 1 && t.as != literal {
		if t.as == word {
			id = Term(bare(id))
		}
		return textValue("", id)
	}
	return p.node(object)
}

// ambiguous reports whether a text stands where a name belongs and would be
// another one if it were read as such: a name of the message's own context.
// To JSON-LD it is a text, so that nobody can say which of the two is meant.
func (p *plainer) ambiguous(text string) bool {
	prefix, _, compact := strings.Cut(text, ":")
	if p.defined[prefix] {
		return true
	}
	_, word := protectedNames[text]
	return !compact && !word && p.defined["@vocab"]
}

// keywordObject keeps a typed or language-tagged literal as it is.
func keywordObject(object map[string]any) value {
	v := value{kind: objectKind}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		member := scalarValue(object[name])
		member.name = name
		if name == "@type" {
			member.text = bare(member.text)
		}
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
