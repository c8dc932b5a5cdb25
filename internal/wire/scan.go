// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

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

func (s *scanner) literal() kind {
	for _, word := range []string{"true", "false", "null"} {
		if len(s.body)-s.pos >= len(word) && string(s.body[s.pos:s.pos+len(word)]) == word {
			s.pos += len(word)
			if word == "null" {
				return nullKind
			}
			return boolKind
		}
	}
	s.unexpected("a value")
	return nullKind
}

// number reads -? int frac? exp? of RFC 8259 section 6.
func (s *scanner) number() {
	if s.peek() == '-' {
		s.pos++
	}
	if s.peek() == '0' {
		s.pos++
	} else {
		s.digits()
	}
	if s.peek() == '.' {
		s.pos++
		s.digits()
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		s.pos++
		if c := s.peek(); c == '+' || c == '-' {
			s.pos++
		}
		s.digits()
	}
}

func (s *scanner) digits() {
	start := s.pos
	for c := s.peek(); '0' <= c && c <= '9'; c = s.peek() {
		s.pos++
	}
	if s.pos == start {
		s.unexpected("a digit")
	}
}

// string reads a string; most hold no escape and are taken as they stand.
func (s *scanner) string() string {
	s.pos++ // "
	start := s.pos
	for s.pos < len(s.body) {
		switch c := s.body[s.pos]; {
		case c == '"':
			text := string(s.body[start:s.pos])
			s.pos++
			return text
		case c == '\\':
			return s.escaped(append([]byte(nil), s.body[start:s.pos]...))
		case c < 0x20:
			s.unexpected("no control character in a string")
			return ""
		}
		s.pos++
	}
	s.unexpected("the end of a string")
	return ""
}

// escaped goes on from the first escape of a string.
func (s *scanner) escaped(text []byte) string {
	for s.pos < len(s.body) && s.failed == nil {
		c := s.body[s.pos]
		switch {
		case c == '"':
			s.pos++
			return string(text)
		case c == '\\':
			text = s.escape(text)
			continue
		case c < 0x20:
			s.unexpected("no control character in a string")
			return ""
		}
		text = append(text, c)
		s.pos++
	}
	s.unexpected("the end of a string")
	return ""
}

var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (s *scanner) escape(text []byte) []byte {
	s.pos++ // backslash
	if s.peek() != 'u' {
		c, known := escapes[s.peek()]
		if !known {
			s.unexpected("an escape")
			return text
		}
		s.pos++
		return append(text, c)
	}
	r := s.hex()
	if utf16.IsSurrogate(r) {
		if s.peek() != '\\' {
			s.unexpected("the second half of a surrogate pair")
			return text
		}
		s.pos++
		if r = utf16.DecodeRune(r, s.hex()); r == utf8.RuneError {
			s.unexpected("a surrogate pair")
		}
	}
	return utf8.AppendRune(text, r)
}

// hex reads the u and four digits of an escape.
func (s *scanner) hex() rune {
	if s.peek() == 'u' && len(s.body)-s.pos >= 5 {
		if n, err := strconv.ParseUint(string(s.body[s.pos+1:s.pos+5]), 16, 16); err == nil {
			s.pos += 5
			return rune(n)
		}
	}
	s.unexpected("four hexadecimal digits")
	return 0
}
