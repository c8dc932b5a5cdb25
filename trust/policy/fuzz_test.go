// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// derived are facts that a number stands for.
func derived(n uint32) Facts {
	f := known()
	f.Point = Point(n % 4)
	f.Now = f.Now.Add(time.Duration(n>>2%64) * 30 * 24 * time.Hour)
	f.Usage = Usage{Started: int64(n >> 8 % 16), Bytes: int64(n >> 8)}
	if n>>12&1 == 1 {
		f.Agreed = time.Time{}
	}
	if n>>13&1 == 1 {
		f.Void = map[string]Voided{"urn:uuid:m": {Why: "V80: revoked", Lasting: true}}
	}
	if n>>14&1 == 1 {
		f.Relations, f.Declared = nil, nil
	}
	f.Action = []string{"", Derive, Sell, "x:fly"}[n>>15%4]
	return f
}

// strangeTo finds, apart from the evaluator, what nobody registered in a rule
// that applies.
func strangeTo(r *Registry, p Policy, action string) bool {
	for _, iri := range p.Profile {
		if !r.profiles[profileKey(iri)] {
			return true
		}
	}
	rules := func(list []Rule, all bool) bool {
		for _, rule := range list {
			name := normalTerm(rule.Action)
			if r.actions[name] == nil || len(rule.Duties) > 0 || (all || name == action) && strangeIn(r, rule.Constraints) {
				return true
			}
		}
		return false
	}
	return rules(p.Permissions, false) || rules(p.Prohibitions, false) || rules(p.Obligations, true)
}

func strangeIn(r *Registry, list []Constraint) bool {
	for _, c := range list {
		if a, ok := atomicOf(c); ok {
			if _, known := r.operand(normalTerm(a.Left)); !known {
				return true
			}
		} else if l, _ := logicalOf(c); strangeIn(r, l.Constraints) {
			return true
		}
	}
	return false
}

func FuzzEvaluate(f *testing.F) {
	files, err := filepath.Glob("testdata/offers/*.json")
	if err != nil || len(files) == 0 {
		f.Fatal("no offers", err)
	}
	for i, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw, uint32(i))
	}
	f.Add([]byte(`{"permission":[{"action":"use","constraint":[{"xone":[{"leftOperand":"count","operator":"lteq","rightOperand":9223372036854775807},
		{"or":[{"leftOperand":"x:a","operator":"eq","rightOperand":{"@value":"1","@type":"xsd:int"}},{"leftOperand":"dateTime","operator":"lt","rightOperand":"2028-01-01"}]}]}]}]}`), uint32(2))
	f.Add([]byte(`{"permission":[{"action":"use"},{"action":"derive"}],"prohibition":[{"action":"x:fly"}],"obligation":[{"action":"delete"}]}`), uint32(1<<15))
	r := NewRegistry()
	f.Fuzz(func(t *testing.T, raw []byte, n uint32) {
		p, err := Parse(raw)
		if err != nil {
			return
		}
		facts := derived(n)
		fresh := facts
		c := r.Compile(p)
		v := c.Explain(&facts)
		switch {
		case v.Permit != c.Permits(&fresh):
			t.Fatal("Permits says otherwise")
		case v.Permit && strangeTo(r, p, facts.action()):
			t.Fatalf("it permits, though not all is known here: %s", raw)
		case v.Permit == (v.Reason != "") || v.Permit == (v.Safe != "") || len(v.Reason) > maxReason || len(v.Safe) > maxSafe:
			t.Fatalf("permit %v, %d bytes of reason %q, %d of %q", v.Permit, len(v.Reason), v.Reason, len(v.Safe), v.Safe)
		}
		if ends := c.Ends(signed); !ends.IsZero() && ends.Before(signed) {
			t.Fatalf("it ends at %s, before it begins", ends)
		}
		if next := c.Next(&facts); !next.IsZero() && !next.After(facts.Now) {
			t.Fatalf("next after %s is %s", facts.Now, next)
		}
		if s, b := c.StartLimit(facts), c.ByteLimit(facts); s < Unlimited || b < Unlimited {
			t.Fatalf("limits of %d and %d", s, b)
		}
		if err := r.CheckUsage(p); err == nil && strangeTo(r, p, Use) {
			t.Fatalf("it can be offered, though not all is known here: %s", raw)
		}
		_ = r.Unenforced(p)
		if len(Compare(p, p)) > 0 {
			t.Fatalf("it differs from itself: %s", raw)
		}
	})
}
