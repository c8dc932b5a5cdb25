// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import "strings"

// forbidden is a prohibition that is met.
func (v *Verdict) forbidden(r *RuleTrace) bool {
	if r.kind() != prohibition || r.Result != True || r.open() {
		return false
	}
	what := r.forbids()
	if len(r.Constraints) == 0 {
		v.Reason, v.Safe, v.Lasting = r.Rule+" forbids "+what, "the policy forbids "+what, true
		return true
	}
	v.Reason, v.Safe = r.Rule+" forbids "+what+": "+r.why(), "the policy forbids "+what
	return true
}

// maybeForbidden is a prohibition that nothing rules out.
func (v *Verdict) maybeForbidden(r *RuleTrace) bool {
	if r.kind() != prohibition || r.Result == False {
		return false
	}
	const open = ", and nothing rules that out"
	v.Reason, v.Safe = r.Rule+" forbids "+r.forbids()+open+": "+r.why(), "the policy forbids "+r.forbids()+open
	return true
}

// open reports whether a constraint only may be met.
func (r *RuleTrace) open() bool {
	for i := range r.Constraints {
		if c := r.Constraints[i].Result; c == absent || c == Deferred {
			return true
		}
	}
	return false
}

// forbids is what a prohibition forbids.
func (r *RuleTrace) forbids() string {
	terms := make([]string, len(r.Constraints))
	for i := range r.Constraints {
		terms[i] = r.Constraints[i].String()
	}
	return "the action " + short(r.Action) + where(terms)
}

// why says by which values the constraints of a prohibition are met.
func (r *RuleTrace) why() string {
	var list []string
	for i := range r.Constraints {
		if leaf := find(&r.Constraints[i], r.Constraints[i].Result); leaf != nil {
			list = append(list, leaf.found())
		}
	}
	return strings.Join(list, "; ")
}
