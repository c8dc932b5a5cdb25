// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"slices"
)

// readRightOperand brings the operand to normal form: a list of one is its
// element, since JSON-LD peers do not keep the difference; a number or a
// boolean is a string, since the schema demands it.
func readRightOperand(r *reader, o *value) json.RawMessage {
	v := o.get("rightOperand")
	if v == nil {
		return nil
	}
	if v.kind == nullKind {
		r.invalid("rightOperand", "a string, an object or a list")
		return nil
	}
	if v.kind == numberKind || v.kind == boolKind {
		r.allow(ExceptionScalarOperand)
	}
	return normalOperand(v)
}

func normalOperand(v *value) json.RawMessage {
	v = v.unwrapped()
	switch v.kind {
	case numberKind, boolKind:
		return appendQuoted(nil, string(v.raw))
	case objectKind:
		return typedLiteral(v).canonical()
	default:
		return v.canonical()
	}
}

// typedLiteral spells out the datatype of {"@value": ..., "@type": "xsd:date"}.
func typedLiteral(v *value) *value {
	for i := range v.kids {
		if m := &v.kids[i]; m.name == "@type" && m.kind == stringKind && IRI(m.text) != m.text {
			spelt := *v
			spelt.kids = slices.Clone(v.kids)
			spelt.kids[i].text = IRI(m.text)
			return &spelt
		}
	}
	return v
}

// sentOperand brings an operand that our own side made to normal form too.
func sentOperand(raw json.RawMessage) json.RawMessage {
	v, failed := scan(raw)
	if failed != nil {
		return raw // the writer refuses it
	}
	return normalOperand(&v)
}
