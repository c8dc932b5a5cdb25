// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/examples/chemicals/substance"
)

// figures prints the contents behind the verdicts, once for each entry. A line is
// what that company alone can work out, from its own bill and what its suppliers
// have disclosed to it; the last one is the narrator's, who has all files.
func (s *scene) figures(q substance.Question, entry substance.Entry) error {
	if s.final().result.State == substance.NotListed || s.told[entry.ID] {
		return nil
	}
	s.told[entry.ID] = true
	width := max(s.width(), len("narrator"))
	s.say("  Contents in %% by mass, that nobody tells anybody:\n")
	for _, c := range s.companies {
		amounts, err := c.register.Amounts(c.Bill, q, c.held)
		if err != nil {
			return err
		}
		s.say("    %-*s  only it sees: %s%s\n", width, c.ID, listed(amounts), c.with())
	}
	whole, told, err := s.whole()
	if err != nil {
		s.say("    %-*s  cannot add up: %v\n", width, "narrator", err)
		return nil
	}
	amounts, err := s.in.register.Amounts(whole, q, told)
	if err != nil {
		return err
	}
	maps.DeleteFunc(amounts, func(id string, _ substance.Amount) bool { return strings.Contains(id, "/") })
	s.say("    %-*s  no company sees: %s\n", width, "narrator", listed(amounts))
	return nil
}

// with says whose compositions a company computes with.
func (c *company) with() string {
	if len(c.held.Compositions) == 0 {
		return ""
	}
	return " (with the composition of " + strings.Join(slices.Sorted(maps.Keys(c.held.Compositions)), ", ") + ")"
}

// whole is the final product with everything in it, which only the narrator has,
// and what the suppliers of ingredients have told.
func (s *scene) whole() (substance.Bill, substance.Held, error) {
	made := map[string]substance.Bill{}
	held := substance.Held{Verdicts: map[string]substance.Verdict{}}
	for _, c := range s.companies {
		own := c.Bill
		own.Ingredients = map[string]string{}
		for part, supplier := range c.Bill.Ingredients {
			own.Ingredients[part] = supplier
			if v, ok := c.held.Verdicts[part]; ok {
				held.Verdicts[part] = v
			}
		}
		bought := map[string]substance.Bill{}
		for _, n := range c.Bought() {
			bought[n.ID] = made[n.ID]
			maps.Copy(own.Ingredients, made[n.ID].Ingredients)
		}
		b, err := own.Resolve(bought)
		if err != nil {
			return b, held, err
		}
		made[b.Part] = b
	}
	return made[s.final().Bill.Part], held, nil
}

// listed prints the amounts of those nodes that have or may have any, in order of
// their ids.
func listed(amounts map[string]substance.Amount) string {
	var known, open []string
	for _, id := range slices.Sorted(maps.Keys(amounts)) {
		switch content := amounts[id].Content; {
		case content.Most.IsZero():
		case content.Least.IsZero() && content.Most.Equal(substance.MustDecimal("1")):
			open = append(open, id)
		default:
			known = append(known, id+" "+percent(content))
		}
	}
	if open != nil {
		known = append(known, "no figure for "+strings.Join(open, ", "))
	}
	if known == nil {
		return "nothing of it"
	}
	return strings.Join(known, ", ")
}

// percent prints a content with three decimals, or four below 1 %.
func percent(r substance.Range) string {
	if r.Exact() {
		return decimals(r.Least) + " %"
	}
	return decimals(r.Least) + " to " + decimals(r.Most) + " %"
}

func decimals(fraction substance.Decimal) string {
	value := fraction.Mul(substance.MustDecimal("100"))
	if value.Cmp(substance.MustDecimal("1")) < 0 {
		return value.Round(4)
	}
	text := strings.TrimRight(value.Round(3), "0")
	if strings.HasSuffix(text, ".") {
		text += "0"
	}
	return text
}
