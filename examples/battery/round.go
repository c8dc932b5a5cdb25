// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"github.com/musubi-ods/musubi/examples/battery/footprint"
	"github.com/musubi-ods/musubi/examples/internal/dataspace"
)

// round has the companies, suppliers first, ask their suppliers, add up, and
// publish their answers. With changed set, only the companies it names have
// something new to tell, and only they are asked.
func (s *scene) round(ctx context.Context, changed map[string]bool) error {
	for _, c := range s.companies {
		if c.ID == s.down || changed != nil && !changed[c.ID] {
			continue
		}
		for _, child := range c.Children {
			if !child.Bought() || changed != nil && !changed[child.Supplier] {
				continue
			}
			s.question(ctx, c, child)
			if err := ctx.Err(); err != nil {
				return err // interrupted: a supplier that had no time to answer is not missing
			}
		}
		if err := c.rollUp(ctx); err != nil {
			return err
		}
	}
	return nil
}

// question has one company ask one supplier for one part, and tells of it.
func (s *scene) question(ctx context.Context, c *company, child footprint.Child) {
	_, before := c.agreements[child.Part]
	s.say("  %s asked %s for %s\n", c.ID, child.Supplier, child.Part)
	err := c.ask(ctx, child)
	if agreement, ok := c.agreements[child.Part]; ok {
		since := "new"
		if before {
			since = "as before"
		}
		s.say("    agreement  %s (%s)%s\n", agreement, since, s.with(ctx, c, child.Supplier, agreement))
	}
	if err != nil {
		s.say("    no answer  %v\n", err)
		return
	}
	a := c.answers[child.Part]
	s.say("    answer     %s %s, %s %s, in %s: %s\n", words[footprint.Pre], told(a.Pre),
		words[footprint.Main], told(a.Main), a.Unit.Declared(), a.Status())
}

// with says with which company an agreement is, as its customer knows from the
// supplier's credentials. That it is fictional only the narrator knows.
func (s *scene) with(ctx context.Context, c *company, supplier, agreement string) string {
	number, err := c.Proved(ctx, agreement)
	if err != nil {
		return ": " + err.Error()
	}
	return " with the company " + dataspace.Marked(number.Value, s.byID[supplier].MadeUp)
}

// told puts a number of an answer into words; a missing one is not a zero.
func told(v footprint.Value) string {
	d, ok := v.Get()
	switch {
	case ok:
		return d.String()
	case v.IsAbsent():
		return "none"
	}
	return "withheld"
}
