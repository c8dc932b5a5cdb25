// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"slices"
)

// CheckUsage says whether data may be offered under a usage policy: each of its
// terms is registered and has a value of the right type, and what is agreed
// only stands where that is harmless: in rules about other actions than Use,
// in obligations, and in permissions of Use where everything has to hold. The
// error wraps ErrUnenforceable and names the first term in the way, or is that
// of Validate.
func (r *Registry) CheckUsage(p Policy) error {
	if err := p.Validate(); err != nil {
		return err
	}
	if i, unknown := r.unknownProfile(p); unknown {
		return at("profile", index(i, unenforceable("the profile %.200q is not known here", p.Profile[i])))
	}
	if !slices.ContainsFunc(p.Permissions, func(r Rule) bool { return normalTerm(r.Action) == Use }) {
		return fmt.Errorf("policy: %w", unenforceable("it has no permission of the action %q, and so permits nothing that can be asked for", Use))
	}
	return r.eachRule(p, func(kind ruleKind, rule Rule) error {
		strict := normalTerm(rule.Action) == Use && kind != obligation
		return eachConstraint(rule.Constraints, strict && kind == prohibition, func(a Atomic, branch bool) error {
			return r.checkTerm(a, strict, branch)
		})
	})
}

func (r *Registry) checkTerm(a Atomic, strict, branch bool) error {
	c := r.atom(a)
	switch {
	case c.problem != "":
		return unenforceable("%s", c.problem)
	case strict && branch && c.operand.AgreedOnly:
		return unenforceable("%s is agreed only, and here it would decide", c.name())
	}
	return nil
}

// CheckAccess says whether an access policy can decide who sees an offer: as
// CheckUsage, and every term of a rule about Use has a value when the
// catalogue is asked for.
func (r *Registry) CheckAccess(p Policy) error {
	if err := r.CheckUsage(p); err != nil {
		return err
	}
	return r.eachRule(p, func(kind ruleKind, rule Rule) error {
		if kind == obligation || normalTerm(rule.Action) != Use {
			return nil
		}
		return eachConstraint(rule.Constraints, false, func(a Atomic, _ bool) error {
			c := r.atom(a)
			switch {
			case c.operand.AgreedOnly || c.operand.From > AtCatalog:
				return unenforceable("%s is not known when the catalogue is asked for; it can stand in a usage policy", c.name())
			case c.relative():
				return unenforceable("%s counts from the agreement, and there is none when the catalogue is asked for", c)
			}
			return nil
		})
	})
}

func (a *atom) relative() bool {
	for i := range a.right {
		if a.right[i].relative {
			return true
		}
	}
	return false
}

// Unenforced returns nil where this connector, as consumer, can keep all that a
// policy asks of it. Otherwise the error, an ErrUnenforceable, names the first
// term that is only agreed: it takes a person's word.
func (r *Registry) Unenforced(p Policy) error {
	if i, unknown := r.unknownProfile(p); unknown {
		return at("profile", index(i, unenforceable("the profile %.200q is not known here", p.Profile[i])))
	}
	return r.eachRule(p, func(kind ruleKind, rule Rule) error {
		action := r.actions[normalTerm(rule.Action)]
		switch {
		case kind != permission && !action.Enforced:
			return unenforceable("that the data is used without %q is agreed only", action.Name)
		case kind == obligation:
			return r.retention(rule)
		}
		return eachConstraint(rule.Constraints, false, func(a Atomic, _ bool) error {
			c := r.atom(a)
			switch {
			case c.problem != "":
				return unenforceable("%s", c.problem)
			case c.operand.AgreedOnly || !action.Enforced:
				return unenforceable("%s is agreed only", c)
			}
			return nil
		})
	})
}

// retention is the one obligation that is kept here: to delete, on an event
// that we notice.
func (r *Registry) retention(rule Rule) error {
	if normalTerm(rule.Action) != Delete || len(rule.Constraints) != 1 || !r.deletionEvent(rule.Constraints[0]) {
		return unenforceable("nothing here fulfils the duty %.200q; delete on the event %s is fulfilled", rule.Action, RetentionElapsed)
	}
	return nil
}

func (r *Registry) deletionEvent(c Constraint) bool {
	a, ok := atomicOf(c)
	if !ok || normalTerm(a.Left) != LeftEvent || r.atom(a).problem != "" {
		return false
	}
	for _, v := range a.Right.Items() {
		text, _, err := v.literal()
		if err != nil || text != RetentionElapsed && text != RetentionElapsedOrMembershipRevoked {
			return false
		}
	}
	return true
}

// eachRule calls do for each rule of a known action, and says where it failed.
func (r *Registry) eachRule(p Policy, do func(ruleKind, Rule) error) error {
	for _, part := range []struct {
		kind  ruleKind
		rules []Rule
	}{{permission, p.Permissions}, {prohibition, p.Prohibitions}, {obligation, p.Obligations}} {
		for i, rule := range part.rules {
			if err := r.oneRule(part.kind, rule, do); err != nil {
				return at(string(part.kind), index(i, err))
			}
		}
	}
	return nil
}

func (r *Registry) oneRule(kind ruleKind, rule Rule, do func(ruleKind, Rule) error) error {
	if compiled := r.rule(kind, 0, rule); compiled.problem != "" {
		return unenforceable("%s", compiled.problem)
	}
	return do(kind, rule)
}

// eachConstraint calls do for each atom; branch is true where an atom can
// decide by itself: below or and xone, and everywhere if it is so to begin with.
func eachConstraint(list []Constraint, branch bool, do func(a Atomic, branch bool) error) error {
	for i, c := range list {
		err := unenforceable("there is no constraint")
		if a, ok := atomicOf(c); ok {
			err = do(a, branch)
		} else if l, ok := logicalOf(c); ok {
			err = eachConstraint(l.Constraints, branch || l.Op == Or || l.Op == Xone, do)
		}
		if err != nil {
			return at("constraint", index(i, err))
		}
	}
	return nil
}

func unenforceable(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrUnenforceable}, args...)...)
}
