// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"slices"
	"strconv"
	"strings"

	"github.com/musubi-ods/musubi/internal/jcs"
)

// Value is a right operand: a text, an object, or a list of these. Numbers and
// booleans are texts, since the protocol's schema allows no other: 5, 5.0 and
// "5" are one value. The zero Value is the empty text.
type Value struct {
	text   string
	object string  // canonical JSON; not empty makes the value an object
	list   []Value // not nil makes the value a list
}

// Text returns a plain literal.
func Text(s string) Value { return Value{text: strings.ToValidUTF8(s, "\ufffd")} }

// List returns a list of texts and objects. Neither their order nor repetition
// has a meaning, and a list of one value is that value: JSON-LD makes no
// difference.
func List(items ...Value) Value { return Value{list: append([]Value{}, items...)} }

// Texts is List for plain literals.
func Texts(items ...string) Value {
	list := make([]Value, len(items))
	for i, item := range items {
		list[i] = Text(item)
	}
	return Value{list: list}
}

// Reference returns an object that names a thing by its IRI.
func Reference(iri string) Value {
	return Value{object: `{"@id":` + string(jcs.AppendString(nil, expandPrefix(iri))) + `}`}
}

// Plain returns the literal, and false for objects and lists.
func (v Value) Plain() (string, bool) { return v.text, v.object == "" && v.list == nil }

// Object returns an object as canonical JSON (RFC 8785), such as
// {"@type":"http://www.w3.org/2001/XMLSchema#date","@value":"2026-04-01"}.
func (v Value) Object() (string, bool) { return v.object, v.object != "" }

// Items returns the values of a list, or the value itself as the only one.
func (v Value) Items() []Value {
	if v.list == nil {
		return []Value{v}
	}
	return slices.Clone(v.list)
}

// distinct are the items as the set that they are, also in Hash: each once.
func (v Value) distinct() []Value {
	seen := make(map[string]bool, len(v.list))
	return slices.DeleteFunc(v.Items(), func(item Value) bool {
		key := string(item.appendTo(nil, sorted))
		was := seen[key]
		seen[key] = true
		return was
	})
}

// Equal reports whether two values are the same, by the rules of List.
func (v Value) Equal(other Value) bool {
	return string(v.appendTo(nil, sorted)) == string(other.appendTo(nil, sorted))
}

// raw is the value with nothing left out, for those who look closer.
func (v Value) raw() string {
	switch {
	case v.list != nil:
		parts := make([]string, len(v.list))
		for i, item := range v.list {
			parts[i] = item.raw()
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case v.object != "":
		return v.object
	}
	return strconv.Quote(v.text)
}

// typed returns a literal of a datatype of XML Schema.
func typed(datatype, text string) Value {
	o := newObject(nil)
	o.text("@type", xsd+datatype)
	o.text("@value", text)
	return Value{object: string(o.close())}
}
