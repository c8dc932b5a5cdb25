// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"io"
	"slices"
	"strings"
)

// whatIfs tries every change that a company's data names. The company publishes
// another number, and those that its part goes into ask again; in the end it
// publishes its own number again.
func (s *scene) whatIfs(ctx context.Context) error {
	for _, c := range s.companies {
		if len(c.WhatIf) == 0 {
			continue
		}
		if c.ID == s.down {
			s.say("\nWhat if %s had other numbers? It is out of reach: nobody can ask it.\n", c.ID)
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
		s.cutOff(above)
		if above[s.final().ID] {
			s.printFootprint()
		} else {
			s.say("  So %s learns nothing of it.\n", s.final().ID)
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

// cutOff says whom a change does not get past, and who would have asked there.
func (s *scene) cutOff(above map[string]bool) {
	if s.down == "" {
		return
	}
	reaches := func(id string) bool { return above[id] }
	if !slices.ContainsFunc(suppliers(s.byID[s.down].Company), reaches) {
		return
	}
	for _, c := range s.companies {
		if slices.Contains(suppliers(c.Company), s.down) {
			s.say("  %s could not ask %s, which is out of reach.\n", c.ID, s.down)
		}
	}
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
