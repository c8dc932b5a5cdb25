// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"github.com/musubi-ods/musubi/examples/chemicals/substance"
	"github.com/musubi-ods/musubi/trust/policy"
)

// told is what the maker of the final product got to know by one question.
type told struct {
	question substance.Question
	result   substance.Result
}

// purposeOf is why a request is made.
func purposeOf(r request) string { return short(r.declare[policy.LeftPurpose][0]) }

// short is a purpose without the namespace of the profile.
func short(purpose string) string { return strings.TrimPrefix(purpose, policy.Profile+"purpose/") }

// inWords puts a verdict into words.
func inWords(v substance.Verdict) string {
	text := string(v.State)
	if v.State == substance.NotListed {
		return text
	}
	if v.Level == substance.Whole {
		text += ", judged as a whole"
	} else {
		text += ", judged by " + string(v.Level)
	}
	var endings []string
	for _, e := range v.Exemptions {
		endings = append(endings, fmt.Sprintf("%s to %s", e.Code, e.To))
	}
	switch {
	case v.Exempt:
		text += ", exempt: " + strings.Join(endings, ", ")
	case endings != nil:
		text += ", not exempt: " + strings.Join(endings, ", ")
	}
	if v.Missing > 0 {
		text += fmt.Sprintf("; known for %d %% of its mass, answers missing: %d", v.Coverage, v.Missing)
	}
	return text
}

// consequence says what follows from a verdict.
func consequence(r substance.Result) string {
	switch {
	case r.State == substance.NotListed:
		return ""
	case r.Rule.Effect == substance.Restriction:
		return ": " + string(r.Compliance())
	case r.State != substance.Above:
		return ""
	}
	return ": duties from " + r.Rule.ValidFrom().String()
}

// outcome says what the maker of the final product now knows.
func (s *scene) outcome(q substance.Question) {
	c := s.final()
	s.answers = append(s.answers, told{q, c.result})
	s.say("  So %s knows of %s: %s%s\n", c.ID, c.Bill.Part, inWords(c.result.Verdict), consequence(c.result))
	for _, f := range c.result.Findings {
		by := "by its own knowledge"
		if f.From != "" {
			by = "as " + f.From + " says"
		}
		if f.State == substance.Above || f.State == substance.Unknown {
			s.say("    %s %s is %s, %s\n", f.Kind, f.Node, f.State, by)
		}
	}
	if c.result.State != substance.Above {
		return
	}
	for _, d := range c.result.Rule.Duties {
		when := "from " + c.result.Rule.ValidFrom().String()
		if d.Months > 0 {
			when = "by " + c.result.Rule.DueOn(d).String()
		}
		s.say("    %s, %s: %s", d.Code, when, d.Text)
		if d.Condition != "" {
			s.say(", if %s", d.Condition)
		}
		s.say("\n")
	}
}

// summary is all that the maker of the final product can say in the end.
func (s *scene) summary() {
	c := s.final()
	s.say("\nWhat %s can say of %s %s, having seen verdicts only:\n", c.ID, c.Bill.Root().Name, c.Bill.Part)
	list, entry := 0, 0
	for _, a := range s.answers {
		list, entry = max(list, len(a.question.List)), max(entry, len(a.question.Entry))
	}
	for _, a := range s.answers {
		s.say("  %s  %-*s  %-*s  %s%s\n", a.question.Date, list, a.question.List, entry, a.question.Entry, inWords(a.result.Verdict), consequence(a.result))
	}
}

// printContracts says what the two kinds of contract are about.
func (s *scene) printContracts() {
	registry := policy.NewRegistry()
	lines := func(title string, access, usage policy.Policy) {
		s.say("  %s\n    is shown to those of whom holds:\n", title)
		for _, t := range registry.Terms(access)[1:] {
			s.say("      %s\n", plain(t.Text))
		}
		for _, t := range registry.Terms(usage) {
			indent := "    "
			if strings.Contains(t.Place, "constraint") {
				indent = "      "
			}
			s.say("%s%s%s\n", indent, plain(t.Text), promised(t))
		}
	}
	for _, c := range s.companies {
		if len(c.customers) == 0 || len(c.named) == 0 {
			continue
		}
		s.say("\nTwo documents of each part, each on its own terms. Those of %s:\n", c.ID)
		v, k := c.verdictOffer(s.in.changed().List), c.compositionOffers()[0]
		lines("Its verdict on "+c.Bill.Part, v.Access, v.Usage)
		lines("Its composition of "+c.Bill.Part, k.Access, k.Usage)
		s.say("\nEach maker has such a contract, %s, with one of its suppliers: of those that buy nothing, the one of\n"+
			"which it gets the most by mass. The maker of the final product has none.\n\n", contract)
		return
	}
	s.say("\nNobody discloses a composition: there is no supplier that buys nothing, and whose customer is not %s.\n", s.final().ID)
}

// plain is a term without the namespaces.
func plain(text string) string {
	return strings.NewReplacer(policy.Profile, "", policy.Namespace, "").Replace(text)
}

func promised(t policy.Term) string {
	if t.Enforced {
		return ""
	}
	return " (a promise)"
}
