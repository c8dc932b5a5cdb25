// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

var sampleTime = time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)

// run judges a policy by a sample in JSON.
func run(t *testing.T, p policy.Policy, access bool, sample string) policy.DryRun {
	t.Helper()
	var s policy.Sample
	if err := json.Unmarshal([]byte(sample), &s); err != nil {
		t.Fatal(err)
	}
	f, err := s.Facts(policy.AtNegotiation, sampleTime)
	if err != nil {
		t.Fatal(err)
	}
	return registry.DryRun(p, access, f)
}

const (
	asMember = `"credentials":[{"type":"MembershipCredential","subject":{"membershipNumber":"1"}}]`
	expired  = `"credentials":[{"type":"MembershipCredential","validUntil":"2026-03-01T00:00:00Z"}]`
)

// TestDryRunHelps: each denial says what would turn it; done, it is permitted.
func TestDryRunHelps(t *testing.T) {
	for name, c := range map[string]struct {
		in            policy.Policy
		denied, cured string // samples
		help          []string
	}{
		"no membership":      {policy.Permit("use", policy.ActiveMember()), `{}`, `{` + asMember + `}`, []string{`the consumer's membership has to be issued or renewed (membership eq active)`}},
		"expired membership": {policy.Permit("use", policy.ActiveMember()), `{` + expired + `}`, `{` + expired + `,"at":"2026-02-01T00:00:00Z"}`, []string{`the consumer's membership has to be issued or renewed (membership eq active)`}},
		"no purpose":         {policy.Permit("use", policy.ForPurpose("x:a", "x:b")), `{}`, `{"declared":{"purpose":["x:b"]}}`, []string{`the consumer has to declare a purpose that fits (purpose isAnyOf [x:a, x:b])`}},
		"no relation":        {policy.Permit("use", policy.DirectCustomer()), `{"relations":["tier-2"]}`, `{"relations":["direct"]}`, []string{"record the relation to the consumer, if there is one, with `musubi relations put` (supplyRelation eq direct)"}},
		"two are missing": {
			policy.Permit("use", policy.ForTrade("x:t"), policy.ListSince("CL-10")), `{"declared":{"` + policy.LeftListVersion + `":["CL-9"]}}`, `{"declared":{"` + policy.LeftListVersion + `":["CL-10"],"` + policy.LeftTradeID + `":["x:t"]}}`,
			[]string{`the consumer has to declare the trade (tradeId eq x:t)`, `the consumer has to declare a version of the list that fits (listVersion gteq CL-10)`},
		},
		"too early":       {policy.Permit("use", policy.Since(sampleTime.Add(time.Hour))), `{}`, `{"at":"2026-04-01T10:00:00Z"}`, []string{"wait until then (dateTime gteq 2026-04-01T10:00:00Z)"}},
		"a used up count": {policy.Permit("use", policy.Times(3)), `{"point":"transfer","usage":{"started":4}}`, `{"point":"transfer","usage":{"started":3}}`, []string{`nothing under this agreement: it is used up (count lteq 3)`}},
		"time is over": {
			policy.Permit("use", policy.AtMost("P1D")), `{"point":"running","agreed":"2026-03-01T00:00:00Z"}`, `{"point":"running","agreed":"2026-03-31T12:00:00Z"}`,
			[]string{`nothing: the time is over (elapsedTime lteq P1D)`},
		},
		"a forbidden purpose": {policy.Permit("use").Forbid("use", atomic("purpose", policy.Eq, policy.Text("x:a"))), `{"declared":{"purpose":["x:a"]}}`, `{"declared":{"purpose":["x:b"]}}`, []string{`the consumer has to declare something else (forbidden: purpose eq x:a)`}},
	} {
		t.Run(name, func(t *testing.T) {
			denied := run(t, c.in, false, c.denied)
			if denied.Verdict.Permit || denied.Verdict.Reason == "" {
				t.Fatalf("the verdict is %+v, want a denial with a reason", denied.Verdict)
			}
			if diff := cmp.Diff(c.help, denied.Help); diff != "" {
				t.Error(diff)
			}
			if cured := run(t, c.in, false, c.cured); !cured.Verdict.Permit || cured.Help != nil {
				t.Errorf("with it done the verdict is %+v, help %q", cured.Verdict, cured.Help)
			}
		})
	}
}

// TestDryRunHelpless: what only another offer would help is said so.
func TestDryRunHelpless(t *testing.T) {
	for name, c := range map[string]struct {
		in   policy.Policy
		help string
	}{
		"forbidden":          {policy.Permit("use").Forbid("use"), "publish another offer: this one forbids to use"},
		"permits other":      {policy.Permit("read"), "publish another offer: this one permits it to nobody"},
		"an unknown operand": {policy.Permit("use", atomic("x:b", policy.Eq, policy.Text("1"))), `publish another offer: nobody can judge this term (x:b eq 1)`},
		"an unknown action":  {policy.Permit("use").Forbid("x:fly"), `publish another offer: in this one the action "x:fly" is not known here`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := run(t, c.in, false, `{}`); got.Verdict.Permit || !slices.Equal(got.Help, []string{c.help}) {
				t.Errorf("help %q, want %q; the verdict is %+v", got.Help, c.help, got.Verdict)
			}
		})
	}
}

// TestHelpForVoidCredentials: a credential that is no longer good denies
// whatever the policy asks, and that is what is said.
func TestHelpForVoidCredentials(t *testing.T) {
	for _, lasting := range []bool{true, false} {
		f := &policy.Facts{
			Point: policy.WhileRunning, Now: sampleTime, Claims: trust.Claims{Participant: "p", Credentials: []trust.Credential{{ID: "c"}}},
			Void: map[string]policy.Voided{"c": {Why: "V80: revoked", Lasting: lasting}},
		}
		help := registry.Help(f.Explain(registry.Compile(policy.Permit("use"))))
		want := "its issuer can restore"
		if lasting {
			want = "obtain a new credential"
		}
		if len(help) != 1 || !strings.Contains(help[0], want) {
			t.Errorf("lasting %t: %q", lasting, help)
		}
	}
}

// TestReasonLeavesOutDeferred: what is only known later is not why it is denied
// now.
func TestReasonLeavesOutDeferred(t *testing.T) {
	for name, p := range map[string]policy.Policy{
		"beside": policy.Permit("use", policy.Times(3), policy.ForPurpose("x:a")),
		"joined": policy.Permit("use", policy.AllOf(policy.Times(3), policy.ForPurpose("x:a"))),
	} {
		got := run(t, p, false, `{}`)
		if v := got.Verdict; v.Permit || strings.Contains(v.Reason+v.Safe, "count") || len(got.Help) != 1 {
			t.Errorf("%s: %q, %q, help %q", name, v.Reason, v.Safe, got.Help)
		}
		at := run(t, p, false, `{"point":"running","usage":{"started":4},"declared":{"purpose":["x:a"]}}`)
		if v := at.Verdict; v.Permit || !strings.Contains(v.Safe, "count") {
			t.Errorf("%s: while it runs: %q", name, v.Safe)
		}
	}
}

func TestDryRunPublishable(t *testing.T) {
	if got := run(t, policy.Permit("use", policy.ForPurpose("x:a")), false, `{}`); !got.Publishable || got.Problem != nil {
		t.Errorf("a usage policy: %+v", got.Problem)
	}
	got := run(t, policy.Permit("use", policy.ActiveMember(), policy.ForPurpose("x:a")), true, `{}`)
	if got.Publishable || got.Problem == nil || got.Problem.Place != "permission[0].constraint[1]" || !strings.Contains(got.Problem.Reason, "not known when the catalogue is asked for") {
		t.Errorf("as an access policy: %+v", got.Problem)
	}
}

func TestSampleIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ in, says string }{
		"a credential without type": {`{"credentials":[{}]}`, "credentials[0]"},
		"claims twice":              {`{"participant":"p","claims":{"participant":"p"}}`, "one of the two"},
		"a name that is none":       {`{"declared":{"my purpose":["x"]}}`, "my purpose"},
	} {
		t.Run(name, func(t *testing.T) {
			var s policy.Sample
			if err := json.Unmarshal([]byte(c.in), &s); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Facts(policy.AtCatalog, sampleTime); !errors.Is(err, policy.ErrMalformed) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestEveryOperandHelps: what is judged has a hint, or it is said that only
// another offer helps. Counters have none: their limits are the offer's.
func TestEveryOperandHelps(t *testing.T) {
	for _, o := range registry.Operands() {
		if without := o.AgreedOnly || o.Source == policy.FromCounter; without != (o.Help == "") {
			t.Errorf("%s: the help is %q", o.Name, o.Help)
		}
	}
}
