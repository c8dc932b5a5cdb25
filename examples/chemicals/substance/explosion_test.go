// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/examples/chemicals/substance"
	"github.com/musubi-ods/musubi/internal/testkit"
)

// A random product, in whole mg and mg/kg. The roll-up adds up from the materials
// outwards, in decimals, node by node; the oracle explodes the product into pieces of
// material, in integers, and compares by multiplying crosswise.
type (
	model struct {
		groups [][]piece // parts, each of some articles
		rest   int64     // mg of the product that nobody declares
	}
	piece   struct{ count, article int }
	article struct {
		materials []material
		rest      int64 // mg
	}
	material struct {
		count       int
		mass        int64 // mg
		from, to    int64 // mg/kg of DBDPE; no row where to is 0
		group       int64 // mg/kg of a brominated flame retardant that is not told
		other       int64 // mg/kg of PET
		nothingElse bool  // a statement covers the rest
	}
)

const million = 1_000_000

func (m material) rng() (least, most int64) {
	least, most = m.from, m.to+m.group
	if m.to == 0 && !m.nothingElse {
		most += million - m.from - m.group - m.other
	}
	return least, min(most, million-m.other)
}

func (a article) mass() int64 {
	sum := a.rest
	for _, m := range a.materials {
		sum += int64(m.count) * m.mass
	}
	return sum
}

// rng is the DBDPE in an article, in mg·10⁻⁶.
func (a article) rng() (least, most int64) {
	most = a.rest * million
	for _, m := range a.materials {
		from, to := m.rng()
		least += int64(m.count) * m.mass * from
		most += int64(m.count) * m.mass * to
	}
	return least, most
}

// state by crosswise multiplication: mass fraction against 1000 mg/kg.
func (a article) state() substance.State {
	least, most := a.rng()
	switch limit := a.mass() * 1000; {
	case least > limit:
		return substance.Above
	case most == 0:
		return substance.Absent
	case most <= limit:
		return substance.Below
	default:
		return substance.Unknown
	}
}

func drawArticles(t *rapid.T) []article {
	contents := rapid.SampledFrom([]int64{0, 0, 0, 1, 500, 999, 1000, 1001, 5000, 80_000})
	list := make([]article, rapid.IntRange(1, 4).Draw(t, "articles"))
	for i := range list {
		if rapid.IntRange(0, 5).Draw(t, "rest?") == 0 {
			list[i].rest = rapid.Int64Range(1, 50).Draw(t, "rest")
		}
		for range rapid.IntRange(1, 3).Draw(t, "materials") {
			m := material{count: rapid.IntRange(1, 3).Draw(t, "count"), mass: rapid.Int64Range(1, 100_000).Draw(t, "mass")}
			m.from = contents.Draw(t, "from")
			m.to = m.from + contents.Draw(t, "width")
			m.group = contents.Draw(t, "group") * rapid.Int64Range(0, 1).Draw(t, "group?")
			m.other = rapid.SampledFrom([]int64{million - m.to - m.group, 700_000, 0}).Draw(t, "other")
			m.nothingElse = rapid.Bool().Draw(t, "nothing else")
			list[i].materials = append(list[i].materials, m)
		}
	}
	return list
}

func drawModel(t *rapid.T, articles []article) model {
	var m model
	for range rapid.IntRange(1, 3).Draw(t, "parts") {
		var group []piece
		for range rapid.IntRange(1, 3).Draw(t, "lines") {
			group = append(group, piece{rapid.IntRange(1, 30).Draw(t, "count"), rapid.IntRange(0, len(articles)-1).Draw(t, "article")})
		}
		m.groups = append(m.groups, group)
	}
	if rapid.IntRange(0, 5).Draw(t, "rest?") == 0 {
		m.rest = rapid.Int64Range(1, 1000).Draw(t, "rest")
	}
	return m
}

// document is the composition of article i as its maker would disclose it.
func (a article) document(i int) string {
	var lines, nodes []string
	for j, m := range a.materials {
		var rows []string
		row := func(what string, from, to int64) {
			if to > 0 {
				rows = append(rows, fmt.Sprintf(`{%s,"min":"%d mg/kg","max":"%d mg/kg"}`, what, from, to))
			}
		}
		row(`"name":"DBDPE","cas":"84852-53-9"`, m.from, m.to)
		row(`"name":"flame retardant","group":"BFR"`, m.group, m.group)
		row(`"name":"PET","cas":"25038-59-9"`, m.other, m.other)
		without := ""
		if m.nothingElse {
			without = `,"without":[{"list":"CL-2025-11-05"}]`
		}
		lines = append(lines, fmt.Sprintf(`{"count":%d,"node":"M%d"}`, m.count, j))
		nodes = append(nodes, fmt.Sprintf(`{"id":"M%d","name":"m","kind":"material","mass":"%d mg","substances":[%s]%s}`, j, m.mass, strings.Join(rows, ","), without))
	}
	return fmt.Sprintf(`{"part":"A%d","version":"1","nodes":[{"id":"A%d","name":"a","kind":"article","mass":"%d mg","contents":[%s]},%s]}`,
		i, i, a.mass(), strings.Join(lines, ","), strings.Join(nodes, ","))
}

// buyer is the maker of the product, which buys all articles.
func (m model) buyer(t failer, r *substance.Register, articles []article) substance.Company {
	t.Helper()
	var nodes, lines []string
	total, used := m.rest, map[int]bool{}
	for g, group := range m.groups {
		var inner []string
		mass := int64(0)
		for _, p := range group {
			inner = append(inner, fmt.Sprintf(`{"count":%d,"node":"A%d"}`, p.count, p.article))
			mass += int64(p.count) * articles[p.article].mass()
			used[p.article] = true
		}
		lines = append(lines, fmt.Sprintf(`{"count":2,"node":"G%d"}`, g))
		nodes = append(nodes, fmt.Sprintf(`{"id":"G%d","name":"g","kind":"part","mass":"%d mg","contents":[%s]}`, g, mass, strings.Join(inner, ",")))
		total += 2 * mass
	}
	for i := range used {
		nodes = append(nodes, fmt.Sprintf(`{"id":"A%d","name":"a","kind":"article","mass":"%d mg","supplier":"s%d"}`, i, articles[i].mass(), i))
	}
	c, err := r.DecodeCompany(fmt.Appendf(nil, `{"id":"buyer","name":"buyer","fictional":true,"part":"ALL","version":"1","nodes":[
		{"id":"ALL","name":"all","kind":"product","mass":"%d mg","contents":[%s]},%s]}`, total, strings.Join(lines, ","), strings.Join(nodes, ",")))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRollUpMatchesExplosion(t *testing.T) {
	r := register(t)
	q := ask(cl2, "CL-DBDPE", "2026-11-01")
	rapid.Check(t, func(t *rapid.T) {
		articles := drawArticles(t)
		m := drawModel(t, articles)
		b := m.buyer(t, r, articles)
		disclosed := substance.Held{Compositions: map[string]substance.Bill{}}
		told := substance.Held{Verdicts: map[string]substance.Verdict{}}
		for _, n := range b.Bought() {
			var i int
			if _, err := fmt.Sscanf(n.ID, "A%d", &i); err != nil {
				t.Fatal(err)
			}
			own := bill(t, r, articles[i].document(i))
			answer := evaluate(t, r, own, q, substance.Held{})
			want(t, n.ID, answer.State, articles[i].state())
			v, err := substance.DecodeVerdict(encode(t, answer.Answer()))
			if err != nil {
				t.Fatal(err)
			}
			disclosed.Compositions[n.ID], told.Verdicts[n.ID] = own, v
		}
		state, least, most := explode(m, articles)
		full, across := evaluate(t, r, b.Bill, q, disclosed), evaluate(t, r, b.Bill, q, told)
		want(t, "with all compositions", full.State, state)
		want(t, "with verdicts alone", across.State, state)
		got := amounts(t, r, b.Bill, q, disclosed)["ALL"].Mass
		for _, c := range []struct {
			got  substance.Decimal
			want int64
		}{{got.Least, least}, {got.Most, most}} {
			exact, _ := new(big.Rat).SetString(c.got.String())
			if exact.Cmp(big.NewRat(c.want, million)) != 0 {
				t.Fatalf("%s mg, want %d ng", c.got, c.want)
			}
		}
		if bound := amounts(t, r, b.Bill, q, told)["ALL"].Mass; bound.Least.Cmp(got.Least) > 0 || bound.Most.Cmp(got.Most) < 0 {
			t.Fatalf("verdicts alone say %s to %s mg, but it is %s to %s", bound.Least, bound.Most, got.Least, got.Most)
		}
	})
}

func explode(m model, articles []article) (state substance.State, least, most int64) {
	state, most = substance.Absent, m.rest*million
	if m.rest > 0 {
		state = substance.Unknown
	}
	for _, group := range m.groups {
		for _, p := range group {
			from, to := articles[p.article].rng()
			least += 2 * int64(p.count) * from
			most += 2 * int64(p.count) * to
			state = state.Join(articles[p.article].state())
		}
	}
	return state, least, most
}

// Where a material is bought, its verdict alone says enough of the article, or
// leaves it unknown; it never says something else than the composition.
func TestVerdictsOnMaterialsNeverMislead(t *testing.T) {
	r := register(t)
	q := ask(cl2, "CL-DBDPE", "2026-11-01")
	decided := 0
	rapid.Check(t, func(t *rapid.T) {
		a := drawArticles(t)[0]
		var lines, nodes []string
		held := substance.Held{Verdicts: map[string]substance.Verdict{}}
		for j, m := range a.materials {
			whole := bill(t, r, article{materials: []material{m}}.document(0))
			alone := substance.Bill{Part: "M0", Version: "1", Nodes: map[string]substance.Node{"M0": whole.Nodes["M0"]}}
			v := evaluate(t, r, alone, q, substance.Held{}).Answer()
			want(t, "the level", v.Level, substance.Whole)
			v.Part = fmt.Sprint("M", j)
			held.Verdicts[v.Part] = v
			lines = append(lines, fmt.Sprintf(`{"count":%d,"node":"M%d"}`, m.count, j))
			nodes = append(nodes, fmt.Sprintf(`{"id":"M%d","name":"m","kind":"material","mass":"%d mg","supplier":"s%d"}`, j, m.mass, j))
		}
		c, err := r.DecodeCompany(fmt.Appendf(nil, `{"id":"buyer","name":"buyer","fictional":true,"part":"A0","version":"1","nodes":[
			{"id":"A0","name":"a","kind":"article","mass":"%d mg","contents":[%s]},%s]}`, a.mass(), strings.Join(lines, ","), strings.Join(nodes, ",")))
		if err != nil {
			t.Fatal(err)
		}
		got := evaluate(t, r, c.Bill, q, held).State
		if got != substance.Unknown {
			want(t, "the article", got, a.state())
			decided++
		}
	})
	testkit.Occurred(t, decided > 0, "no article was decided by verdicts: the test shows nothing")
}
