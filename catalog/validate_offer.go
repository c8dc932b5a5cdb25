// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"slices"

	"github.com/musubi-ods/musubi/trust/policy"
)

func (o Offer) check() *Refusal {
	if failed := checkID(o.ID); failed != nil {
		return failed
	}
	if failed := o.Assets.check(); failed != nil {
		return failed
	}
	if failed := checkPolicy("access policy", o.Access); failed != nil {
		return failed
	}
	if failed := checkPolicy("usage policy", o.Usage); failed != nil {
		return failed
	}
	if len(o.Rules) > maxEntries {
		return refuse(CodeTooMany, "it has more than %d rules", maxEntries)
	}
	for i, rule := range o.Rules {
		if failed := rule.check(); failed != nil {
			failed.Reason = "rule " + ordinal(i) + ": " + failed.Reason
			return failed
		}
	}
	return nil
}

func (s Selector) check() *Refusal {
	ways := 0
	for _, set := range []bool{s.All, len(s.IDs) > 0, len(s.Labels) > 0} {
		if set {
			ways++
		}
	}
	if ways != 1 {
		return refuse(CodeSelector, "the selector has to be exactly one of: all assets, a list of ids, labels")
	}
	if len(s.IDs) > maxSelected || len(s.Labels) > maxEntries {
		return refuse(CodeTooMany, "the selector has more than %d ids or %d labels; select by a label", maxSelected, maxEntries)
	}
	for i, id := range s.IDs {
		if failed := checkID(id); failed != nil {
			failed.Reason = "selected asset " + ordinal(i) + ": " + failed.Reason
			return failed
		}
	}
	return checkLabels(s.Labels)
}

// checkPolicy takes what this connector enforces, and nothing else: no one may
// rely on a term that is only written down.
func checkPolicy(which string, p policy.Policy) *Refusal {
	if err := policy.CheckPublishable(p); err != nil {
		failed := refuse(CodePolicy, "the %s cannot be published: %v; a permission of the action %q without constraints can", which, err, policy.Use)
		failed.Err = err
		return failed
	}
	return nil
}

// opens reports whether an access policy shows its offers to every counterparty
// that has proved who it is. What else a policy may say nobody evaluates yet,
// so it opens nothing.
func opens(p policy.Policy) bool {
	permitsUse := slices.ContainsFunc(p.Permissions, func(r policy.Rule) bool { return r.Action == policy.Use })
	return permitsUse && policy.CheckPublishable(p) == nil
}

func (r Rule) check() *Refusal {
	if r.Counterparty != "" && (!checkText(r.Counterparty) || len(r.Counterparty) > maxText) {
		return refuse(CodeRule, "the counterparty's id is not usable")
	}
	if !checkText(r.Reason) {
		return refuse(CodeRule, "the reason has to be at most %d bytes without control characters", maxText)
	}
	switch r.Do {
	case Accept, Approve, Refuse:
		if r.Counter != nil {
			return refuse(CodeRule, "terms to counter with are given, but it says %q; say %q or remove them", r.Do, Counter)
		}
		return nil
	case Counter:
		if r.Counter == nil {
			return refuse(CodeRule, "it says %q but has no terms to counter with; give some", Counter)
		}
		if failed := checkPolicy("policy to counter with", *r.Counter); failed != nil {
			failed.Code = CodeRule
			return failed
		}
		return nil
	}
	return refuse(CodeRule, "%.40q is no answer; %s, %s, %s and %s are", r.Do, Accept, Approve, Counter, Refuse)
}

// rulesOnly drops what frames the rules of a policy: an offer has its own id,
// and its target is the dataset.
func rulesOnly(p policy.Policy) policy.Policy {
	p.ID, p.Type, p.Target, p.Assigner, p.Assignee, p.Timestamp = "", "", "", "", "", ""
	return p
}
