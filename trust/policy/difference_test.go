// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/trust/policy"
)

// lines are differences as people read them.
func lines(list []policy.Difference) (out []string) {
	for _, d := range list {
		out = append(out, d.String())
	}
	return out
}

func TestCompare(t *testing.T) {
	purpose := policy.ForPurpose
	offer := policy.Permit("use", policy.ActiveMember(), purpose("x:a", "x:b"), policy.AtMost("P1Y"))
	within := func(op string, list ...policy.Constraint) policy.Policy {
		return policy.Permit("use", policy.Logical{Op: op, Constraints: list})
	}
	for name, tc := range map[string]struct {
		offered, asked policy.Policy
		want           []string
	}{
		"itself":           {offer, offer, nil},
		"another order":    {offer, policy.Permit("use", policy.AtMost("P1Y"), purpose("x:b", "x:a"), policy.ActiveMember()), nil},
		"another spelling": {policy.Permit("read", atomic("purpose", "odrl:eq", policy.Text("x:a"))), policy.Permit("odrl:read", atomic(odrl+"purpose", policy.Eq, policy.Texts("x:a"))), nil},
		"by pointer":       {policy.Permit("use", &policy.Atomic{Left: "x:a", Operator: policy.Eq}), policy.Permit("use", policy.Atomic{Left: "x:a", Operator: policy.Eq}), nil},
		"a value less": {
			offer, policy.Permit("use", policy.ActiveMember(), purpose("x:a"), policy.AtMost("P1Y")),
			[]string{"permission[0]: purpose isAnyOf [x:a] is asked for instead of isAnyOf [x:a, x:b]"},
		},
		"another operator": {
			policy.Permit("use", atomic("dateTime", policy.Lt, policy.Text("2030-01-01"))), policy.Permit("use", atomic("dateTime", policy.Lteq, policy.Text("2030-01-01"))),
			[]string{"permission[0]: dateTime lteq 2030-01-01 is asked for instead of lt 2030-01-01"},
		},
		"a constraint less, one longer": {
			offer, policy.Permit("use", purpose("x:a", "x:b"), policy.AtMost("P3Y")),
			[]string{"permission[0]: membership eq active is offered and not asked for", "permission[0]: elapsedTime lteq P3Y is asked for instead of lteq P1Y"},
		},
		"a constraint more": {
			policy.Permit("use"), policy.Permit("use", policy.Times(3)), []string{"permission[0]: count lteq 3 is asked for in addition"},
		},
		"no constraint": {
			policy.Permit("use", policy.Times(3)), policy.Permit("use"), []string{"permission[0]: count lteq 3 is offered and not asked for"},
		},
		"two of one operand": {
			policy.Permit("use", atomic("x:a", policy.Gt, policy.Text("1")), atomic("x:a", policy.Lt, policy.Text("5"))),
			policy.Permit("use", atomic("x:a", policy.Lt, policy.Text("5")), atomic("x:a", policy.Gt, policy.Text("2"))),
			[]string{"permission[0]: x:a gt 2 is asked for instead of gt 1"},
		},
		"one of two alike": {
			policy.Permit("use", policy.Times(3), policy.Times(3)), policy.Permit("use", policy.Times(3)),
			[]string{"permission[0]: count lteq 3 is offered and not asked for"},
		},
		"rules": {
			policy.Permit("use").Permit("derive").Forbid("sell").Forbid("distribute", purpose("x:a")).DeleteAfterUse(),
			policy.Permit("use").Permit("aggregate", purpose("x:a"), policy.Times(1)).Forbid("sell", policy.Times(1)),
			[]string{
				"permission[1]: derive is offered and not asked for",
				"permission[1]: aggregate where purpose isAnyOf [x:a] and count lteq 1 is asked for in addition",
				"prohibition[0]: count lteq 1 is asked for in addition",
				"prohibition[1]: distribute where purpose isAnyOf [x:a] is offered and not asked for",
				"obligation[0]: delete where event eq event/retentionElapsed is offered and not asked for",
			},
		},
		"a prohibition instead of a permission": {
			policy.Permit("use"), policy.Policy{}.Forbid("use"),
			[]string{"permission[0]: use is offered and not asked for", "prohibition[0]: use is asked for in addition"},
		},
		"below and": {
			within(policy.And, policy.ActiveMember(), policy.Times(3)), within(policy.And, policy.Times(5), policy.ActiveMember()),
			[]string{"permission[0].and: count lteq 5 is asked for instead of lteq 3"},
		},
		"below or and and": {
			within(policy.Or, policy.AllOf(policy.Times(3), policy.ActiveMember())), within(policy.Or, policy.AllOf(policy.Times(3))),
			[]string{"permission[0].or.and: membership eq active is offered and not asked for"},
		},
		"or instead of and": {
			within(policy.And, policy.ActiveMember(), policy.Times(3)), within(policy.Or, policy.ActiveMember(), policy.Times(3)),
			[]string{
				"permission[0]: and(membership eq active, count lteq 3) is offered and not asked for",
				"permission[0]: or(membership eq active, count lteq 3) is asked for in addition",
			},
		},
		"another sequence": {
			within(policy.AndSequence, policy.ActiveMember(), policy.Times(3)), within(policy.AndSequence, policy.Times(3), policy.ActiveMember()),
			[]string{"permission[0]: andSequence(count lteq 3, membership eq active) is asked for instead of andSequence(membership eq active, count lteq 3)"},
		},
		"a duty": {
			policy.Policy{Permissions: []policy.Rule{{Action: "use", Duties: []policy.Rule{{Action: "inform"}, {Action: "attribute"}}}}},
			policy.Policy{Permissions: []policy.Rule{{Action: "use", Duties: []policy.Rule{{Action: "inform", Constraints: []policy.Constraint{policy.Times(1)}}}}}},
			[]string{"permission[0].duty[0]: count lteq 1 is asked for in addition", "permission[0].duty[1]: attribute is offered and not asked for"},
		},
		"profiles": {
			policy.Policy{Profile: []string{"x:a", "x:b", "x:a"}},
			policy.Policy{Profile: []string{"x:c", "x:b"}},
			[]string{"profile: x:a is offered and not asked for", "profile: x:c is asked for in addition"},
		},
		"no constraint at all": {
			policy.Permit("use", nil), policy.Permit("use", policy.Times(1)),
			[]string{"permission[0]: nothing is offered and not asked for", "permission[0]: count lteq 1 is asked for in addition"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, lines(policy.Compare(tc.offered, tc.asked))); diff != "" {
				t.Error(diff)
			}
			if len(tc.want) == 0 != policy.Equal(tc.offered, tc.asked) {
				t.Error("Equal has it otherwise")
			}
		})
	}
}

func TestDifferenceNamesItsTerm(t *testing.T) {
	got := policy.Compare(policy.Permit("use", policy.Times(3)).Forbid("sell"), policy.Permit("use", policy.Times(5)))
	want := []policy.Difference{
		{Change: policy.Changed, Place: "permission[0]", Term: policy.LeftCount, Offered: "count lteq 3", Asked: "count lteq 5"},
		{Change: policy.Removed, Place: "prohibition[0]", Term: policy.Sell, Offered: "sell"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestCompareMeansEqual: nothing differs exactly where the policies are equal.
func TestCompareMeansEqual(t *testing.T) {
	verdicts := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		p, q := policies.Draw(t, "p"), policies.Draw(t, "q")
		switch rapid.IntRange(0, 2).Draw(t, "alike") {
		case 0:
			q = shuffle(t, p)
		case 1: // all but one of the rules
			q = shuffle(t, p)
			q.Permissions = q.Permissions[1:]
		}
		there, back := policy.Compare(p, q), policy.Compare(q, p)
		equal := policy.Equal(p, q)
		verdicts[equal]++
		if equal != (len(there) == 0) || len(there) != len(back) {
			t.Fatalf("equal: %v, but\n%q\n%q", equal, lines(there), lines(back))
		}
		if own := policy.Compare(p, p); len(own) > 0 {
			t.Fatalf("it differs from itself: %q", lines(own))
		}
	})
	testkit.Occurred(t, verdicts[true] > 0 && verdicts[false] > 0, "one verdict never occurred: %v", verdicts)
}
