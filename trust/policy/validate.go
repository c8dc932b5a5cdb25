// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import "fmt"

// The limits of a policy that is read or written.
const (
	maxSize = 256 << 10 // bytes of compact JSON
	// maxGrowth is more than bare words and numbers grow when they are written
	// out: `{"action":"read"}` doubles, and [1e20,...] grows by six.
	maxGrowth = 16

	maxDepth = 16   // logical constraints and duties inside one another
	maxNodes = 4096 // rules, constraints and values together
)

// limits counts what was seen of a policy.
type limits struct{ nodes int }

func (l *limits) count(n, depth int) error {
	l.nodes += n
	switch {
	case depth > maxDepth:
		return fmt.Errorf("%w: nested deeper than %d", ErrTooLarge, maxDepth)
	case l.nodes > maxNodes:
		return fmt.Errorf("%w: more than %d rules, constraints and values", ErrTooLarge, maxNodes)
	}
	return nil
}

// Validate says whether the policy can stand in a message: at least one
// permission or prohibition, terms and operators that are some, and the limits
// kept. Errors wrap ErrMalformed or ErrTooLarge.
func (p Policy) Validate() error {
	if len(p.Permissions) == 0 && len(p.Prohibitions) == 0 {
		return fmt.Errorf("policy: %w", malformed("it has neither a permission nor a prohibition"))
	}
	return p.checkRules()
}

func (p Policy) checkRules() error {
	var l limits
	for i, profile := range p.Profile {
		if profile == "" {
			return at("profile", index(i, malformed("it is empty")))
		}
	}
	if err := l.count(len(p.Profile), 0); err != nil {
		return at("profile", err)
	}
	if err := at("permission", checkEach(&l, p.Permissions, 0)); err != nil {
		return err
	}
	if err := at("prohibition", checkEach(&l, p.Prohibitions, 0)); err != nil {
		return err
	}
	return at("obligation", checkEach(&l, p.Obligations, 0))
}

// checked is a rule or a constraint.
type checked interface {
	check(l *limits, depth int) error
}

func checkEach[T checked](l *limits, list []T, depth int) error {
	for i, item := range list {
		if any(item) == nil {
			return index(i, malformed("there is none"))
		}
		if err := item.check(l, depth); err != nil {
			return index(i, err)
		}
	}
	return nil
}

func (r Rule) check(l *limits, depth int) error {
	if err := l.count(1, depth); err != nil {
		return err
	}
	if r.Action == "" {
		return at("action", malformed("it is missing"))
	}
	if err := at("constraint", checkEach(l, r.Constraints, depth)); err != nil {
		return err
	}
	return at("duty", checkEach(l, r.Duties, depth+1))
}

func (a Atomic) check(l *limits, depth int) error {
	if err := l.count(1, depth); err != nil {
		return err
	}
	switch {
	case a.Left == "":
		return at("leftOperand", malformed("it is missing"))
	case !operators[normalTerm(a.Operator)]:
		return at("operator", malformed("%.40q is none", a.Operator))
	}
	return at("rightOperand", a.Right.check(l, depth))
}

func (l Logical) check(limits *limits, depth int) error {
	if err := limits.count(1, depth); err != nil {
		return err
	}
	switch {
	case !logicalOps[l.Op]:
		return malformed("%.40q joins no constraints", l.Op)
	case len(l.Constraints) == 0:
		return at(l.Op, malformed("it joins nothing"))
	}
	return at(l.Op, checkEach(limits, l.Constraints, depth+1))
}

func (v Value) check(l *limits, depth int) error {
	if v.list != nil && len(v.list) == 0 {
		return malformed("the list is empty")
	}
	for i, item := range v.list {
		if item.list != nil {
			return index(i, malformed("a list inside a list"))
		}
	}
	return l.count(len(v.list), depth)
}
