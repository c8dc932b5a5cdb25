// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/internal/testkit"
)

var (
	terms    = NewRegistry()
	atoms    = genAtom(slices.Sorted(maps.Keys(rights))...)
	policies = genPolicy(atoms)
)

// permits evaluates with facts that nothing was read of.
func permits(p Policy, f Facts) bool {
	f.memo = nil
	return terms.Compile(p).Permits(&f)
}

// both counts that a law was tried with permits and with denials.
type both map[bool]int

func (b both) check(t *testing.T) {
	t.Helper()
	testkit.Occurred(t, b[true] > 0 && b[false] > 0, "one verdict never occurred: %v", b)
}

func TestMoreConstraintsPermitNoMore(t *testing.T) {
	seen := both{}
	rapid.Check(t, func(t *rapid.T) {
		p, f := policies.Draw(t, "policy"), genFacts.Draw(t, "facts")
		before := permits(p, f)
		seen[before]++
		i := rapid.IntRange(0, len(p.Permissions)-1).Draw(t, "rule")
		more := p
		more.Permissions = slices.Clone(p.Permissions)
		more.Permissions[i].Constraints = join(p.Permissions[i].Constraints, []Constraint{genTerm(atoms, 2).Draw(t, "more")})
		if !before && permits(more, f) {
			t.Fatalf("it permits with %v in addition", more.Permissions[i])
		}
		if forbidden := p.Forbid(Use, genTerm(atoms, 2).Draw(t, "forbidden")); !before && permits(forbidden, f) {
			t.Fatalf("it permits with %v", forbidden.Prohibitions)
		}
		if permits(p.Forbid(Use), f) {
			t.Fatal("it permits what it forbids")
		}
	})
	seen.check(t)
}

// strange are terms that nobody registered, or with values of a wrong type.
var strange = []Constraint{
	Atomic{probe, Eq, Text("1")},
	Atomic{LeftDateTime, Lt, Text("soon")},
	Atomic{LeftCount, Eq, Text("1")},
	Atomic{LeftPurpose, Lt, Text("x:/p")},
	Atomic{LeftPurpose, Eq, Texts("x:/p", "x:/q")},
	Atomic{LeftElapsedTime, Lteq, typed("date", "2027-01-01")},
	Atomic{LeftMembership, "term-lteq", Text(Active)},
	Atomic{LeftJurisdiction, Eq, aTree},
	nil,
	Logical{Op: "nor", Constraints: []Constraint{Atomic{LeftMembership, Eq, Text(Active)}}},
}

// plant puts a strange term somewhere into a list of constraints.
func plant(t *rapid.T, list []Constraint) []Constraint {
	list = slices.Clone(list)
	i := rapid.IntRange(0, len(list)).Draw(t, "place")
	if i < len(list) {
		if l, ok := logicalOf(list[i]); ok {
			list[i] = Logical{l.Op, plant(t, l.Constraints)}
			return list
		}
	}
	return slices.Insert(list, i, rapid.SampledFrom(strange).Draw(t, "strange"))
}

func TestUnknownNeverPermits(t *testing.T) {
	seen := both{}
	rapid.Check(t, func(t *rapid.T) {
		p, f := policies.Draw(t, "policy"), genFacts.Draw(t, "facts")
		seen[permits(p, f)]++
		planted := func(rules []Rule, action string) []Rule {
			rules = slices.Clone(rules)
			if len(rules) == 0 {
				rules = []Rule{{Action: action}}
			}
			i := rapid.IntRange(0, len(rules)-1).Draw(t, "rule")
			rules[i].Action, rules[i].Constraints = action, plant(t, rules[i].Constraints)
			return rules
		}
		q := p
		switch rapid.IntRange(0, 5).Draw(t, "where") {
		case 0:
			q.Permissions = planted(p.Permissions, Use)
		case 1:
			q.Prohibitions = planted(p.Prohibitions, Use)
		case 2:
			q.Obligations = planted(p.Obligations, Delete)
		case 3:
			q = p.Permit("x:fly")
		case 4:
			q.Profile = []string{Profile, "https://profile.example/v1"}
		case 5:
			q.Permissions = join(p.Permissions, []Rule{{Action: Use, Duties: []Rule{{Action: Delete}}}})
		}
		if v := terms.Compile(q).Explain(&f); v.Permit {
			t.Fatalf("permitted: %+v", v)
		} else if v.Safe == "" || v.Lasting {
			t.Fatalf("safe %q, lasting %v", v.Safe, v.Lasting)
		}
	})
	seen.check(t)
}

func TestVerdict(t *testing.T) {
	seen := both{}
	rapid.Check(t, func(t *rapid.T) {
		p, f := policies.Draw(t, "policy"), genFacts.Draw(t, "facts")
		explained, plain := f, f
		v := terms.Compile(p).Explain(&explained)
		seen[v.Permit]++
		if v.Permit != terms.Compile(p).Permits(&plain) {
			t.Fatal("Permits says otherwise")
		}
		if v.Permit != (v.Reason == "") || v.Permit != (v.Safe == "") || v.Permit && v.Lasting || !v.Permit && v.Deferred != nil {
			t.Fatalf("permit %v, reason %q, safe %q, lasting %v, deferred %q", v.Permit, v.Reason, v.Safe, v.Lasting, v.Deferred)
		}
		if len(v.Deferred) > 0 && !v.Point.may() {
			t.Fatalf("at %s nothing is let pass: %q", v.Point, v.Deferred)
		}
		text := string(p.Canonical())
		for _, secret := range secrets(v, f) {
			if strings.Contains(v.Safe, secret) && !strings.Contains(text, secret) {
				t.Fatalf("%q tells %q", v.Safe, secret)
			}
		}
		for _, r := range v.Rules {
			for i := range r.Constraints {
				if strings.Contains(r.Constraints[i].String(), "@value") {
					t.Fatalf("it reads %s", r.Constraints[i].String())
				}
			}
		}
	})
	seen.check(t)
}

// secrets are left values and ids of credentials.
func secrets(v Verdict, f Facts) (list []string) {
	var walk func([]ConstraintTrace)
	walk = func(traces []ConstraintTrace) {
		for _, c := range traces {
			for _, l := range c.Left {
				if len(l.Value) > 2 { // a small number stands in many words
					list = append(list, l.Value)
				}
			}
			walk(c.Parts)
		}
	}
	for _, r := range v.Rules {
		walk(r.Constraints)
	}
	for _, c := range f.Claims.Credentials {
		list = append(list, c.ID, c.Issuer, "issuer.example")
	}
	return list
}

// TestFactsAreSharedSafely evaluates several policies with the same facts, as
// the catalogue does, and each with its own.
func TestFactsAreSharedSafely(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shared := genFacts.Draw(t, "facts")
		fresh := shared
		for _, p := range rapid.SliceOfN(policies, 2, 4).Draw(t, "policies") {
			if terms.Compile(p).Permits(&shared) != permits(p, fresh) {
				t.Fatalf("what was read before changes the verdict of %s", p.Canonical())
			}
		}
	})
}

// TestLastingNeverHeals moves clock and counters on: a lasting denial stays.
func TestLastingNeverHeals(t *testing.T) {
	lasting := both{}
	rapid.Check(t, func(t *rapid.T) {
		p, f := policies.Draw(t, "policy"), genFacts.Draw(t, "facts")
		fresh := f
		v := terms.Compile(p).Explain(&fresh)
		lasting[v.Lasting]++
		if !v.Lasting {
			return
		}
		for _, now := range moments() {
			if now.Before(f.Now) {
				continue
			}
			for more := range int64(9) {
				later := f
				later.Now = now
				later.Usage.Started += more
				later.Usage.Bytes += more
				if permits(p, later) {
					t.Fatalf("%q, and at %s after %d more it permits", v.Reason, now, more)
				}
			}
		}
	})
	lasting.check(t)
}

func TestNextAgreesWithTheClock(t *testing.T) {
	seen := both{}
	rapid.Check(t, func(t *rapid.T) {
		p, f := policies.Draw(t, "policy"), genFacts.Draw(t, "facts")
		next := terms.Compile(p).Next(&f)
		seen[next.IsZero()]++
		if !next.IsZero() && !next.After(f.Now) {
			t.Fatalf("next after %s is %s", f.Now, next)
		}
		now := permits(p, f)
		for _, m := range moments() {
			later := f
			later.Now = m
			if m.After(f.Now) && (next.IsZero() || m.Before(next)) && permits(p, later) != now {
				t.Fatalf("next after %s is %s, but the verdict changes by %s", f.Now, next, m)
			}
		}
	})
	seen.check(t)
}

// clock and counters draw constraints of these alone.
var (
	clock    = genAtom(LeftDateTime, LeftInForceDate, LeftElapsedTime)
	counters = genAtom(LeftCount, LeftBytes)
)

func TestEndsAgreesWithTheClock(t *testing.T) {
	seen := both{}
	rapid.Check(t, func(t *rapid.T) {
		p := genPolicy(clock).Draw(t, "policy")
		want := [2]time.Time{signed, signed}
		permitted, ever := false, false
		for _, now := range append([]time.Time{signed}, moments()...) {
			if now.Before(signed) {
				continue
			}
			is := permits(p, Facts{Point: WhileRunning, Now: now, Agreed: signed})
			if permitted && !is {
				want[1] = now
				break
			}
			if is {
				want[0] = now
			}
			permitted, ever = is, ever || is
		}
		if permitted && want[1].Equal(signed) { // to the end of all moments
			want = [2]time.Time{}
		}
		seen[ever]++
		ends := terms.Compile(p).Ends(signed)
		if ends.Before(want[0].Truncate(tick)) || ends.After(want[1]) {
			t.Fatalf("it ends at %s, by the clock between %s and %s", ends, want[0], want[1])
		}
		beside := p.Forbid(Use, ForPurpose("x:/z")).Oblige(Delete, Atomic{probe, Eq, Text("1")})
		beside.Permissions = slices.Clone(p.Permissions)
		for i := range beside.Permissions {
			beside.Permissions[i].Constraints = join(p.Permissions[i].Constraints, []Constraint{
				ActiveMember(), Atomic{probe, Eq, Text("1")}, OneOf(Times(1), DirectCustomer()),
			})
		}
		if got := terms.Compile(beside).Ends(signed); !got.Equal(ends) {
			t.Fatalf("it ends at %s, and at %s by what is not of the clock", ends, got)
		}
	})
	seen.check(t)
}

func TestLimitsAgreeWithCounting(t *testing.T) {
	limited := both{}
	rapid.Check(t, func(t *rapid.T) {
		p, f := rapid.OneOf(genPolicy(counters), policies).Draw(t, "policy"), genFacts.Draw(t, "facts")
		f.Point = max(f.Point, AtTransfer)
		c := terms.Compile(p)
		for name, l := range map[string]struct {
			got int64
			set func(*Facts, int64)
		}{
			"starts": {c.StartLimit(f), func(f *Facts, n int64) { f.Usage.Started = n }},
			"bytes":  {c.ByteLimit(f), func(f *Facts, n int64) { f.Usage.Bytes = n }},
		} {
			want := int64(0)
			for n := range int64(20) {
				counted := f
				if l.set(&counted, n); permits(p, counted) {
					want = n
				}
			}
			most := f
			if l.set(&most, math.MaxInt64); permits(p, most) {
				want = Unlimited
			}
			limited[want > 0]++
			if l.got != want && l.got < 1<<62 { // no counter comes there
				t.Fatalf("%s: the limit is %d, by counting %d", name, l.got, want)
			}
		}
	})
	limited.check(t)
}
