// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"slices"
	"strings"
)

// Help says what would turn a denial into a permission, one sentence for each
// constraint in the way; of several permissions one is enough. Nil where it is
// permitted.
func (r *Registry) Help(v Verdict) []string {
	if v.Permit {
		return nil
	}
	var list []string
	say := func(s string) {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	permits := false
	for i := range v.Rules {
		if rule := &v.Rules[i]; rule.Applies {
			permits = permits || strings.HasPrefix(rule.Rule, string(permission))
			r.helpRule(rule, v.Point, say)
		}
	}
	switch {
	case len(list) > 0:
	case len(v.Rules) == 0: // about no policy, such as of an agreement that was ended
		say("nothing under this agreement: negotiate another one")
	case !permits:
		say("publish another offer: this one permits it to nobody")
	case v.Lasting:
		say("the consumer has to obtain a new credential: one by which it proved itself was revoked")
	default:
		say("a credential by which the consumer proved itself has to be good again: its issuer can restore or renew it")
	}
	return list
}

// helpRule is about one rule that applies, if it is in the way.
func (r *Registry) helpRule(rule *RuleTrace, at Point, say func(string)) {
	forbids := strings.HasPrefix(rule.Rule, string(prohibition))
	passes := rule.Result == True || rule.Result == Deferred && at.may()
	switch {
	case rule.Problem != "":
		say("publish another offer: in this one " + rule.Problem)
	case forbids && (rule.Result == True || rule.Result == Deferred && !at.may()):
		r.helpForbidden(rule, say)
	case forbids && rule.Result != Unknown, !forbids && passes: // not in the way
	default:
		for i := range rule.Constraints {
			r.helpConstraint(&rule.Constraints[i], at, say)
		}
	}
}

func (r *Registry) helpConstraint(c *ConstraintTrace, at Point, say func(string)) {
	if c.Result == True || c.Result == Deferred && at.may() {
		return
	}
	for _, leaf := range c.failing(at) {
		say(r.helpTerm(leaf))
	}
}

func (r *Registry) helpForbidden(rule *RuleTrace, say func(string)) {
	if len(rule.Constraints) == 0 {
		say("publish another offer: this one forbids to " + short(rule.Action))
		return
	}
	for i := range rule.Constraints {
		c := &rule.Constraints[i]
		if o, known := r.operand(c.Operand); known && o.Source == FromConsumer {
			say("the consumer has to declare something else (forbidden: " + c.String() + ")")
			continue
		}
		say("publish another offer: this one forbids to " + short(rule.Action) + " where " + c.String())
	}
}

// helpTerm is about one constraint that does not hold.
func (r *Registry) helpTerm(c *ConstraintTrace) string {
	o, known := r.operand(c.Operand)
	term := " (" + c.String() + ")"
	switch {
	case c.Result == Unknown || !known:
		return "publish another offer: nobody can judge this term" + term
	case c.Lasting && o.Source == FromClock:
		return "nothing: the time is over" + term
	case c.Lasting && o.Source == FromCounter:
		return "nothing under this agreement: it is used up" + term
	case c.Lasting:
		return "the consumer has to obtain a new credential: " + c.Note + term
	case o.Help == "":
		return "publish another offer" + term
	}
	return o.Help + term
}
