// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"os"
	"testing"

	"github.com/musubi-ods/musubi/trust"
)

// three is what an offer usually asks for; ten is about as much as one does.
func three() Policy {
	return Permit(Use, ActiveMember(), ForPurpose(PurposeCFPAggregation, "x:/p/q"), AtMost("P3Y"))
}

func ten() Policy {
	return three().When(CorporateNumber("7999900000002"), VerifiedCorporation(), RegisteredIn("JP", "KR"), SecurityLevel(3),
		DirectCustomer(), ForTrade("x:/p/q"), ListSince("CL-2025-11-05"))
}

func benchmark(b *testing.B, p Policy, run func(*Compiled, *Facts) bool) {
	b.Helper()
	c, f := NewRegistry().Compile(p), known()
	b.ReportAllocs()
	for b.Loop() {
		if !run(c, &f) {
			b.Fatal(c.Explain(&f).Reason)
		}
	}
}

// BenchmarkPermits evaluates for facts that were read before, as a catalogue
// does for each offer after the first.
func BenchmarkPermits(b *testing.B) {
	for name, p := range map[string]Policy{"3": three(), "10": ten()} {
		b.Run(name, func(b *testing.B) { benchmark(b, p, (*Compiled).Permits) })
	}
}

// BenchmarkPermitsFresh evaluates with the claims, credentials and
// declarations to be read, as each request does.
func BenchmarkPermitsFresh(b *testing.B) {
	for name, p := range map[string]Policy{"3": three(), "10": ten()} {
		b.Run(name, func(b *testing.B) {
			benchmark(b, p, func(c *Compiled, f *Facts) bool {
				fresh := *f
				fresh.memo = nil
				return c.Permits(&fresh)
			})
		})
	}
}

func BenchmarkExplain(b *testing.B) {
	benchmark(b, three(), func(c *Compiled, f *Facts) bool { return c.Explain(f).Permit })
}

func BenchmarkCompile(b *testing.B) {
	raw, err := os.ReadFile("testdata/offers/cfp-answer.json")
	if err != nil {
		b.Fatal(err)
	}
	p, err := Parse(raw)
	if err != nil {
		b.Fatal(err)
	}
	r := NewRegistry()
	b.ReportAllocs()
	for b.Loop() {
		if len(r.Compile(p).rules) != 7 {
			b.Fatal("rules are missing")
		}
	}
}

// BenchmarkFacts reads all that three credentials say for policies.
func BenchmarkFacts(b *testing.B) {
	r := NewRegistry()
	membership, _ := r.operand(LeftMembership)
	number, _ := r.operand(LeftCorporateNumber)
	level, _ := r.operand(LeftSCSLevel)
	k := known()
	k.Claims = trust.Claims{Participant: consumer, Credentials: k.Claims.Credentials[:3]}
	b.ReportAllocs()
	for b.Loop() {
		f := k
		if len(f.left(membership, LeftMembership).Values)+len(f.left(number, LeftCorporateNumber).Values)+len(f.left(level, LeftSCSLevel).Values) != 3 {
			b.Fatal("values are missing")
		}
	}
}
