// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"maps"
	"slices"
)

// Limits of what a request may declare beside the members of the protocol:
// both sides record it, with the negotiation or the transfer.
const (
	MaxDeclared     = 64       // members
	MaxDeclaredSize = 16 << 10 // bytes, names and values together
)

// Declared takes apart the extra members of a request, which is where a
// consumer declares things such as its purpose: for each full IRI the texts of
// its values, in their order, the same in every JSON-LD form of the message.
//
// A value is a string, a number or boolean (as text, as in a right operand), a
// literal ({"@value"}, whose datatype and language are left out), a reference
// ({"@id"}, as a full IRI) or a list or set of these. A member with any other
// value is named in unreadable, sorted, and has no texts: it is as good as not
// declared. So is a member without a value.
//
// The texts are the peer's words.
func (e Extra) Declared() (texts map[string][]string, unreadable []string) {
	texts = map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(e)) {
		v, failed := scan(e[name])
		var words []string
		ok := failed == nil
		if ok {
			words, ok = declared(nil, &v)
		}
		switch {
		case !ok:
			unreadable = append(unreadable, IRI(name))
		case len(words) > 0:
			texts[IRI(name)] = append(texts[IRI(name)], words...)
		}
	}
	return texts, slices.Compact(unreadable)
}

// Recorded is what is kept of a request's extra members: by full IRI, a text or
// a list of texts as JSON, whatever the form of the message; what Declared
// cannot read stays as it came, so that whoever asks for it is told so.
func (e Extra) Recorded() map[string]json.RawMessage {
	texts, unreadable := e.Declared()
	out := make(map[string]json.RawMessage, len(texts)+len(unreadable))
	for name, list := range texts {
		if len(list) == 1 {
			out[name] = appendQuoted(nil, list[0])
			continue
		}
		raw := []byte{'['}
		for i, text := range list {
			if i > 0 {
				raw = append(raw, ',')
			}
			raw = appendQuoted(raw, text)
		}
		out[name] = append(raw, ']')
	}
	for name, raw := range e {
		if slices.Contains(unreadable, IRI(name)) {
			out[IRI(name)] = raw
		}
	}
	return out
}

// declared adds the texts of one value.
func declared(texts []string, v *value) ([]string, bool) {
	if v.kind == nullKind {
		return texts, true
	}
	v = normalOperand(v)
	switch v.kind {
	case stringKind:
		return append(texts, v.text), true
	case arrayKind:
		for i := range v.kids {
			var ok bool
			if texts, ok = declared(texts, &v.kids[i]); !ok {
				return nil, false
			}
		}
		return texts, true
	case objectKind:
		text, ok := reference(v)
		return append(texts, text), ok
	default: // a number that cannot be kept
		return nil, false
	}
}

// reference is the text of a literal or a reference, and of no other object.
func reference(v *value) (string, bool) {
	inner := v.get("@id")
	if literal := v.get("@value"); literal != nil {
		inner = literal
		for i := range v.kids {
			if v.kids[i].kind != stringKind || !slices.Contains([]string{"@value", "@type", "@language", "@direction"}, v.kids[i].name) {
				return "", false
			}
		}
	} else if len(v.kids) != 1 {
		return "", false
	}
	if inner == nil || inner.kind != stringKind {
		return "", false
	}
	return inner.text, true
}

// checkDeclared keeps the limits.
func checkDeclared(t *trail, e Extra) {
	size := 0
	for name, raw := range e {
		size += len(name) + len(raw)
	}
	if t.ok() && (len(e) > MaxDeclared || size > MaxDeclaredSize) {
		t.fail(failure(CodeTooLarge, "the members beyond those of the protocol may be %d and have %d bytes together", MaxDeclared, MaxDeclaredSize))
	}
}
