// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"testing"

	"github.com/musubi-ods/musubi/trust/policy"
)

func TestDeletes(t *testing.T) {
	for name, c := range map[string]struct {
		policy policy.Policy
		want   bool
	}{
		"nothing":               {policy.Permit(policy.Use), false},
		"after use":             {policy.Permit(policy.Use).DeleteAfterUse(), true},
		"on an unknown event":   {policy.Permit(policy.Use).Oblige(policy.Delete, policy.Atomic{Left: policy.LeftEvent, Operator: policy.Eq, Right: policy.Text("https://example.org/x")}), true},
		"under its other name":  {policy.Permit(policy.Use).Oblige("http://www.w3.org/ns/odrl/2/delete"), true},
		"another duty":          {policy.Permit(policy.Use).Oblige("https://example.org/inform"), false},
		"permitted, not a duty": {policy.Permit(policy.Use).Permit(policy.Delete), false},
		"forbidden":             {policy.Permit(policy.Use).Forbid(policy.Delete), false},
	} {
		if got := policy.NewRegistry().Compile(c.policy).Deletes(); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
