// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"hash/fnv"
	"math/big"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/internal/testkit"
)

var totals = regexp.MustCompile(`(?m)^  total(, at least)? +(\S+) kgCO2e(?: +(\S+) kgCO2e/kWh)?$`)

// each plays every shape with numbers of its own, always the same ones.
func each(t *testing.T, from, to uint64, test func(t *testing.T, m made)) {
	t.Helper()
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

// Anyone's own chain comes to what the formula says, also in every what-if, and a
// what-if needs no new agreement.
func TestOwnDataMatchesFormula(t *testing.T) {
	from, to := uint64(0), uint64(2)
	if testkit.Full() { // others: these are played without it
		from, to = to, 2*to
	}
	each(t, from, to, func(t *testing.T, m made) {
		out := play(t, "-data", m.write(t), "-keep", t.TempDir(), "-refused=false")
		found := totals.FindAllStringSubmatch(out, -1)
		whatIfs := len(unique([]string{m.firms[0].whatIf, m.firms[len(m.firms)/2].whatIf}))
		if len(found) != 1+whatIfs {
			t.Fatalf("%d totals, want one and %d of what-ifs:\n%s", len(found), whatIfs, out)
		}
		m.same(t, found[0])
		changed := map[string]bool{}
		for _, line := range found[1:] {
			changed[m.whichIf(t, line)] = true
		}
		if len(changed) != whatIfs {
			t.Errorf("what-ifs of %v", changed)
		}
		named := unique(urn.FindAllString(out, -1))
		if n := strings.Count(out, "(new)"); n != m.sales() || len(named) != n || !strings.Contains(out, fmt.Sprintf("Agreements: %d.", n)) {
			t.Errorf("%d new agreements, %d are named, want %d:\n%s", n, len(named), m.sales(), out)
		}
	})
}

// same compares a printed total, and the figure per kWh, with the formula.
func (m made) same(t *testing.T, line []string) {
	t.Helper()
	if want := m.total(-1); line[1] != "" || rat(line[2]).Cmp(want) != 0 || line[3] != m.perKWh() {
		t.Errorf("printed %q, want %s and %s", line[0], want.FloatString(30), m.perKWh())
	}
}

// whichIf finds the firm whose change leads to a printed total.
func (m made) whichIf(t *testing.T, line []string) string {
	t.Helper()
	for i, f := range m.firms {
		if f.whatIf == "" {
			continue
		}
		other := m
		other.firms = append([]firm(nil), m.firms...)
		other.firms[i].pre = f.whatIf
		if rat(line[2]).Cmp(other.total(-1)) == 0 {
			other.same(t, line)
			return f.id
		}
	}
	t.Errorf("no what-if leads to %q", line[0])
	return ""
}

// sales counts who buys from whom.
func (m made) sales() int {
	count := 0
	for _, f := range m.firms {
		for _, l := range f.lines {
			if l.from >= 0 {
				count++
			}
		}
	}
	return count
}

func unique(list []string) map[string]bool {
	set := map[string]bool{}
	for _, s := range list {
		set[s] = true
	}
	return set
}

// With one supplier down the rest is a lower bound that is not declared, and it is
// said who is missing, and to whom. The full test takes down each in turn, the
// other one only the first, which is as far up as there is.
func TestSupplierDown(t *testing.T) {
	to := uint64(1)
	if testkit.Full() {
		to = 2
	}
	each(t, 0, to, func(t *testing.T, m made) {
		for i := range m.firms {
			m.firms[i].whatIf = ""
		}
		data := m.write(t)
		for down, f := range m.firms[:len(m.firms)-1] {
			if down > 0 && !testkit.Full() {
				break
			}
			out := play(t, "-data", data, "-keep", t.TempDir(), "-refused=false", "-down", f.id)
			found := totals.FindAllStringSubmatch(out, -1)
			if len(found) != 1 {
				t.Fatalf("%d totals:\n%s", len(found), out)
			}
			want, all := m.total(down), m.total(-1)
			if found[0][1] == "" || rat(found[0][2]).Cmp(want) != 0 || want.Cmp(all) >= 0 {
				t.Errorf("printed %q, want at least %s of %s", found[0][0], want.FloatString(30), all.FloatString(30))
			}
			if strings.Contains(out, " per kWh of ") || found[0][3] != "" || !strings.Contains(out, "Nothing is declared") {
				t.Errorf("it is declared:\n%s", out)
			}
			m.missed(t, out, down)
		}
	})
}

// missed checks that every customer of a firm says that it lacks its answer, and
// nobody else does.
func (m made) missed(t *testing.T, out string, down int) {
	t.Helper()
	f := m.firms[down]
	for _, customer := range m.firms {
		buys := slices.ContainsFunc(customer.lines, func(l line) bool { return l.from == down })
		says := strings.Contains(out, fmt.Sprintf("%s lacks %s: no answer from %s\n", customer.id, f.part, f.id))
		if buys != says {
			t.Errorf("%s buys from %s: %v, misses it: %v:\n%s", customer.id, f.id, buys, says, out)
		}
	}
}

// The formula that the tests trust, on a case worked out by hand.
func TestFormula(t *testing.T) {
	m := made{
		firms: []firm{
			{pre: "1.5", main: "10"},
			{pre: "3", main: "20", lines: []line{{from: 0, amount: "5"}, {from: -1, amount: "2", pre: "0.25", main: "1"}}},
		},
		distribution: "1", endOfLife: "2", capacity: "8", cyclesPerYear: "10", yearsN: "20",
	}
	pre, main := m.formula(1, -1)
	if pre.Cmp(big.NewRat(11, 1)) != 0 || main.Cmp(big.NewRat(72, 1)) != 0 || m.perKWh() != "0.05375" {
		t.Errorf("%s, %s, %s", pre, main, m.perKWh())
	}
	if m.total(0).Cmp(big.NewRat(57, 2)) != 0 {
		t.Errorf("with the supplier down: %s", m.total(0))
	}
}
