// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/trust/policy"
)

func TestCheckPublishable(t *testing.T) {
	for name, tc := range map[string]struct {
		in          policy.Policy
		want        error
		says        string
		constrained bool
	}{
		"use":            {policy.Permit("use"), nil, "", false},
		"use, as IRI":    {policy.Permit(odrl + "use"), nil, "", false},
		"nothing":        {policy.Policy{}, policy.ErrMalformed, "neither", false},
		"another action": {policy.Permit("read"), policy.ErrUnenforceable, "permission[0]: not enforceable: the action", false},
		"constraint": {
			policy.Permit("use", atomic("inForceDate", policy.Lt, policy.Text("2027"))),
			policy.ErrUnenforceable, `permission[0].constraint[0]: not enforceable: nothing here evaluates the constraint inForceDate lt "2027"`, true,
		},
		"logical constraint": {
			policy.Permit("use", policy.Logical{Op: policy.Or, Constraints: []policy.Constraint{
				atomic("a", policy.Eq, policy.Texts("x", "y")), atomic("b", policy.Eq, policy.Reference("urn:x")),
			}}),
			policy.ErrUnenforceable, `or(a eq ["x", "y"], b eq {"@id":"urn:x"})`, true,
		},
		"duty": {
			policy.Policy{Permissions: []policy.Rule{{Action: "use"}, {Action: "use", Duties: []policy.Rule{{Action: "inform"}}}}},
			policy.ErrUnenforceable, `permission[1].duty[0]`, true,
		},
		"prohibition": {
			policy.Policy{Permissions: []policy.Rule{{Action: "use"}}, Prohibitions: []policy.Rule{{Action: "sell"}}},
			policy.ErrUnenforceable, `prohibition[0]`, true,
		},
		"obligation": {
			policy.Policy{Permissions: []policy.Rule{{Action: "use"}}, Obligations: []policy.Rule{{Action: "delete"}}},
			policy.ErrUnenforceable, `obligation[0]`, true,
		},
		"profile": {
			policy.Policy{Permissions: []policy.Rule{{Action: "use"}}, Profile: []string{"https://profile.example/v1"}},
			policy.ErrUnenforceable, `profile[0]`, true,
		},
		"prohibition alone": {policy.Policy{Prohibitions: []policy.Rule{{Action: "use"}}}, policy.ErrUnenforceable, "prohibition[0]", true},
	} {
		t.Run(name, func(t *testing.T) {
			err := policy.CheckPublishable(tc.in)
			if !errors.Is(err, tc.want) || err != nil && !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %v, want %v saying %q", err, tc.want, tc.says)
			}
			if got := tc.in.Constrained(); got != tc.constrained {
				t.Errorf("Constrained: %v", got)
			}
		})
	}
}

// TestValidate takes policies as Go code may build them; what JSON can say is
// tested with Parse.
func TestValidate(t *testing.T) {
	fine := atomic("x:a", policy.Eq, policy.Text("1"))
	deep := policy.Constraint(fine)
	for range 17 {
		deep = policy.Logical{Op: policy.And, Constraints: []policy.Constraint{deep}}
	}
	duties := policy.Rule{Action: "use"}
	for range 17 {
		duties = policy.Rule{Action: "use", Duties: []policy.Rule{duties}}
	}
	for name, tc := range map[string]struct {
		in   policy.Policy
		want error
	}{
		"good":              {policy.Permit("use", fine), nil},
		"good by pointer":   {policy.Permit("use", &fine), nil},
		"prohibition":       {policy.Policy{Prohibitions: []policy.Rule{{Action: "use"}}}, nil},
		"empty":             {policy.Policy{}, policy.ErrMalformed},
		"obligation alone":  {policy.Policy{Obligations: []policy.Rule{{Action: "use"}}}, policy.ErrMalformed},
		"no constraint":     {policy.Permit("use", nil), policy.ErrMalformed},
		"no constraint in":  {policy.Permit("use", policy.Logical{Op: policy.Or, Constraints: []policy.Constraint{nil}}), policy.ErrMalformed},
		"joined by nothing": {policy.Permit("use", policy.Logical{Constraints: []policy.Constraint{fine}}), policy.ErrMalformed},
		"joins nothing":     {policy.Permit("use", policy.Logical{Op: policy.Or}), policy.ErrMalformed},
		"zero constraint":   {policy.Permit("use", policy.Atomic{}), policy.ErrMalformed},
		"empty list":        {policy.Permit("use", atomic("x:a", policy.Eq, policy.List())), policy.ErrMalformed},
		"list in list":      {policy.Permit("use", atomic("x:a", policy.Eq, policy.List(policy.Texts("a", "b")))), policy.ErrMalformed},
		"too deep":          {policy.Permit("use", deep), policy.ErrTooLarge},
		"duties too deep":   {policy.Policy{Permissions: []policy.Rule{duties}}, policy.ErrTooLarge},
		"too many rules":    {policy.Policy{Permissions: make([]policy.Rule, 5000)}, policy.ErrMalformed},
		"too many profiles": {policy.Policy{Permissions: []policy.Rule{{Action: "use"}}, Profile: strings.Split(strings.Repeat("x,", 5000)+"x", ",")}, policy.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			if err := tc.in.Validate(); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
			if text, err := tc.in.JSON(); err == nil {
				if _, err := policy.Parse(text); err != nil {
					t.Errorf("it writes %s, which is refused: %v", text, err)
				}
			}
			_, _ = tc.in.Hash(), tc.in.Constrained() // whatever was built, nothing panics
			_ = policy.CheckPublishable(tc.in)
		})
	}
}

func TestValueAccess(t *testing.T) {
	text, list, ref := policy.Text("a"), policy.Texts("a", "b"), policy.Reference("urn:x")
	if s, ok := text.Plain(); s != "a" || !ok {
		t.Errorf("Plain of a text: %q, %v", s, ok)
	}
	for _, v := range []policy.Value{list, ref} {
		if _, ok := v.Plain(); ok {
			t.Errorf("%v is plain", v)
		}
	}
	if s, ok := ref.Object(); s != `{"@id":"urn:x"}` || !ok {
		t.Errorf("Object of a reference: %q, %v", s, ok)
	}
	if n := len(list.Items()); n != 2 || len(text.Items()) != 1 || !text.Items()[0].Equal(text) {
		t.Errorf("items: %d", n)
	}
	list.Items()[0] = ref
	if !list.Equal(policy.Texts("b", "a")) {
		t.Errorf("Items handed out the original: %v", list)
	}
}
