// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"io"
	"strings"
)

// whatIfs tries every change that a company's data names. The company publishes
// another number, and those that its part goes into ask again; in the end it
// publishes its own number again.
func (s *scene) whatIfs(ctx context.Context) error {
	for _, c := range s.companies {
		if c.ID == s.down || len(c.WhatIf) == 0 {
			continue
		}
		if err := s.whatIf(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func (s *scene) whatIf(ctx context.Context, c *company) error {
	own, above := c.Company, s.above(c.ID)
	for _, change := range own.WhatIf {
		s.say("\nWhat if %s had %s for its own %s, not %s?\n", c.ID, told(change.Value), words[change.Stage], told(own.Own[change.Stage]))
		c.Company = own.With(change)
		if err := s.round(ctx, above); err != nil {
			return err
		}
		if above[s.final().ID] {
			s.printFootprint()
		} else {
			s.say("  %s does not learn of it: %s is out of reach.\n", s.final().ID, s.down)
		}
	}
	c.Company = own
	s.say("\n%s publishes its own number again%s.\n", c.ID, s.whoAsks(above, c.ID))
	return s.quietly(func() error { return s.round(ctx, above) })
}

// above names a company and all that its part goes into, directly or not: only
// their numbers change with it. What is out of reach passes nothing on.
func (s *scene) above(id string) map[string]bool {
	set := map[string]bool{id: true}
	for _, c := range s.companies {
		for _, supplier := range suppliers(c.Company) {
			if set[supplier] && c.ID != s.down {
				set[c.ID] = true
			}
		}
	}
	return set
}

func (s *scene) whoAsks(changed map[string]bool, but string) string {
	var list []string
	for _, c := range s.companies {
		if changed[c.ID] && c.ID != but {
			list = append(list, c.ID)
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "; asking once more: " + strings.Join(list, ", ")
}

func (s *scene) quietly(do func() error) error {
	out := s.out
	s.out = io.Discard
	defer func() { s.out = out }()
	return do()
}
