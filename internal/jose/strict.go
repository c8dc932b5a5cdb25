// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package jose

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// maxDepth is the deepest nesting of arrays and objects that is read.
const maxDepth = 64

var (
	errSyntax = errors.New("it is not JSON in UTF-8")
	errDepth  = errors.New("it is nested too deep")
	errObject = errors.New("it is not a JSON object")
)

// CheckJSON refuses a text that two readers could understand differently: what
// is not JSON (RFC 8259) in UTF-8, an object at any depth that uses a name
// twice (ErrDuplicate), half a surrogate pair, more than 64 levels. It takes
// time in proportion to the text.
func CheckJSON(text []byte) error {
	s := scanner{text: text}
	return s.check()
}

// membersOf is CheckJSON and returns the members of the object that the text is,
// each with its value as it stands in the text; nil: it is none.
func membersOf(text []byte) (map[string]json.RawMessage, error) {
	s := scanner{text: text, keep: true}
	err := s.check()
	return s.members, err
}

// scanner walks over a text that is known to be JSON.
type scanner struct {
	text []byte
	at   int
	open []level

	// Of the object that the text is, where they are asked for.
	keep    bool
	members map[string]json.RawMessage
	name    string // of the last one
	value   int    // where its value begins
}

// level is an array or object that is not closed yet.
type level struct {
	object bool
	name   bool // the next string is a member's name
	names  names
}

func (s *scanner) check() error {
	// The scanner of the standard library keeps the depth without recursion,
	// so a deep text is no danger here.
	if !utf8.Valid(s.text) || !json.Valid(s.text) {
		return errSyntax
	}
	return s.scan()
}

func (s *scanner) scan() error {
	for ; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case '{', '[':
			if len(s.open) == maxDepth {
				return errDepth
			}
			object := s.text[s.at] == '{'
			if object && s.keep && len(s.open) == 0 {
				s.members = map[string]json.RawMessage{}
			}
			s.open = append(s.open, level{object: object, name: object})
		case '}', ']':
			s.member()
			s.open = s.open[:len(s.open)-1]
		case ',':
			s.member()
			top := &s.open[len(s.open)-1]
			top.name = top.object
		case '"':
			if err := s.string(); err != nil {
				return err
			}
		}
	}
	return nil
}

// member keeps a member of the outermost object at whose end the scanner is.
func (s *scanner) member() {
	if len(s.open) > 1 || s.value == 0 {
		return
	}
	s.members[s.name] = bytes.TrimSpace(s.text[s.value:s.at])
	s.value = 0
}

// string reads to the closing quotation mark and keeps a member's name.
func (s *scanner) string() error {
	start := s.at
	escaped := false
	for s.at++; s.text[s.at] != '"'; s.at++ {
		if s.text[s.at] == '\\' {
			escaped = true
			s.at++
		}
	}
	value := s.text[start+1 : s.at]
	if escaped && loneSurrogate(value) {
		return errSyntax
	}
	if len(s.open) == 0 || !s.open[len(s.open)-1].name {
		return nil
	}
	top := &s.open[len(s.open)-1]
	top.name = false
	if escaped {
		var plain string
		if err := json.Unmarshal(s.text[start:s.at+1], &plain); err != nil {
			return errSyntax
		}
		value = []byte(plain)
	}
	if !top.names.add(value) {
		return ErrDuplicate
	}
	if s.members != nil && len(s.open) == 1 {
		colon := bytes.IndexByte(s.text[s.at:], ':')
		s.name, s.value = string(value), s.at+colon+1
	}
	return nil
}

// loneSurrogate looks for \uD800 to \uDFFF outside of a pair: readers replace
// it, each in its way, and then two names may be one.
func loneSurrogate(value []byte) bool {
	for {
		i := bytes.IndexByte(value, '\\')
		if i < 0 {
			return false
		}
		value = value[i:]
		if value[1] != 'u' {
			value = value[2:]
			continue
		}
		first := surrogate(value)
		value = value[6:]
		if first == 0 {
			continue
		}
		if first != 'h' || surrogate(value) != 'l' {
			return true
		}
		value = value[6:]
	}
}

// surrogate tells whether an escape of the form \uXXXX stands at the front and
// is a high ('h') or low ('l') half; 0: neither.
func surrogate(text []byte) byte {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' || text[2]|0x20 != 'd' {
		return 0
	}
	switch c := text[3] | 0x20; {
	case c == '8', c == '9', c == 'a', c == 'b':
		return 'h'
	case c >= 'c' && c <= 'f':
		return 'l'
	}
	return 0
}

// names is the set of an object's member names. Most objects are small, where
// looking through a list is quicker than hashing.
type names struct {
	few  [][]byte
	many map[string]struct{}
}

const few = 12

func (n *names) add(name []byte) bool {
	if n.many == nil {
		for _, other := range n.few {
			if bytes.Equal(other, name) {
				return false
			}
		}
		if n.few == nil {
			n.few = make([][]byte, 0, few)
		}
		if n.few = append(n.few, name); len(n.few) > few {
			n.many = make(map[string]struct{}, 4*few)
			for _, name := range n.few {
				n.many[string(name)] = struct{}{}
			}
		}
		return true
	}
	if _, taken := n.many[string(name)]; taken {
		return false
	}
	n.many[string(name)] = struct{}{}
	return true
}
