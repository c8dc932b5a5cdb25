// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"hash/fnv"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/internal/testkit"
)

// each plays every shape with numbers of its own, always the same ones. The full
// version plays so many others: the first ones were played without it.
func each(t *testing.T, seeds uint64, test func(t *testing.T, m made)) {
	t.Helper()
	from, to := uint64(0), seeds
	if testkit.Full() {
		from, to = to, 2*to
	}
	for name, shape := range shapes {
		hash := fnv.New64()
		_, _ = hash.Write([]byte(name))
		for seed := from; seed < to; seed++ {
			m := makeUp(rand.New(rand.NewPCG(hash.Sum64(), seed)), shape)
			t.Run(fmt.Sprintf("%s/%d", name, seed), func(t *testing.T) {
				t.Parallel()
				test(t, m)
			})
		}
	}
}

// Anyone's own chain comes to what the formula says, at each company and on each
// of the days.
func TestOwnDataMatchesFormula(t *testing.T) {
	each(t, 1, func(t *testing.T, m made) {
		out := play(t, "-data", m.write(t), "-keep", t.TempDir(), "-refused=false")
		parts := strings.Split(out, "\n\n")
		for _, q := range []struct{ head, entry, day string }{
			{"CL-DBDPE, by CL-2025-06-25 on Tuesday 2025-11-04", "", ""},
			{"CL-DBDPE, by CL-2025-11-05 on Wednesday 2025-11-05", "CL-DBDPE", "2025-11-05"},
			{"ROHS-PB, by ROHS-2025-11-21 on Wednesday 2027-06-30", "ROHS-PB", "2027-06-30"},
			{"ROHS-PB, by ROHS-2025-11-21 on Thursday 2027-07-01", "ROHS-PB", "2027-07-01"},
		} {
			at := slices.IndexFunc(parts, func(p string) bool { return strings.HasPrefix(p, q.head) })
			if at < 0 {
				t.Fatalf("it does not ask %s:\n%s", q.head, out)
			}
			m.same(t, parts[at], q.entry, q.day)
		}
		m.sameFigures(t, out)
		if n := strings.Count(out, " for the composition of "); n != m.contracts() {
			t.Errorf("%d compositions were asked for, want %d:\n%s", n, m.contracts(), out)
		}
	})
}

// same compares the answers that were printed with those of the formula.
func (m made) same(t *testing.T, round, entry, day string) {
	t.Helper()
	lines := strings.Split(round, "\n")
	words := func(i int) string {
		if entry == "" {
			return "not listed"
		}
		return m.words(i, entry, day)
	}
	asked := 0
	for i, f := range m.firms {
		for _, b := range f.bought {
			s := m.firms[b.from]
			at := slices.Index(lines, fmt.Sprintf("  %s asks %s for its verdict on %s, for %s", f.id, s.id, s.part, m.purpose(i, entry)))
			if at < 0 {
				t.Errorf("%s does not ask %s:\n%s", f.id, s.id, round)
				continue
			}
			asked++
			if got, want := lines[at+2], "    answer     "+words(b.from); got != want {
				t.Errorf("%s says %q, want %q", s.id, got, want)
			}
		}
	}
	final := len(m.firms) - 1
	want := fmt.Sprintf("  So %s knows of %s: %s", m.firms[final].id, m.firms[final].part, words(final))
	switch {
	case entry == "ROHS-PB":
		want += ": " + m.compliance(day)
	case entry != "" && strings.HasPrefix(words(final), "above"):
		want += ": duties from 2025-11-05"
	}
	if !slices.Contains(lines, want) {
		t.Errorf("it does not say %q:\n%s", want, round)
	}
	if n := strings.Count(round, " asks "); n != asked {
		t.Errorf("%d questions, want %d", n, asked)
	}
}

func (m made) purpose(i int, entry string) string {
	if i == len(m.firms)-1 && entry != "ROHS-PB" {
		return "scip-notification"
	}
	return "regulatory-compliance"
}

// sameFigures compares the contents: those that the companies see that buy
// nothing, and those of the narrator.
func (m made) sameFigures(t *testing.T, out string) {
	t.Helper()
	for _, entry := range []string{"CL-DBDPE", "ROHS-PB"} {
		for i, f := range m.firms {
			if len(f.bought) > 0 {
				continue
			}
			m.says(t, out, f.id, "only it sees: "+m.contents(i, entry))
		}
		final := len(m.firms) - 1
		m.says(t, out, "narrator", "no company sees: "+m.contents(final, entry))
	}
}

func (m made) says(t *testing.T, out, who, what string) {
	t.Helper()
	for line := range strings.SplitSeq(out, "\n") {
		if strings.Join(strings.Fields(line), " ") == who+" "+what {
			return
		}
	}
	t.Errorf("%s does not say %q:\n%s", who, what, out)
}

// contents are those of all nodes of a firm's own bill. The narrator's do not
// name what is inside of what is bought.
func (m made) contents(i int, entry string) string {
	content := map[string]string{}
	note := func(id string, in interval, mass *big.Rat) {
		if in.most.Sign() > 0 {
			content[id] = percentage(in, mass)
		}
	}
	f := m.firms[i]
	note(f.part, m.in(i, entry), m.mass(i))
	for _, a := range f.articles {
		if m.kind(i) != "article" {
			note(a.id, a.in(entry), a.mass())
		}
		for _, x := range a.materials {
			note(x.id, x.in(entry), rat(x.mass))
		}
	}
	for _, b := range f.bought {
		note(m.firms[b.from].part, m.in(b.from, entry), m.mass(b.from))
	}
	ids := make([]string, 0, len(content))
	for id := range content {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for n, id := range ids {
		ids[n] = id + " " + content[id]
	}
	if len(ids) == 0 {
		return "nothing of it"
	}
	return strings.Join(ids, ", ")
}

func (m made) contracts() int {
	count := 0
	for i := range m.firms {
		if m.discloses(i) >= 0 {
			count++
		}
	}
	return count
}

// The formula that the tests trust, on a case worked out by hand: 1.5 mg of
// 100 mg in a tape of which 2 are in a harness of 1000 mg.
func TestFormula(t *testing.T) {
	tape := article{count: 1, materials: []material{{mass: "100", dbdpe: "1.5", lead: "0", oxide: "10", oxideCode: "7(c)-I"}}}
	wire := article{count: 1, materials: []material{{mass: "800", dbdpe: "0", lead: "0.1", oxide: "0"}}}
	m := made{firms: []firm{{part: "tape", articles: []article{tape}}, {part: "harness", articles: []article{wire}, bought: []bought{{0, 2}}}}}
	for got, want := range map[string]string{
		exactly(m.mass(1)): "1000", exactly(m.in(1, "CL-DBDPE").least): "3",
		percentage(m.in(1, "CL-DBDPE"), m.mass(1)):                              "0.3000 %",
		percentage(m.in(0, "ROHS-PB"), m.mass(0)):                               "9.283 %",
		m.words(1, "CL-DBDPE", "2025-11-05"):                                    "above, judged by article",
		m.words(1, "ROHS-PB", "2027-06-30") + ", " + m.compliance("2027-06-30"): "above, judged by material, exempt: 7(c)-I to 2027-06-30, compliant",
		m.words(1, "ROHS-PB", "2027-07-01") + ", " + m.compliance("2027-07-01"): "above, judged by material, not exempt: 7(c)-I to 2027-06-30, not compliant",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	m.firms[1].articles[0].materials[0] = material{mass: "800", dbdpe: "0", lead: "0.05", oxide: "0", iron: "49.975", hidden: true}
	if got, want := m.words(1, "ROHS-PB", "2027-06-30"), "above, judged by material, exempt: 7(c)-I to 2027-06-30; known for 20 % of its mass, answers missing: 1"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
