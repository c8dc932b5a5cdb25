// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"strings"
)

// conclude makes the sentences of a verdict from its trace.
func (v *Verdict) conclude() {
	for i := range v.Rules {
		if r := &v.Rules[i]; r.Applies {
			for j := range r.Constraints {
				v.deferred(&r.Constraints[j])
			}
		}
	}
	if v.Permit {
		return
	}
	v.Deferred = nil
	switch {
	case v.because(Unknown, v.unknown):
	case v.because(True, v.prohibition):
	case v.because(Deferred, v.prohibition):
	default:
		v.permission()
	}
}

func (v *Verdict) deferred(c *ConstraintTrace) {
	if c.Logical == "" && c.Result == Deferred {
		v.Deferred = append(v.Deferred, c.String())
	}
	for i := range c.Parts {
		v.deferred(&c.Parts[i])
	}
}

// because has the first rule with a result say why; true where there is one.
func (v *Verdict) because(result Result, say func(*RuleTrace) bool) bool {
	for i := range v.Rules {
		if r := &v.Rules[i]; r.Applies && r.Result == result && say(r) {
			return true
		}
	}
	return false
}

func (v *Verdict) unknown(r *RuleTrace) bool {
	v.Safe = "a term of the policy cannot be judged"
	if r.Problem != "" {
		v.Reason = r.Rule + ": " + r.Problem
		return true
	}
	for i := range r.Constraints {
		if c := find(&r.Constraints[i], Unknown); c != nil {
			v.Reason = fmt.Sprintf("%s: %s cannot be judged: %s", r.Rule, c, c.found())
			return true
		}
	}
	return true
}

func (v *Verdict) prohibition(r *RuleTrace) bool {
	if !strings.HasPrefix(r.Rule, string(prohibition)) {
		return false
	}
	var terms, why []string
	for i := range r.Constraints {
		c := &r.Constraints[i]
		terms = append(terms, c.String())
		if leaf := find(c, c.Result); leaf != nil {
			why = append(why, leaf.found())
		}
	}
	if len(terms) == 0 {
		v.Reason = fmt.Sprintf("%s forbids to %s", r.Rule, short(r.Action))
		v.Safe, v.Lasting = "the policy forbids to "+short(r.Action), true
		return true
	}
	v.Reason = fmt.Sprintf("%s forbids to %s where %s: %s", r.Rule, short(r.Action), strings.Join(terms, " and "), strings.Join(why, "; "))
	v.Safe = fmt.Sprintf("the policy forbids to %s where %s", short(r.Action), strings.Join(terms, " and "))
	return true
}

// permission says what each permission of the action lacks.
func (v *Verdict) permission() {
	var why, safe []string
	lasting := true
	for i := range v.Rules {
		r := &v.Rules[i]
		if !r.Applies || !strings.HasPrefix(r.Rule, string(permission)) {
			continue
		}
		reason, term, ends := r.fails(v.Point)
		why, safe, lasting = append(why, r.Rule+": "+reason), append(safe, term), lasting && ends
	}
	if len(why) == 0 {
		v.Reason, v.Safe, v.Lasting = "no rule permits to "+short(v.Action), "the policy does not permit to "+short(v.Action), true
		return
	}
	v.Reason, v.Safe, v.Lasting = strings.Join(why, "; or "), strings.Join(safe, "; or "), lasting
}

// fails says what a permission lacks, in full and for the peer. What is let
// pass at this point is not lacking.
func (r *RuleTrace) fails(at Point) (reason, safe string, lasting bool) {
	var why, terms []string
	for i := range r.Constraints {
		c := &r.Constraints[i]
		if c.Result == True || c.Result == Deferred && at.may() {
			continue
		}
		for _, leaf := range c.failing(at) {
			why = append(why, fmt.Sprintf("%s does not hold: %s", leaf, leaf.found()))
			terms = append(terms, leaf.String()+" does not hold")
		}
		lasting = lasting || c.ended()
	}
	return strings.Join(why, "; "), strings.Join(terms, "; "), lasting
}

// failing are the atoms that keep a constraint from holding.
func (t *ConstraintTrace) failing(at Point) []*ConstraintTrace {
	if t.Logical == "" {
		return []*ConstraintTrace{t}
	}
	var list []*ConstraintTrace
	for i := range t.Parts {
		p := &t.Parts[i]
		if t.Logical != Xone && (p.Result == True || p.Result == Deferred && at.may()) {
			continue
		}
		list = append(list, p.failing(at)...)
	}
	return list
}

// ended reports whether a constraint that fails will never hold again.
func (t *ConstraintTrace) ended() bool {
	switch t.Logical {
	case "":
		return t.Result == False && t.Lasting
	case And, AndSequence:
		for i := range t.Parts {
			if t.Parts[i].ended() {
				return true
			}
		}
		return false
	case Or:
		for i := range t.Parts {
			if !t.Parts[i].ended() {
				return false
			}
		}
		return true
	}
	return false
}

// find returns the first atom with a result; nil if there is none.
func find(t *ConstraintTrace, result Result) *ConstraintTrace {
	if t.Logical == "" {
		if t.Result == result {
			return t
		}
		return nil
	}
	for i := range t.Parts {
		if c := find(&t.Parts[i], result); c != nil {
			return c
		}
	}
	return nil
}

// short is an action without ODRL's namespace.
func short(action string) string {
	return strings.TrimPrefix(strings.TrimPrefix(action, Namespace), Profile)
}
