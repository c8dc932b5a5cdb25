// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/musubi-ods/musubi/internal/jcs"
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
	normal := normalOperand(v)
	if v.kind == numberKind && normal.kind == numberKind {
		r.invalid("rightOperand", "a number of at most 15 digits within the range of a double, or a string")
	}
	return normal.canonical()
}

// normalOperand takes off what JSON-LD may dress a value in. What it does not
// know stays as it is, for whoever judges the policy to refuse.
func normalOperand(v *value) *value {
	switch v.kind {
	case numberKind, boolKind:
		return normalScalar(v)
	case arrayKind:
		return oneOrList(normalItems(v, false))
	case objectKind:
		return normalObject(v)
	default:
		return v
	}
}

// normalItems are the elements of a list, each in normal form. As in JSON-LD,
// a set within a set is one set; a list within a list stays one.
func normalItems(v *value, ordered bool) (items []value) {
	if v.kind != arrayKind {
		return []value{*normalOperand(v)}
	}
	for i := range v.kids {
		item := normalOperand(&v.kids[i])
		dissolves := item.kind == arrayKind && !ordered && v.kids[i].get("@list") == nil
		if dissolves {
			items = append(items, item.kids...)
		} else {
			items = append(items, *item)
		}
	}
	return items
}

func oneOrList(items []value) *value {
	if len(items) == 1 {
		return &items[0]
	}
	return &value{kind: arrayKind, kids: items}
}

func normalObject(v *value) *value {
	id, literal := v.get("@id"), v.get("@value")
	switch {
	case literal != nil:
		return normalLiteral(v, literal)
	case len(v.kids) != 1:
		return v
	case id != nil && id.kind == stringKind:
		return &value{kind: objectKind, kids: []value{textValue("@id", IRI(id.text))}}
	case v.get("@list") != nil:
		return oneOrList(normalItems(v.get("@list"), true))
	case v.get("@set") != nil:
		return oneOrList(normalItems(v.get("@set"), false))
	default:
		return v
	}
}

// normalLiteral spells out the datatype of {"@value": ..., "@type": "xsd:date"}
// and makes a text of a literal without one.
func normalLiteral(v, literal *value) *value {
	text := normalScalar(literal)
	if len(v.kids) == 1 && text.kind == stringKind {
		return text
	}
	normal := value{kind: objectKind}
	for i := range v.kids {
		name := v.kids[i].name
		m := *v.kids[i].unwrapped()
		m.name = name
		switch {
		case m.name == "@value":
			m = *text
			m.name = "@value"
		case m.name == "@type" && m.kind == stringKind:
			m.text = datatype(m.text)
		case m.name == "@language" && m.kind == stringKind:
			m.text = strings.ToLower(m.text) // case means nothing in a tag (RFC 5646 section 2.1.1)
		}
		normal.kids = append(normal.kids, m)
	}
	if typ := normal.get("@type"); len(v.kids) == 2 && typ != nil && typ.text == IRI("xsd:string") && text.kind == stringKind {
		return text
	}
	return &normal
}

// datatype is the full IRI of a datatype. A word of the DSP context is none
// that anybody uses, but to JSON-LD it has one.
func datatype(name string) string {
	if strings.Contains(name, ":") {
		return IRI(name)
	}
	for iri, bare := range words {
		if bare == name {
			return iri
		}
	}
	return name
}

// normalScalar makes a text of a boolean and of a number. A number that two
// readers may round differently stays one.
func normalScalar(v *value) *value {
	text, ok := v.text, v.kind == stringKind
	if v.kind == boolKind {
		text, ok = string(v.raw), true
	}
	if v.kind == numberKind {
		text, ok = normalNumber(string(v.raw))
	}
	if !ok {
		return v
	}
	scalar := textValue("", text)
	return &scalar
}

// normalNumber is the spelling of a number by RFC 8785, so that 5 and 5.0 are
// one operand. It never rounds: every double keeps 15 digits.
func normalNumber(number string) (string, bool) {
	const digits, smallest = 15, 1e-300
	mantissa, _, _ := strings.Cut(strings.ToLower(strings.TrimPrefix(number, "-")), "e")
	significant := strings.Trim(strings.Replace(mantissa, ".", "", 1), "0")
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || len(significant) > digits || significant != "" && math.Abs(f) < smallest {
		return "", false
	}
	text, err := jcs.Transform([]byte(number))
	return string(text), err == nil
}

// sentOperand brings an operand that our own side made to normal form too.
func sentOperand(raw json.RawMessage) json.RawMessage {
	v, failed := scan(raw)
	if failed != nil {
		return raw // the writer refuses it
	}
	return normalOperand(&v).canonical()
}
