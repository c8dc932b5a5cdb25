// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/trust/policy"
)

// TestReadPolicy: JSON, YAML and a template in YAML, with the numbers and days
// that YAML sees, are the same policies.
func TestReadPolicy(t *testing.T) {
	composition := policy.Permit("use",
		policy.CorporateNumber("7123456789012"), policy.UnderContract("NDA-1"), policy.ForPurpose(policy.PurposeRegulatoryCompliance), policy.AtMost("P1Y")).
		Forbid(policy.Distribute).Forbid(policy.Sell).
		Forbid("use", policy.Atomic{Left: policy.LeftPurpose, Operator: policy.Eq, Right: policy.Text(policy.PurposeProductImitation)}).DeleteAfterUse()
	verdict := policy.Permit("use", policy.ActiveMember(), policy.VerifiedCorporation(), policy.DirectCustomer(),
		policy.ForPurpose(policy.PurposeSCIPNotification), policy.ListSince("CL-1"), policy.Until(time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC))).
		Permit(policy.Derive, policy.Atomic{Left: policy.LeftOutput, Operator: policy.Eq, Right: policy.Text(policy.OwnProductVerdict)}).
		Forbid(policy.Distribute).Forbid(policy.ReverseEngineer)
	for name, c := range map[string]struct {
		text string
		want policy.Policy
	}{
		"JSON":             {` {"permission":[{"action":"use"}]}`, policy.Permit("use")},
		"YAML":             {"# everybody\npermission:\n  - action: use\n", policy.Permit("use")},
		"YAML in braces":   {"{permission: [{action: use}]}", policy.Permit("use")},
		"template":         {"template: chemical-composition\nwith:\n  company: 7123456789012\n  contract: NDA-1\n  purpose: regulatory-compliance\n  keepFor: P1Y\n", composition},
		"template, quoted": {`{"template": "chemical-composition", "with": {"company": "7123456789012", "contract": "NDA-1", "purpose": "regulatory-compliance", "keepFor": "P1Y"}}`, composition},
		"a day":            {"template: chemical-verdict\nwith: {purposes: [scip-notification], listVersion: CL-1, until: 2027-03-31}\n", verdict},
		"a moment":         {"template: chemical-verdict\nwith: {purposes: [scip-notification], listVersion: CL-1, until: 2027-04-01T09:00:00+09:00}\n", verdict},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := connector.ReadPolicy([]byte(c.text))
			if err != nil || !policy.Equal(got, c.want) {
				t.Errorf("%s, %v\nwant %s", got.Canonical(), err, c.want.Canonical())
			}
		})
	}
	for name, c := range map[string]struct{ text, says string }{
		"nothing":          {"", "empty"},
		"two documents":    {"permission: [{action: use}]\n---\n{}", "more than one"},
		"a list":           {"- use", "an object is needed here"},
		"tabs":             {"permission:\n\t- x", "line 2"},
		"no template":      {"template: x", "there is none of the name"},
		"a parameter":      {"template: chemical-composition\nwith: {company: 7123456789012}", "contract: it is missing"},
		"something beside": {"template: chemical-composition\nwiht: {}", `"wiht"`},
		"with is a list":   {"template: chemical-composition\nwith: [a]", "object of its parameters"},
		"a key of numbers": {"permission: {1: x}", "name of a member"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := connector.ReadPolicy([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q in it", err, c.says)
			}
		})
	}
}

// FuzzReadPolicy: no text is a policy that cannot be written again.
func FuzzReadPolicy(f *testing.F) {
	for _, s := range []string{"template: chemical-verdict\nwith: {until: 2027-03-31}", "permission: [{action: use}]", "a: &a [*a]", "{}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := connector.ReadPolicy([]byte(s))
		if err != nil {
			return
		}
		if text, err := p.JSON(); err == nil {
			if again, err := policy.Parse(text); err != nil || !policy.Equal(p, again) {
				t.Errorf("%q became %s: %v", s, text, err)
			}
		}
	})
}
