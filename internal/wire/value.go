// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// get returns the member of that exact name, or nil.
func (v *value) get(name string) *value {
	if v.kind != objectKind {
		return nil
	}
	for i := range v.kids {
		if v.kids[i].name == name {
			return &v.kids[i]
		}
	}
	return nil
}

// canonical is the JSON text of a value without spaces, with sorted members and
// with one spelling of each string, so that two spellings of one value compare
// equal. Numbers keep their digits: amounts are never rounded here.
func (v *value) canonical() json.RawMessage { return v.append(nil) }

func (v *value) append(b []byte) []byte {
	switch v.kind {
	case stringKind:
		return appendQuoted(b, v.text)
	case arrayKind:
		b = append(b, '[')
		for i := range v.kids {
			if i > 0 {
				b = append(b, ',')
			}
			b = v.kids[i].append(b)
		}
		return append(b, ']')
	case objectKind:
		b = append(b, '{')
		for i, m := range sortedByName(v.kids) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendQuoted(b, m.name), ':')
			b = m.append(b)
		}
		return append(b, '}')
	default:
		return append(b, v.raw...)
	}
}

func sortedByName(members []value) []value {
	byName := func(a, b value) int { return strings.Compare(a.name, b.name) }
	if slices.IsSortedFunc(members, byName) {
		return members
	}
	members = slices.Clone(members)
	slices.SortFunc(members, byName)
	return members
}

// unwrapped is the element of a list of one, else the value itself. Terms
// without @set make no difference between the two (JSON-LD 1.1 section 4.3).
func (v *value) unwrapped() *value {
	for v.kind == arrayKind && len(v.kids) == 1 {
		v = &v.kids[0]
	}
	return v
}

// words is a string, also one in the JSON-LD dress of @value or @id.
func (v *value) words() (string, bool) {
	for _, name := range []string{"@value", "@id"} {
		if inner := v.get(name); inner != nil {
			v = inner
		}
	}
	return v.text, v.kind == stringKind
}

// native is the value as encoding/json would give it, for json-gold. Numbers
// stay digits, but inside a @context, where json-gold demands float64.
func (v *value) native(inContext bool) any {
	switch v.kind {
	case stringKind:
		return v.text
	case boolKind:
		return v.raw[0] == 't'
	case numberKind:
		if inContext {
			f, _ := strconv.ParseFloat(string(v.raw), 64) // syntax was checked
			return f
		}
		return json.Number(v.raw)
	case arrayKind:
		list := make([]any, len(v.kids))
		for i := range v.kids {
			list[i] = v.kids[i].native(inContext)
		}
		return list
	case objectKind:
		object := make(map[string]any, len(v.kids))
		for i := range v.kids {
			m := &v.kids[i]
			object[m.name] = m.native(inContext || m.name == "@context")
		}
		return object
	default:
		return nil
	}
}

// appendQuoted appends a JSON string as RFC 8785 section 3.2.2.2 spells it. Bytes that are no UTF-8 become U+FFFD.
func appendQuoted(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(append(b, s[start:i]...), "\uFFFD"...)
				start = i + 1
			}
			i += size
			continue
		}
		if c >= 0x20 && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		case '\b':
			b = append(b, '\\', 'b')
		case '\f':
			b = append(b, '\\', 'f')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

// without is a copy of members that lacks one.
func without(members []value, name string) []value {
	return slices.DeleteFunc(slices.Clone(members), func(m value) bool { return m.name == name })
}
