// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/trust/policy"
)

// drawn are constraints of every source, some of which nobody knows.
var drawn = rapid.SampledFrom([]policy.Constraint{
	policy.ActiveMember(), policy.CorporateNumber("7123456789012"), policy.ForPurpose("x:a"), policy.ForTrade("x:t"), policy.DirectCustomer(),
	policy.Until(sampleTime), policy.Since(sampleTime), policy.AtMost("P1D"), policy.Times(2), policy.Volume(10),
	policy.AnyOf(policy.ActiveMember(), policy.ForPurpose("x:b")), policy.AllOf(policy.Times(1), policy.DirectCustomer()),
	policy.OneOf(policy.ActiveMember(), policy.DirectCustomer()), atomic(policy.LeftOutput, policy.Eq, policy.Text("x:y")),
	atomic("x:unknown", policy.Eq, policy.Text("1")),
})

var drawnSample = rapid.Custom(func(t *rapid.T) policy.Sample {
	point := rapid.SampledFrom([]policy.Point{policy.AtCatalog, policy.AtNegotiation, policy.AtTransfer, policy.WhileRunning}).Draw(t, "point")
	s := policy.Sample{
		Point: &point, At: sampleTime.Add(time.Duration(rapid.IntRange(-48, 48).Draw(t, "hours")) * time.Hour), Agreed: sampleTime.Add(-time.Hour),
		Usage: policy.Usage{Started: rapid.Int64Range(0, 3).Draw(t, "started"), Bytes: rapid.Int64Range(0, 20).Draw(t, "bytes")},
	}
	if rapid.Bool().Draw(t, "member") {
		s.Credentials = []policy.SampleCredential{{Type: "MembershipCredential", ValidUntil: sampleTime}}
	}
	if rapid.Bool().Draw(t, "declares") {
		s.Declared = map[string][]string{"purpose": {rapid.SampledFrom([]string{"x:a", "x:b", "x:c"}).Draw(t, "purpose")}}
	}
	if rapid.Bool().Draw(t, "related") {
		s.Relations = []string{policy.DirectSupply}
	}
	return s
})

// TestEveryDenialHelps: who is denied is told why and what to do, who is
// permitted is told neither; and the same after the verdict was stored.
func TestEveryDenialHelps(t *testing.T) {
	verdicts := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		rules := rapid.Custom(func(t *rapid.T) policy.Rule {
			return policy.Rule{Action: rapid.SampledFrom([]string{"use", "use", "sell"}).Draw(t, "action"), Constraints: rapid.SliceOfN(drawn, 0, 3).Draw(t, "constraints")}
		})
		p := policy.Policy{Permissions: rapid.SliceOfN(rules, 0, 2).Draw(t, "permissions"), Prohibitions: rapid.SliceOfN(rules, 0, 1).Draw(t, "prohibitions")}
		f, err := drawnSample.Draw(t, "sample").Facts(policy.AtCatalog, sampleTime)
		if err != nil {
			t.Fatal(err)
		}
		d := registry.DryRun(p, false, f)
		verdicts[d.Verdict.Permit]++
		if d.Verdict.Permit != (len(d.Help) == 0) || d.Verdict.Permit != (d.Verdict.Reason == "") || d.Verdict.Permit != (d.Verdict.Safe == "") {
			t.Fatalf("%s: permit %t, reason %q, safe %q, help %q", p.Canonical(), d.Verdict.Permit, d.Verdict.Reason, d.Verdict.Safe, d.Help)
		}
		raw, err := json.Marshal(d.Verdict)
		var stored policy.Verdict
		if err == nil {
			err = json.Unmarshal(raw, &stored)
		}
		if again := strings.Join(registry.Help(stored), "|"); err != nil || again != strings.Join(d.Help, "|") {
			t.Fatalf("the stored verdict helps by %q, not %q: %v", again, d.Help, err)
		}
	})
	testkit.Occurred(t, verdicts[true] > 0 && verdicts[false] > 0, "one verdict never occurred: %v", verdicts)
}
