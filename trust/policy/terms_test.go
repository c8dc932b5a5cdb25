// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/trust/policy"
)

func termLines(p policy.Policy) []string {
	var list []string
	for _, t := range registry.Terms(p) {
		list = append(list, t.Place+": "+t.String())
	}
	return list
}

func TestTerms(t *testing.T) {
	for name, c := range map[string]struct {
		in   policy.Policy
		want []string
	}{
		"use": {policy.Permit("use"), []string{"permission[0]: may use (enforced)"}},
		"all kinds": {
			policy.Permit("use", policy.ActiveMember(), policy.AnyOf(policy.Times(3), policy.ForTrade("urn:t"))).
				Permit("derive", atomic(policy.LeftOutput, policy.Eq, policy.Text("x:y"))).Forbid(policy.Distribute).DeleteAfterUse(),
			[]string{
				"permission[0]: may use (enforced)",
				`permission[0].constraint[0]: membership eq active (enforced)`,
				"permission[0].constraint[1]: at least one of these (enforced)",
				`permission[0].constraint[1].constraint[0]: count lteq 3 (enforced)`,
				`permission[0].constraint[1].constraint[1]: tradeId eq urn:t (enforced)`,
				"permission[1]: may derive (agreed only)",
				`permission[1].constraint[0]: output eq x:y (agreed only)`,
				"prohibition[0]: may not distribute (agreed only)",
				"obligation[0]: has to delete (enforced)",
				`obligation[0].constraint[0]: event eq event/retentionElapsed (enforced)`,
			},
		},
		"an event in a permission": {
			policy.Permit("use", atomic(policy.LeftEvent, policy.Eq, policy.Text(policy.RetentionElapsed))),
			[]string{"permission[0]: may use (enforced)", `permission[0].constraint[0]: event eq event/retentionElapsed (agreed only)`},
		},
		"what nobody knows": {
			policy.Policy{Profile: []string{"https://p.example"}, Permissions: []policy.Rule{{Action: "use", Constraints: []policy.Constraint{atomic("x:b", policy.Eq, policy.Text("1"))}}}},
			[]string{
				"permission[0]: may use (enforced)",
				`permission[0].constraint[0]: x:b eq 1 (cannot be judged: nobody registered the operand x:b)`,
				`profile: terms of another profile (cannot be judged: the profile "https://p.example" is not known here)`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, termLines(c.in)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestTermsAgreeWithUnenforced: what is said to be agreed only is what a
// consumer has to accept by choice. A permission alone asks for nothing.
func TestTermsAgreeWithUnenforced(t *testing.T) {
	words := rapid.SampledFrom([]string{"use", "delete", "distribute", "x:fly"})
	atoms := rapid.SampledFrom([]policy.Constraint{
		policy.ActiveMember(), policy.Times(3), atomic(policy.LeftOutput, policy.Eq, policy.Text("x:y")),
		atomic(policy.LeftEvent, policy.Eq, policy.Text(policy.RetentionElapsed)), atomic("x:b", policy.Eq, policy.Text("1")),
		policy.AnyOf(policy.Times(3), policy.ActiveMember()), policy.AnyOf(atomic(policy.LeftOutput, policy.Eq, policy.Text("x:y"))),
	})
	verdicts := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		rules := rapid.Custom(func(t *rapid.T) policy.Rule {
			return policy.Rule{Action: words.Draw(t, "action"), Constraints: rapid.SliceOfN(atoms, 0, 2).Draw(t, "constraints")}
		})
		p := policy.Policy{
			Permissions: rapid.SliceOfN(rules, 0, 2).Draw(t, "permissions"), Prohibitions: rapid.SliceOfN(rules, 0, 1).Draw(t, "prohibitions"),
			Obligations: rapid.SliceOfN(rules, 0, 1).Draw(t, "obligations"),
		}
		kept := true
		for _, term := range registry.Terms(p) {
			permission := strings.HasPrefix(term.Place, "permission") && !strings.Contains(term.Place, ".")
			kept = kept && (term.Enforced || permission && term.Problem == "")
		}
		verdicts[kept]++
		if err := registry.Unenforced(p); (err == nil) != kept {
			t.Fatalf("Unenforced: %v, terms: %s", err, strings.Join(termLines(p), "\n"))
		}
	})
	testkit.Occurred(t, verdicts[true] > 0 && verdicts[false] > 0, "one verdict never occurred: %v", verdicts)
}

func TestPlace(t *testing.T) {
	for want, p := range map[string]policy.Policy{
		"permission[0].constraint[0]": policy.Permit("use", atomic("x:b", policy.Eq, policy.Text("1"))),
		"":                            policy.Permit("read"),
	} {
		if got := policy.Place(registry.CheckUsage(p)); got != want {
			t.Errorf("the place is %q, want %q", got, want)
		}
	}
	if got := policy.Place(errors.New("other")); got != "" {
		t.Errorf("an error of others has the place %q", got)
	}
}
