// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"strings"
)

// conclude makes the sentences of a verdict from its trace.
func (v *Verdict) conclude() {
	if v.Permit {
		for i := range v.Rules {
			if r := &v.Rules[i]; v.Point.may() && r.Applies && r.Result == Deferred {
				v.deferred(r.Constraints)
			}
		}
		return
	}
	switch {
	case v.because(v.unknown):
	case v.because(v.forbidden):
	case v.permission():
	default:
		v.because(v.maybeForbidden)
	}
	v.Reason, v.Safe = clip(v.Reason, maxReason), clip(v.Safe, maxSafe)
}

// The sentences are bounded, in bytes: the policy is another's, and Safe goes
// into messages.
const (
	maxReason = 4096
	maxSafe   = 1024
)

func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most-len("…")], "") + "…"
}

// deferred lists the atoms by which constraints were let pass.
func (v *Verdict) deferred(list []ConstraintTrace) {
	for i := range list {
		switch c := &list[i]; {
		case c.Result != Deferred:
		case c.Logical == "":
			v.Deferred = append(v.Deferred, c.String())
		default:
			v.deferred(c.Parts)
		}
	}
}

// because has the first rule that applies and can say why; true where there is
// one.
func (v *Verdict) because(say func(*RuleTrace) bool) bool {
	for i := range v.Rules {
		if r := &v.Rules[i]; r.Applies && say(r) {
			return true
		}
	}
	return false
}

func (v *Verdict) unknown(r *RuleTrace) bool {
	if r.Result != Unknown {
		return false
	}
	v.Reason, v.Safe = r.Rule+": "+r.Problem, "the policy cannot be judged at "+r.Rule
	for i := range r.Constraints {
		if c := find(&r.Constraints[i], Unknown); c != nil && r.Problem == "" {
			v.Reason = fmt.Sprintf("%s: %s cannot be judged: %s", r.Rule, c, c.found())
			v.Safe = c.String() + " cannot be judged"
			break
		}
	}
	return true
}

func (r *RuleTrace) kind() ruleKind {
	kind, _, _ := strings.Cut(r.Rule, "[")
	return ruleKind(kind)
}

// permission says what each permission of the action lacks; false: one holds.
func (v *Verdict) permission() bool {
	var why, safe []string
	lasting := true
	for i := range v.Rules {
		r := &v.Rules[i]
		if !r.Applies || r.kind() != permission {
			continue
		}
		if r.Result == True || r.Result == Deferred && v.Point.may() {
			return false
		}
		reason, term, ends := r.lacks(v.Point)
		why, safe, lasting = append(why, r.Rule+": "+reason), append(safe, term), lasting && ends
	}
	if len(why) == 0 {
		why, safe = []string{"no rule permits the action " + short(v.Action)}, []string{"the policy does not permit the action " + short(v.Action)}
	}
	v.Reason, v.Safe, v.Lasting = strings.Join(why, "; or "), strings.Join(safe, "; or "), lasting
	return true
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
