// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"github.com/musubi-ods/musubi/trust/policy"
)

func (o Offer) check(known *policy.Registry) *Refusal {
	if failed := checkID(o.ID); failed != nil {
		return failed
	}
	if failed := o.Assets.check(); failed != nil {
		return failed
	}
	if failed := checkPolicy("access policy", o.Access, known.CheckAccess); failed != nil {
		return failed
	}
	if failed := checkPolicy("usage policy", o.Usage, known.CheckUsage); failed != nil {
		return failed
	}
	if len(o.Rules) > maxEntries {
		return refuse(CodeTooMany, "it has more than %d rules", maxEntries)
	}
	for i, rule := range o.Rules {
		if failed := rule.check(known); failed != nil {
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

// checkPolicy takes what can be judged, and nothing else: no one may rely on a
// term that is only written down.
func checkPolicy(which string, p policy.Policy, check func(policy.Policy) error) *Refusal {
	if err := check(p); err != nil {
		failed := refuse(CodePolicy, "the %s cannot be published: %v; docs/policy.md lists the terms that can stand there", which, err)
		failed.Err = err
		return failed
	}
	return nil
}

func (r Rule) check(known *policy.Registry) *Refusal {
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
		if failed := checkPolicy("policy to counter with", *r.Counter, known.CheckUsage); failed != nil {
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
