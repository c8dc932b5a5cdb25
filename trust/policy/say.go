// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"regexp"
	"strconv"
	"strings"
)

// What people read is shorter than what is kept: terms of our own profile
// stand without its namespace, those of ODRL without theirs, a typed literal
// without its type, and what cannot be misread without quotes.

// short is the name of an action or operand for people. No name of our profile
// is one of ODRL's.
func short(term string) string {
	return strings.TrimPrefix(strings.TrimPrefix(normalTerm(term), Namespace), Profile)
}

var (
	// plainWord is a text that reads as it is: active, JP, CL-2025-11-05,
	// cx.pcf.base:1, 2027-07-01T00:00:00Z.
	plainWord = regexp.MustCompile(`^[\p{L}\p{N}+-][\p{L}\p{N}_.:+-]*$`)
	// plainIRI is an absolute IRI.
	plainIRI = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9.+-]*:[A-Za-z0-9_.~:/?#@!$&*+=%-]+$`)
	// plainPath is what may follow the namespace of our profile.
	plainPath = regexp.MustCompile(`^[A-Za-z0-9_-]+(/[A-Za-z0-9_.-]+)+$`)
)

// said is a text among values, as people read it. A path stands without quotes
// only where it belongs to our profile, and odrl: only for its namespace.
func said(text string) string {
	if rest, ok := strings.CutPrefix(text, Profile); ok && plainPath.MatchString(rest) {
		return rest
	}
	if rest, ok := strings.CutPrefix(text, Namespace); ok && plainWord.MatchString(rest) {
		return "odrl:" + rest
	}
	if (plainWord.MatchString(text) || plainIRI.MatchString(text)) && !strings.HasPrefix(text, "odrl:") {
		return text
	}
	return strconv.Quote(text)
}

// String is the value for people, not for parsing.
func (v Value) String() string {
	switch {
	case v.list != nil:
		parts := make([]string, len(v.list))
		for i, item := range v.list {
			parts[i] = item.String()
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case v.object != "":
		if text, datatype, err := readLiteral(v.object); err == nil && (datatype == "@id" || strings.HasPrefix(datatype, xsd)) {
			return said(text)
		}
		return v.object
	}
	return said(v.text)
}

func (a Atomic) String() string {
	return short(a.Left) + " " + short(a.Operator) + " " + a.Right.String()
}

func (l Logical) String() string {
	parts := make([]string, len(l.Constraints))
	for i, c := range l.Constraints {
		parts[i] = sayConstraint(c)
	}
	return l.Op + "(" + strings.Join(parts, ", ") + ")"
}

func sayConstraint(c Constraint) string {
	if c == nil {
		return "nothing"
	}
	return c.String()
}

// String says the rule in one line, for people.
func (r Rule) String() string {
	terms := make([]string, len(r.Constraints))
	for i, c := range r.Constraints {
		terms[i] = sayConstraint(c)
	}
	duties := make([]string, len(r.Duties))
	for i, d := range r.Duties {
		duties[i] = ", with the duty to " + d.String()
	}
	return short(r.Action) + where(terms) + strings.Join(duties, "")
}

// where is what an action is bound to.
func where(terms []string) string {
	if len(terms) == 0 {
		return ""
	}
	return " where " + strings.Join(terms, " and ")
}
