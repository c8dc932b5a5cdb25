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
	case !v.Point.may() && v.because(Deferred, v.prohibition):
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
	v.Reason, v.Safe = r.Rule+": "+r.Problem, r.Rule+" of the policy cannot be judged"
	for i := range r.Constraints {
		if c := find(&r.Constraints[i], Unknown); c != nil && r.Problem == "" {
			v.Reason = fmt.Sprintf("%s: %s cannot be judged: %s", r.Rule, c, c.found())
			v.Safe = c.String() + " cannot be judged"
			break
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
		reason, term, ends := r.lacks(v.Point)
		why, safe, lasting = append(why, r.Rule+": "+reason), append(safe, term), lasting && ends
	}
	if len(why) == 0 {
		v.Reason, v.Safe, v.Lasting = "no rule permits to "+short(v.Action), "the policy does not permit to "+short(v.Action), true
		return
	}
	v.Reason, v.Safe, v.Lasting = strings.Join(why, "; or "), strings.Join(safe, "; or "), lasting
}

// lacks says what keeps a permission from holding, in full and for the peer.
func (r *RuleTrace) lacks(p Point) (reason, safe string, lasting bool) {
	var why, terms []string
	for i := range r.Constraints {
		for _, c := range r.Constraints[i].failing(p) {
			why, terms = append(why, c.fails()+": "+c.cause()), append(terms, c.fails())
		}
		lasting = lasting || r.Constraints[i].ended()
	}
	return strings.Join(why, "; "), strings.Join(terms, "; "), lasting
}

// failing are the constraints that keep this one from holding: those of an and
// one by one, an or as a whole.
func (t *ConstraintTrace) failing(p Point) []*ConstraintTrace {
	switch {
	case t.Result == True, t.Result == Deferred && p.may():
		return nil
	case t.Logical != And && t.Logical != AndSequence:
		return []*ConstraintTrace{t}
	}
	var list []*ConstraintTrace
	for i := range t.Parts {
		list = append(list, t.Parts[i].failing(p)...)
	}
	return list
}

func (t *ConstraintTrace) fails() string {
	if t.Result == Deferred {
		return t.String() + " cannot be told"
	}
	return t.String() + " does not hold"
}

// cause says why a constraint fails.
func (t *ConstraintTrace) cause() string {
	switch t.Logical {
	case "":
		return t.found()
	case Xone:
		if n := t.holding(); n > 1 {
			return fmt.Sprintf("%d of these hold, and one may", n)
		}
	}
	var parts []string
	for i := range t.Parts {
		p := &t.Parts[i]
		name := p.Name
		if p.Logical != "" {
			name = p.Logical
		}
		if p.Result != True {
			parts = append(parts, name+": "+p.cause())
		}
	}
	return strings.Join(parts, ", ")
}

func (t *ConstraintTrace) holding() (n int) {
	for i := range t.Parts {
		if t.Parts[i].Result == True {
			n++
		}
	}
	return n
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
