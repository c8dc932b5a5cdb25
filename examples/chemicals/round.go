// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"github.com/musubi-ods/musubi/examples/chemicals/substance"
	"github.com/musubi-ods/musubi/examples/internal/dataspace"
	"github.com/musubi-ods/musubi/trust/policy"
)

// disclosures has the suppliers with a contract offer their compositions, and
// those customers that it names get them. Nobody else is offered one.
func (s *scene) disclosures(ctx context.Context) error {
	for _, supplier := range s.companies {
		if len(supplier.named) == 0 {
			continue
		}
		if err := supplier.disclose(ctx); err != nil {
			return err
		}
		for _, c := range supplier.named {
			r := forComposition(need{supplier.Bill.Part, supplier.ID})
			s.say("  %s asks %s for the composition of %s, for %s, under %s\n", c.ID, r.supplier, r.part, purposeOf(r), contract)
			b, err := c.askComposition(ctx, r)
			s.under(ctx, c, r, false)
			if err == nil {
				s.say("    answer     %d nodes of %s, version %s; it stays with %s\n", len(b.Nodes), b.Part, b.Version, c.ID)
				continue
			}
			s.say("    no answer  %v\n", err)
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

// round has the companies, suppliers first, ask their suppliers one question,
// evaluate what they know, and offer their own verdict.
func (s *scene) round(ctx context.Context, q substance.Question) error {
	entry, _, err := s.in.register.Entry(q.List, q.Entry)
	if err != nil {
		return err
	}
	s.say("\n%s, by %s on %s %s: %s\n", q.Entry, q.List, q.Date.Weekday(), q.Date, entry.Name)
	for _, c := range s.companies {
		for _, n := range needs(c.Company) {
			s.question(ctx, c, forVerdict(n, q, s.purpose(c, entry)), q)
			if err := ctx.Err(); err != nil {
				return err // interrupted: a supplier that had no time to answer is not missing
			}
		}
		if err := c.answer(ctx, q); err != nil {
			return err
		}
	}
	s.outcome(q)
	return s.figures(q, entry)
}

// purpose is what a company wants a verdict for: who makes the final product has
// to notify what is disclosed.
func (s *scene) purpose(c *company, entry substance.Entry) string {
	if c == s.final() && entry.Effect == substance.Disclosure {
		return policy.PurposeSCIPNotification
	}
	return policy.PurposeRegulatoryCompliance
}

// question has one company ask one supplier for its verdict, and tells of it.
func (s *scene) question(ctx context.Context, c *company, r request, q substance.Question) {
	before := c.agreements[r.key] != ""
	s.say("  %s asks %s for its verdict on %s, for %s\n", c.ID, r.supplier, r.part, purposeOf(r))
	v, err := c.askVerdict(ctx, r, q)
	s.under(ctx, c, r, before)
	if err != nil {
		s.say("    no answer  %v\n", err)
		return
	}
	s.say("    answer     %s\n", inWords(v))
}

// under says under which agreement a document came, and with which company it
// is, as the customer knows from the supplier's credentials. That the company is
// fictional only the narrator knows.
func (s *scene) under(ctx context.Context, c *company, r request, before bool) {
	agreement, ok := c.agreements[r.key]
	if !ok {
		return
	}
	since := "new"
	if before {
		since = "as before"
	}
	number, err := c.Proved(ctx, agreement)
	with := " with the company " + dataspace.Marked(number.Value, s.byID[r.supplier].MadeUp)
	if err != nil {
		with = ": " + err.Error()
	}
	s.say("    agreement  %s (%s)%s\n", agreement, since, with)
}
