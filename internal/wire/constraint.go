// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"slices"
)

// Constraint is either atomic (LeftOperand, Operator, RightOperand) or
// logical: exactly one of And, Or, Xone, AndSequence is not nil. A peer may
// send a logical one over nothing, and it is kept; we send none.
type Constraint struct {
	LeftOperand  string
	Operator     string
	RightOperand json.RawMessage // a JSON string, object or list

	And, Or, Xone, AndSequence []Constraint

	Extra Extra
}

// operators are those of contract-schema.json, with its fossil at the end.
var operators = []string{"eq", "gt", "gteq", "lteq", "hasPart", "isA", "isAllOf", "isAnyOf", "isNoneOf", "isPartOf", "lt", "neq", "term-lteq"}

var logicals = []string{"and", "andSequence", "or", "xone"}

// readConstraint takes the one shape, atomic or logical, that is complete. The
// schema lets leftovers of the other shape stand beside it; they go to Extra,
// where whoever judges the policy finds a condition that nobody understands.
func readConstraint(r *reader, o *value) Constraint {
	logical, count := logicalOf(o)
	atomic := o.get("leftOperand") != nil || o.get("operator") != nil || o.get("rightOperand") != nil
	switch {
	case count == 0:
		return readAtomic(r, o)
	case atomic:
		return readMixed(r, o, logical, count)
	case count > 1:
		r.invalid("", oneLogical)
		return Constraint{}
	default:
		return readLogical(r, o, logical)
	}
}

const (
	oneLogical = "a constraint with exactly one of and, andSequence, or, xone"
	oneShape   = "either an atomic or a logical constraint, not both"
)

// logicalOf names a logical member of an object and counts them.
func logicalOf(o *value) (name string, count int) {
	for _, l := range logicals {
		if o.get(l) != nil {
			name, count = l, count+1
		}
	}
	return name, count
}

// readMixed reads an object with members of both shapes: valid is whatever is
// valid in exactly one of them. The shape that needs no exception goes first.
func readMixed(r *reader, o *value, logical string, count int) Constraint {
	asAtomic, asLogical := r.branch(), r.branch()
	atomic, nested := readAtomic(asAtomic, o), readLogical(asLogical, o, logical)
	if count > 1 {
		asLogical.invalid("", oneLogical)
	}
	if asAtomic.ok() && asLogical.ok() && (len(asAtomic.used) == 0) == (len(asLogical.used) == 0) {
		r.invalid("", oneShape)
		return Constraint{}
	}
	if asAtomic.ok() && (len(asAtomic.used) == 0 || !asLogical.ok()) {
		r.join(asAtomic)
		return atomic
	}
	r.join(asLogical)
	return nested
}

func readAtomic(r *reader, o *value) (c Constraint) {
	c.LeftOperand = r.word(o, "leftOperand")
	c.Operator = r.word(o, "operator")
	if v := o.get("operator"); v != nil && c.Operator != v.text {
		r.allow(ExceptionJSONLD)
	}
	c.RightOperand = readRightOperand(r, o)
	c.Extra = r.policyExtra(o, "leftOperand", "operator", "rightOperand")
	c.checkAtomic(&r.trail)
	return c
}

func readLogical(r *reader, o *value, name string) (c Constraint) {
	v := o.get(name)
	items := v.kids
	switch {
	case v.kind == objectKind:
		r.allow(ExceptionUnwrappedList)
		items = []value{*v}
	case v.kind != arrayKind:
		r.invalid(name, "a list of constraints")
		return c
	}
	nested := readList(r, name, items, readConstraint)
	if nested == nil {
		nested = []Constraint{} // the schema permits it; see Constraint
	}
	*c.operands(name) = nested
	c.Extra = r.policyExtra(o, name)
	return c
}

func (c *Constraint) operands(logical string) *[]Constraint {
	switch logical {
	case "and":
		return &c.And
	case "or":
		return &c.Or
	case "xone":
		return &c.Xone
	default:
		return &c.AndSequence
	}
}

func (c *Constraint) check(t *trail) {
	logical := 0
	for _, name := range logicals {
		items := *c.operands(name)
		if items != nil {
			logical++
		}
		if items != nil && len(items) == 0 && !t.lenient {
			t.invalid(name, "a list of at least one constraint")
		}
		checkList(t, name, items, func(c *Constraint) { c.check(t) })
	}
	atomic := c.LeftOperand != "" || c.Operator != "" || len(c.RightOperand) > 0
	switch {
	case logical > 1:
		t.invalid("", oneLogical)
	case logical == 1 && atomic:
		t.invalid("", oneShape)
	case logical == 0:
		c.checkAtomic(t)
	}
}

func (c *Constraint) checkAtomic(t *trail) {
	t.need("leftOperand", c.LeftOperand)
	t.need("operator", c.Operator)
	t.need("rightOperand", string(c.RightOperand))
	if t.ok() && !slices.Contains(operators, Term(c.Operator)) {
		t.invalid("operator", "an operator of the protocol, such as eq, lteq or isAnyOf")
	}
}

func (c *Constraint) write(w *writer) {
	if c.LeftOperand != "" {
		w.must("leftOperand", Term(c.LeftOperand))
		w.must("operator", Term(c.Operator))
		w.raw("rightOperand", sentOperand(c.RightOperand))
	}
	for _, name := range logicals {
		items := *c.operands(name)
		if items != nil && len(items) == 0 {
			w.raw(name, json.RawMessage("[]"))
		}
		writeList(w, name, items, (*Constraint).write)
	}
	c.Extra.writeAll(w)
}
