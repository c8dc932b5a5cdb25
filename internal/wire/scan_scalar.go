// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

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
