// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import "regexp"

// dateTime is the pattern of contract-schema.json, which is not anchored.
var dateTime = regexp.MustCompile(`-?([1-9][0-9]{3,}|0[0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?|(24:00:00(\.0+)?))(Z|(\+|-)((0[0-9]|1[0-3]):[0-5][0-9]|14:00))?`)

// checkOffer checks the offer of a dataset: its target is the dataset.
func (p *Policy) checkOffer(t *trail) {
	if p.Type != "" && p.Type != PolicyOffer {
		t.invalid("@type", PolicyOffer)
	}
	if p.Target != "" {
		t.invalid("target", "absent from an offer of a catalogue")
	}
	p.checkClass(t)
}

// checkMessageOffer checks the offer of a message.
func (p *Policy) checkMessageOffer(t *trail) {
	p.checkType(t, PolicyOffer)
	p.checkClass(t)
}

func (p *Policy) checkAgreement(t *trail) {
	p.checkType(t, PolicyAgreement)
	t.need("target", p.Target)
	t.need("assigner", p.Assigner)
	t.need("assignee", p.Assignee)
	if p.Timestamp != "" && !dateTime.MatchString(p.Timestamp) {
		t.invalid("timestamp", "an xsd:dateTime")
	}
	p.checkClass(t)
}

func (p *Policy) checkType(t *trail, must string) {
	t.need("@type", p.Type)
	if p.Type != must {
		t.invalid("@type", must)
	}
}

func (p *Policy) checkClass(t *trail) {
	t.need("@id", p.ID)
	p.checkRules(t)
	if len(p.Permission) == 0 && len(p.Prohibition) == 0 && t.ok() && !t.allow(ExceptionNoRules) {
		t.invalid("", "a policy with a permission or a prohibition")
	}
}

func (p *Policy) checkRules(t *trail) {
	check := func(rule *Rule) {
		t.need("action", rule.Action)
		checkList(t, "constraint", rule.Constraint, func(c *Constraint) { c.check(t) })
	}
	checkList(t, "permission", p.Permission, check)
	checkList(t, "prohibition", p.Prohibition, check)
	checkList(t, "obligation", p.Obligation, check)
}
