// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"github.com/musubi-ods/musubi/internal/caltime"
)

// Type says how the values of an operand are compared.
type Type string

// The types. Text, IRI and Version take sets on both sides.
const (
	TypeText    Type = "text"    // compared byte by byte
	TypeIRI     Type = "iri"     // as Text; isA, hasPart and isPartOf know what lies below what
	TypeBoolean Type = "boolean" // "true" or "false"
	TypeNumber  Type = "number"  // exact decimals
	TypeScalar  Type = "scalar"  // as Text; lt, lteq, gt and gteq compare it as a number
	TypeVersion Type = "version" // text whose numbers are compared as numbers: v9 before v10
	TypeMoment  Type = "moment"  // an xsd:dateTime, or an xsd:date, which is a whole day
	TypeWindow  Type = "window"  // as Moment, or relative to the agreement: contractAgreement+P1Y
	TypeElapsed Type = "elapsed" // an xsd:duration since the agreement
)

var (
	equality = []string{Eq, Neq}
	ordering = []string{Lt, Lteq, Gt, Gteq}
	sets     = []string{HasPart, IsA, IsAllOf, IsAnyOf, IsNoneOf, IsPartOf}
)

// Operators are those that have a meaning for the type.
func (t Type) Operators() []string {
	switch t {
	case TypeText, TypeIRI:
		return append(append([]string(nil), equality...), sets...)
	case TypeScalar:
		return append(append(append([]string(nil), equality...), ordering...), sets...)
	case TypeNumber, TypeVersion:
		return append(append(append([]string(nil), equality...), ordering...), IsAllOf, IsAnyOf, IsNoneOf)
	case TypeMoment, TypeWindow:
		return append(append([]string(nil), equality...), ordering...)
	case TypeElapsed:
		return ordering
	case TypeBoolean:
		return equality
	}
	return nil
}

// known reports whether it is one of the types above.
func (t Type) known() bool { return t.Operators() != nil }

// number is an exact decimal, with a fast way for whole ones.
type number struct {
	valid bool
	whole int64
	exact *big.Rat // nil: whole is the number
}

var decimal = regexp.MustCompile(`^[+-]?[0-9]{1,40}(\.[0-9]{1,40})?$`)

func parseNumber(s string) (number, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return number{valid: true, whole: n}, true
	}
	if !decimal.MatchString(s) { // no exponents: they cost without bound
		return number{}, false
	}
	r, ok := new(big.Rat).SetString(s)
	return number{valid: ok, exact: r}, ok
}

func (n number) compare(other number) int {
	if n.exact == nil && other.exact == nil {
		switch {
		case n.whole < other.whole:
			return -1
		case n.whole > other.whole:
			return 1
		}
		return 0
	}
	return n.rat().Cmp(other.rat())
}

func (n number) rat() *big.Rat {
	if n.exact != nil {
		return n.exact
	}
	return new(big.Rat).SetInt64(n.whole)
}

// right is a compiled value of the right side.
type right struct {
	text     string
	number   number
	moment   caltime.Moment
	duration caltime.Duration
	relative bool // it is duration, counted from the agreement
}

// literal is a right operand taken apart: its text, and its datatype if it
// names one.
func (v Value) literal() (text, datatype string, err error) {
	if text, ok := v.Plain(); ok {
		return text, "", nil
	}
	object, ok := v.Object()
	if !ok {
		return "", "", fmt.Errorf("a list stands inside a list")
	}
	return readLiteral(object)
}

// compile reads one value of the right side as the type has it.
func (t Type) compile(v Value) (right, error) {
	text, datatype, err := v.literal()
	if err != nil {
		return right{}, err
	}
	if datatype != "" && !t.takesDatatype(datatype) {
		return right{}, fmt.Errorf("a value of type %.80q is no %s", datatype, t)
	}
	r := right{text: text}
	switch t {
	case TypeText:
	case TypeScalar:
		r.number, _ = parseNumber(text) // see Registry.atom
	case TypeVersion:
		if text == "" {
			err = fmt.Errorf("it is empty")
		}
	case TypeIRI:
		r.text = normalTerm(text)
	case TypeBoolean:
		if text != "true" && text != "false" {
			err = fmt.Errorf("%.40q is neither true nor false", text)
		}
	case TypeNumber:
		var ok bool
		if r.number, ok = parseNumber(text); !ok {
			err = fmt.Errorf("%.40q is no number", text)
		}
	case TypeMoment:
		r.moment, err = caltime.ParseMoment(text, nil)
	case TypeWindow:
		if r.duration, r.relative, err = caltime.ParseRelative(text); err == nil && !r.relative {
			r.moment, err = caltime.ParseMoment(text, nil)
		}
	case TypeElapsed:
		if r.duration, err = caltime.ParseDuration(text); err == nil && r.duration.Negative() {
			err = fmt.Errorf("%.40q is negative", text)
		}
		r.relative = true
	default:
		err = fmt.Errorf("the type %q is none", t)
	}
	return r, err
}

const xsd = "http://www.w3.org/2001/XMLSchema#"

// takesDatatype reports whether a typed literal can stand for a value of the
// type.
func (t Type) takesDatatype(iri string) bool {
	if iri == "@id" {
		return t == TypeIRI || t == TypeText || t == TypeScalar
	}
	name, ok := strings.CutPrefix(iri, xsd)
	if !ok {
		return false
	}
	switch t {
	case TypeText, TypeVersion, TypeScalar:
		return name == "string" || name == "token" || t == TypeScalar && name != "dateTime" && name != "date" && name != "duration"
	case TypeIRI:
		return name == "string" || name == "anyURI"
	case TypeBoolean:
		return name == "boolean"
	case TypeNumber:
		switch name {
		case "integer", "decimal", "int", "long", "nonNegativeInteger", "positiveInteger":
			return true
		}
		return false
	case TypeMoment, TypeWindow:
		return name == "dateTime" || name == "date" || name == "dateTimeStamp"
	case TypeElapsed:
		return name == "duration" || name == "dayTimeDuration" || name == "yearMonthDuration"
	}
	return false
}

// newFloor rounds towards negative infinity.
func newFloor(r *big.Rat) *big.Int {
	return new(big.Int).Div(r.Num(), r.Denom()) // Euclidean, and a denominator is positive
}
