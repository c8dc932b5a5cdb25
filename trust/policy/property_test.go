// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/trust/policy"
)

// The generators draw from few words, so that equal parts are common.
var (
	terms    = rapid.SampledFrom([]string{"use", "read", "odrl:dateTime", "inForceDate", "https://own.example/a", "dct:x", "ä\u2028\"\\"})
	literals = rapid.OneOf(rapid.SampledFrom([]string{"", "1", "x", "<&>", "[\"x\"]"}), rapid.StringN(0, 4, 16))
	ops      = rapid.SampledFrom([]string{policy.Eq, policy.IsAnyOf, "odrl:lteq", "term-lteq"})
	joins    = rapid.SampledFrom([]string{policy.And, policy.Or, policy.Xone, policy.AndSequence})
)

func genValue(t *rapid.T) policy.Value {
	scalar := rapid.Custom(func(t *rapid.T) policy.Value {
		if rapid.IntRange(0, 3).Draw(t, "reference") == 0 {
			return policy.Reference(literals.Draw(t, "iri"))
		}
		return policy.Text(literals.Draw(t, "text"))
	})
	if rapid.Bool().Draw(t, "list") {
		return policy.List(rapid.SliceOfN(scalar, 1, 4).Draw(t, "items")...)
	}
	return scalar.Draw(t, "value")
}

func genConstraint(depth int) *rapid.Generator[policy.Constraint] {
	return rapid.Custom(func(t *rapid.T) policy.Constraint {
		if depth > 0 && rapid.IntRange(0, 2).Draw(t, "logical") == 0 {
			inner := rapid.SliceOfN(genConstraint(depth-1), 1, 3).Draw(t, "inner")
			return policy.Logical{Op: joins.Draw(t, "op"), Constraints: inner}
		}
		return policy.Atomic{Left: terms.Draw(t, "left"), Operator: ops.Draw(t, "operator"), Right: genValue(t)}
	})
}

func genRule(duties int) *rapid.Generator[policy.Rule] {
	return rapid.Custom(func(t *rapid.T) policy.Rule {
		r := policy.Rule{
			Action:      terms.Draw(t, "action"),
			Constraints: rapid.SliceOfN(genConstraint(2), 0, 3).Draw(t, "constraints"),
		}
		if duties > 0 {
			r.Duties = rapid.SliceOfN(genRule(duties-1), 0, 1).Draw(t, "duties")
		}
		return r
	})
}

var policies = rapid.Custom(func(t *rapid.T) policy.Policy {
	return policy.Policy{
		ID: "urn:uuid:1", Type: "Offer",
		Profile:      rapid.SliceOfN(rapid.SampledFrom([]string{"urn:x", "dct:p"}), 0, 2).Draw(t, "profile"),
		Permissions:  rapid.SliceOfN(genRule(1), 1, 3).Draw(t, "permissions"),
		Prohibitions: rapid.SliceOfN(genRule(0), 0, 2).Draw(t, "prohibitions"),
		Obligations:  rapid.SliceOfN(genRule(0), 0, 2).Draw(t, "obligations"),
	}
})

// shuffle returns the same policy with everything in another order whose order
// has no meaning.
func shuffle(t *rapid.T, p policy.Policy) policy.Policy {
	p.ID = "urn:uuid:2"
	p.Profile = permute(t, p.Profile)
	p.Permissions = shuffleRules(t, p.Permissions)
	p.Prohibitions = shuffleRules(t, p.Prohibitions)
	p.Obligations = shuffleRules(t, p.Obligations)
	return p
}

func shuffleRules(t *rapid.T, rules []policy.Rule) []policy.Rule {
	rules = permute(t, rules)
	for i := range rules {
		rules[i].Constraints = shuffleConstraints(t, rules[i].Constraints, true)
		rules[i].Duties = shuffleRules(t, rules[i].Duties)
	}
	return rules
}

func shuffleConstraints(t *rapid.T, list []policy.Constraint, free bool) []policy.Constraint {
	if free {
		list = permute(t, list)
	} else {
		list = slices.Clone(list)
	}
	for i, c := range list {
		switch c := c.(type) {
		case policy.Logical:
			c.Constraints = shuffleConstraints(t, c.Constraints, c.Op != policy.AndSequence)
			list[i] = c
		case policy.Atomic:
			if items := c.Right.Items(); len(items) > 1 {
				c.Right = policy.List(append(permute(t, items), items[0])...) // once more changes nothing
				list[i] = c
			}
		}
	}
	return list
}

func permute[T any](t *rapid.T, list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return rapid.Permutation(list).Draw(t, "order")
}

func TestOrderHasNoMeaning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := policies.Draw(t, "policy")
		q := shuffle(t, p)
		if !policy.Equal(p, q) || p.Hash() != q.Hash() {
			t.Fatalf("differ:\n%s\n%s", p.Canonical(), q.Canonical())
		}
	})
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := policies.Draw(t, "policy")
		for _, text := range [][]byte{write(t, p), p.Canonical()} {
			q, err := policy.Parse(text)
			if err != nil || !policy.Equal(p, q) {
				t.Fatalf("%s: %v\n%s\n%s", text, err, p.Canonical(), q.Canonical())
			}
		}
	})
}

// TestHashMeansEqual draws two policies and holds Hash against Equal; the
// second is often a shuffled first, so that both verdicts occur.
func TestHashMeansEqual(t *testing.T) {
	verdicts := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		p, q := policies.Draw(t, "p"), policies.Draw(t, "q")
		if rapid.Bool().Draw(t, "alike") {
			q = shuffle(t, p)
		}
		equal := policy.Equal(p, q)
		verdicts[equal]++
		if equal != (p.Hash() == q.Hash()) || equal != policy.Equal(q, p) {
			t.Fatalf("Equal %v, but hashes %s and %s", equal, p.Hash(), q.Hash())
		}
	})
	testkit.Occurred(t, verdicts[true] > 0 && verdicts[false] > 0, "one verdict never occurred: %v", verdicts)
}

// TestEveryRuleCounts takes one rule away: what remains is another policy.
func TestEveryRuleCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := policies.Draw(t, "policy")
		q := p
		q.Permissions = slices.Delete(slices.Clone(p.Permissions), 0, 1)
		if policy.Equal(p, q) {
			t.Fatalf("a permission makes no difference:\n%s", p.Canonical())
		}
		q = p
		q.Obligations = append(slices.Clone(p.Obligations), policy.Rule{Action: "urn:new"})
		if policy.Equal(p, q) {
			t.Fatalf("an obligation makes no difference:\n%s", p.Canonical())
		}
	})
}
