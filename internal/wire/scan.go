// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import "unicode/utf8"

// Limits of a text that is read as a message.
const (
	MaxSize   = 16 << 20 // bytes
	MaxDepth  = 64       // nested objects and lists
	maxValues = 1 << 18  // JSON values, which bounds the memory of a tree
)

type kind uint8

const (
	nullKind kind = iota
	boolKind
	numberKind
	stringKind
	arrayKind
	objectKind
)

// value is one JSON value and, inside an object, the name it has there.
// Members keep their order.
type value struct {
	name string
	kind kind
	text string  // stringKind: the string itself
	raw  []byte  // the value as it was written; nil for what expansion built
	kids []value // members or elements
}

// scan reads exactly one JSON value (RFC 8259) in UTF-8, and refuses what
// readers could take in different ways: a name twice in one object, half a
// surrogate pair, anything behind the value.
func scan(body []byte) (value, *Error) {
	if len(body) > MaxSize {
		return value{}, failure(CodeTooLarge, "the message has more than %d bytes", MaxSize)
	}
	if !utf8.Valid(body) {
		return value{}, failure(CodeMalformedJSON, "the message is not UTF-8")
	}
	s := scanner{body: body}
	s.space()
	v := s.value(0)
	s.space()
	if s.failed == nil && s.pos < len(body) {
		s.unexpected("the end of the message")
	}
	return v, s.failed
}

type scanner struct {
	body   []byte
	pos    int
	values int
	failed *Error
}

func (s *scanner) unexpected(want string) {
	if s.failed != nil {
		return
	}
	if s.pos >= len(s.body) {
		s.failed = failure(CodeMalformedJSON, "the JSON text ends at byte %d, expected %s", s.pos, want)
		return
	}
	s.failed = failure(CodeMalformedJSON, "the JSON text is malformed at byte %d, expected %s", s.pos, want)
}

func (s *scanner) space() {
	for s.pos < len(s.body) {
		switch s.body[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

// peek is the next byte, or 0 at the end.
func (s *scanner) peek() byte {
	if s.pos < len(s.body) {
		return s.body[s.pos]
	}
	return 0
}

func (s *scanner) value(depth int) (v value) {
	if s.values++; s.values > maxValues {
		s.failed = failure(CodeTooLarge, "the message has more than %d values", maxValues)
		return v
	}
	start := s.pos
	switch c := s.peek(); {
	case c == '{' || c == '[':
		if depth++; depth > MaxDepth {
			s.failed = failure(CodeTooDeep, "the message is nested deeper than %d levels", MaxDepth)
			return v
		}
		if c == '{' {
			v.kind, v.kids = objectKind, s.object(depth)
		} else {
			v.kind, v.kids = arrayKind, s.array(depth)
		}
	case c == '"':
		v.kind, v.text = stringKind, s.string()
	case c == '-' || '0' <= c && c <= '9':
		v.kind = numberKind
		s.number()
	default:
		v.kind = s.literal()
	}
	v.raw = s.body[start:s.pos]
	return v
}

func (s *scanner) object(depth int) (members []value) {
	s.pos++ // {
	if s.space(); s.peek() == '}' {
		s.pos++
		return nil
	}
	for s.failed == nil {
		if s.space(); s.peek() != '"' {
			s.unexpected("a member name")
			return members
		}
		name := s.string()
		if s.space(); s.peek() != ':' {
			s.unexpected("':'")
			return members
		}
		s.pos++
		s.space()
		member := s.value(depth)
		member.name = name
		members = append(members, member)
		s.space()
		if s.peek() == '}' {
			s.pos++
			s.distinct(members)
			return members
		}
		s.comma("',' or '}'")
	}
	return members
}

func (s *scanner) array(depth int) (items []value) {
	s.pos++ // [
	if s.space(); s.peek() == ']' {
		s.pos++
		return nil
	}
	for s.failed == nil {
		s.space()
		items = append(items, s.value(depth))
		s.space()
		if s.peek() == ']' {
			s.pos++
			return items
		}
		s.comma("',' or ']'")
	}
	return items
}

func (s *scanner) comma(want string) {
	if s.peek() != ',' {
		s.unexpected(want)
		return
	}
	s.pos++
}

// distinct refuses a second member of one name.
func (s *scanner) distinct(members []value) {
	const few = 12 // up to here comparing all pairs is the faster way
	if len(members) <= few {
		for i := range members {
			for j := range i {
				if members[i].name == members[j].name {
					s.duplicate(members[i].name)
				}
			}
		}
		return
	}
	seen := make(map[string]struct{}, len(members))
	for i := range members {
		if _, twice := seen[members[i].name]; twice {
			s.duplicate(members[i].name)
		}
		seen[members[i].name] = struct{}{}
	}
}

func (s *scanner) duplicate(name string) {
	if s.failed == nil {
		s.failed = failure(CodeDuplicateMember, "the member %s occurs twice in one object", excerpt(name))
	}
}
