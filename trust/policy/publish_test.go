// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust/policy"
)

// registry holds the built-in terms.
var registry = policy.NewRegistry()

func TestCheckUsage(t *testing.T) {
	for name, tc := range map[string]struct {
		in     policy.Policy
		want   error
		says   string
		agreed string // what Unenforced names; "": nothing
	}{
		"use":                   {policy.Permit("use"), nil, "", ""},
		"use, as IRI":           {policy.Permit(odrl + "use"), nil, "", ""},
		"nothing":               {policy.Policy{}, policy.ErrMalformed, "neither", ""},
		"another action alone":  {policy.Permit("read"), policy.ErrUnenforceable, "no permission of the action \"use\"", ""},
		"an unknown action":     {policy.Permit("use").Permit("x:fly"), policy.ErrUnenforceable, "permission[1]: not enforceable: the action", "x:fly"},
		"a constraint":          {policy.Permit("use", atomic("dateTime", policy.Lt, policy.Text("2027-01-01"))), nil, "", ""},
		"an unknown operand":    {policy.Permit("use", atomic("inForceDate", policy.Lt, policy.Text("2027"))), policy.ErrUnenforceable, "permission[0].constraint[0]: not enforceable: nobody registered the operand inForceDate", "inForceDate"},
		"a value of wrong type": {policy.Permit("use", atomic("dateTime", policy.Lt, policy.Text("soon"))), policy.ErrUnenforceable, "the right operand of dateTime", "dateTime"},
		"an operator without meaning": {
			policy.Permit("use", atomic("count", policy.IsA, policy.Text("3"))), policy.ErrUnenforceable, "the operator \"isA\" has no meaning for count", "isA",
		},
		"two values for one": {policy.Permit("use", atomic("purpose", policy.Eq, policy.Texts("x:a", "x:b"))), policy.ErrUnenforceable, "takes one value", "one value"},
		"an unknown operand below or": {
			policy.Permit("use", policy.AnyOf(policy.ActiveMember(), atomic("x:b", policy.Eq, policy.Text("1")))),
			policy.ErrUnenforceable, "permission[0].constraint[0].constraint[1]: not enforceable: nobody registered the operand x:b", "x:b",
		},
		"a duty of a permission": {
			policy.Policy{Permissions: []policy.Rule{{Action: "use"}, {Action: "use", Duties: []policy.Rule{{Action: "inform"}}}}},
			policy.ErrUnenforceable, `permission[1]: not enforceable: nobody can tell whether the duty "inform"`, "inform",
		},
		"a prohibition that is agreed only": {policy.Permit("use").Forbid("sell"), nil, "", "sell"},
		"a prohibition of use":              {policy.Permit("use").Forbid("use", atomic("purpose", policy.Eq, policy.Text("x:a"))), nil, "", ""},
		"an obligation to inform":           {policy.Permit("use").Oblige("inform"), nil, "", "inform"},
		"an obligation to delete":           {policy.Permit("use").DeleteAfterUse(), nil, "", ""},
		"an obligation to delete, at once":  {policy.Permit("use").Oblige("delete"), nil, "", "delete"},
		"an obligation to delete, but on an event": {
			policy.Permit("use").Oblige("delete", atomic(policy.LeftEvent, policy.Neq, policy.Text(policy.RetentionElapsed))),
			policy.ErrUnenforceable, "the operator \"neq\" has no meaning for event", "delete",
		},
		"a claim ordered by a word": {
			policy.Permit("use", policy.Says("MembershipCredential", "level", policy.Gteq, "high")), policy.ErrUnenforceable, "is no number", "is no number",
		},
		"no constraint": {policy.Permit("use", nil), policy.ErrMalformed, "there is none", "there is no constraint"},
		"a foreign profile": {
			policy.Policy{Permissions: []policy.Rule{{Action: "use"}}, Profile: []string{"https://profile.example/v1"}},
			policy.ErrUnenforceable, `profile[0]`, "profile.example",
		},
		"our profile": {policy.Policy{Permissions: []policy.Rule{{Action: "use"}}, Profile: []string{policy.Profile}}, nil, "", ""},
		"an output":   {policy.Permit("use").Permit("derive", atomic(policy.LeftOutput, policy.Eq, policy.Reference(policy.OwnProductVerdict))), nil, "", "output"},
		"an output that would decide": {
			policy.Permit("use", policy.AnyOf(atomic(policy.LeftOutput, policy.Eq, policy.Text("x:y")), policy.ActiveMember())),
			policy.ErrUnenforceable, "output is agreed only, and here it would decide", "output",
		},
		"a prohibition of use for an output": {
			policy.Permit("use").Forbid("use", atomic(policy.LeftOutput, policy.Eq, policy.Text("x:y"))),
			policy.ErrUnenforceable, "prohibition[0].constraint[0]: not enforceable: output is agreed only", "output",
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := registry.CheckUsage(tc.in)
			if !errors.Is(err, tc.want) || err != nil && !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %v, want %v saying %q", err, tc.want, tc.says)
			}
			switch err := registry.Unenforced(tc.in); {
			case (err != nil) != (tc.agreed != ""):
				t.Errorf("Unenforced: %v", err)
			case err != nil && (!errors.Is(err, policy.ErrUnenforceable) || !strings.Contains(err.Error(), tc.agreed)):
				t.Errorf("Unenforced: %v, want %q in it", err, tc.agreed)
			}
		})
	}
}

func TestCheckAccess(t *testing.T) {
	for name, tc := range map[string]struct {
		in   policy.Policy
		says string // "": it can be one
	}{
		"members":                {policy.Permit("use", policy.ActiveMember(), policy.DirectCustomer()), ""},
		"a date":                 {policy.Permit("use", policy.Since(time.Unix(0, 0))), ""},
		"a purpose":              {policy.Permit("use", policy.ForPurpose("x:a")), "purpose is not known when the catalogue is asked for"},
		"a counter":              {policy.Permit("use", policy.Times(3)), "count is not known"},
		"a time since agreement": {policy.Permit("use", policy.AtMost("P1Y")), "elapsedTime is not known"},
		"a window since agreement": {
			policy.Permit("use", atomic(policy.LeftInForceDate, policy.Lteq, policy.Text("contractAgreement+P1Y"))), "counts from the agreement",
		},
		"an unknown operand": {policy.Permit("use", atomic("x:b", policy.Eq, policy.Text("1"))), "nobody registered"},
	} {
		t.Run(name, func(t *testing.T) {
			err := registry.CheckAccess(tc.in)
			if (err == nil) != (tc.says == "") || err != nil && !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %v, want %q", err, tc.says)
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
			_, _ = tc.in.Hash(), (registry.Unenforced(tc.in) != nil) // whatever was built, nothing panics
			_ = registry.CheckUsage(tc.in)
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
