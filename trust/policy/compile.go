// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"slices"
	"strconv"
)

// Compiled is a policy made ready to be evaluated any number of times, by any
// number of goroutines.
type Compiled struct {
	rules []rule
}

type ruleKind string

const (
	permission  ruleKind = "permission"
	prohibition ruleKind = "prohibition"
	obligation  ruleKind = "obligation"
)

type rule struct {
	kind    ruleKind
	place   string // permission[0]
	action  string
	problem string // why the rule as a whole is Unknown
	nodes   []node
}

// node is a compiled constraint.
type node interface {
	// eval judges it. With a trace it also says why.
	eval(e *evaluation, t *ConstraintTrace) Result
	// visit calls do for each atom.
	visit(do func(*atom))
}

type atom struct {
	left     string   // normal term
	operand  *Operand // nil: not registered
	operator string
	right    []right
	text     string // the right side, raw
	said     string // and for people
	problem  string // why it is Unknown whatever the facts
}

type logical struct {
	op    string
	nodes []node
}

// Compile makes a policy ready. What nobody registered, or has a value of the
// wrong type, does not fail: it is Unknown whenever it is evaluated.
func (r *Registry) Compile(p Policy) *Compiled {
	c := &Compiled{}
	for _, part := range []struct {
		kind  ruleKind
		rules []Rule
	}{{permission, p.Permissions}, {prohibition, p.Prohibitions}, {obligation, p.Obligations}} {
		for i, rule := range part.rules {
			c.rules = append(c.rules, r.rule(part.kind, i, rule))
		}
	}
	if i, ok := r.unknownProfile(p); ok {
		c.rules = append(c.rules, rule{
			kind: obligation, place: profilePlace, action: Use,
			problem: fmt.Sprintf("the profile %.200q is not known here", p.Profile[i]),
		})
	}
	return c
}

// profilePlace is where a profile stands that is not known.
const profilePlace = "profile"

func (r *Registry) unknownProfile(p Policy) (int, bool) {
	for i, iri := range p.Profile {
		if !r.profiles[profileKey(iri)] {
			return i, true
		}
	}
	return 0, false
}

func (r *Registry) rule(kind ruleKind, i int, in Rule) rule {
	out := rule{kind: kind, place: string(kind) + "[" + strconv.Itoa(i) + "]", action: normalTerm(in.Action), nodes: r.nodes(in.Constraints)}
	switch {
	case r.actions[out.action] == nil:
		out.problem = fmt.Sprintf("the action %.200q is not known here", in.Action)
	case len(in.Duties) > 0:
		out.problem = fmt.Sprintf("nobody can tell whether the duty %.200q was fulfilled", in.Duties[0].Action)
	}
	return out
}

func (r *Registry) nodes(list []Constraint) []node {
	out := make([]node, len(list))
	for i, c := range list {
		out[i] = r.node(c)
	}
	return out
}

func (r *Registry) node(c Constraint) node {
	if a, ok := atomicOf(c); ok {
		return r.atom(a)
	}
	l, ok := logicalOf(c)
	switch {
	case !ok:
		return &atom{problem: "there is no constraint"}
	case !logicalOps[l.Op]:
		return &atom{problem: fmt.Sprintf("%.40q joins no constraints", l.Op)}
	}
	return logical{l.Op, r.nodes(l.Constraints)}
}

func (r *Registry) atom(a Atomic) *atom {
	out := &atom{left: normalTerm(a.Left), operator: normalTerm(a.Operator), text: a.Right.raw(), said: a.Right.String()}
	operand, ok := r.operand(out.left)
	if !ok {
		out.problem = "nobody registered the operand " + shown(out.left)
		return out
	}
	out.operand = operand
	items := a.Right.distinct()
	switch {
	case !operand.takes(out.operator):
		out.problem = fmt.Sprintf("the operator %.40q has no meaning for %s", a.Operator, operand.Name)
	case single(out.operator) && len(items) != 1:
		out.problem = fmt.Sprintf("the operator %s takes one value, not %d", out.operator, len(items))
	case len(items) == 0:
		out.problem = "there is no right operand"
	}
	for _, item := range items {
		v, err := operand.Type.compile(item)
		if err == nil && operand.Type == TypeScalar && slices.Contains(ordering, out.operator) && !v.number.valid {
			err = fmt.Errorf("%.40q is no number", v.text)
		}
		if err != nil && out.problem == "" {
			out.problem = "the right operand of " + operand.Name + ": " + err.Error()
		}
		out.right = append(out.right, v)
	}
	return out
}

func (a *atom) name() string {
	if a.operand == nil {
		return shown(a.left)
	}
	return a.operand.Name
}

// String is the constraint in one line, as people see it.
func (a *atom) String() string { return a.name() + " " + a.operator + " " + a.said }

func (a *atom) visit(do func(*atom)) { do(a) }

func (l logical) visit(do func(*atom)) {
	for _, n := range l.nodes {
		n.visit(do)
	}
}

// Need is something that a policy asks for beside claims and the clock.
type Need struct {
	Relations bool // Facts.Relations
	Usage     bool // Facts.Usage
}

// Needs tells what has to be fetched before the policy is evaluated.
func (c *Compiled) Needs() Need {
	var n Need
	c.visit(func(a *atom) {
		if a.operand != nil {
			n.Relations = n.Relations || a.operand.Source == FromRecords
			n.Usage = n.Usage || a.operand.Source == FromCounter
		}
	})
	return n
}

// Metered reports whether bytes, or transfers, have to be counted.
func (c *Compiled) Metered() (count, bytes bool) {
	c.visit(func(a *atom) {
		count = count || a.left == LeftCount
		bytes = bytes || a.left == LeftBytes
	})
	return count, bytes
}

func (c *Compiled) visit(do func(*atom)) {
	for i := range c.rules {
		for _, n := range c.rules[i].nodes {
			n.visit(do)
		}
	}
}
