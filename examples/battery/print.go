// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/musubi-ods/musubi/examples/battery/footprint"
)

// print prints the final product's footprint as its maker knows it.
func (s *scene) print(out io.Writer, r footprint.Result) {
	c := s.final()
	fmt.Fprintf(out, "\n%s, as %s knows it:\n", c.Part.Name, c.ID)
	for stage, v := range r.Totals {
		if v.IsAbsent() {
			continue
		}
		fmt.Fprintf(out, "  %-14s %s\n", footprint.Stage(stage), padded(v))
	}
	if r.Status() != footprint.StatusComplete {
		fmt.Fprintf(out, "  at least       %s kgCO2e: %s, not to be declared\n", padded(r.Total()), r.Status())
		for _, gap := range r.Gaps {
			fmt.Fprintf(out, "  missing: %s\n", gap)
		}
		return
	}
	fmt.Fprintf(out, "  total          %s kgCO2e\n", padded(r.Total()))
	if c.Energy == nil {
		return
	}
	if d, err := footprint.Declare(r, *c.Energy); err == nil {
		fmt.Fprintf(out, "  over %s kWh of lifetime energy: %s kgCO2e/kWh\n", d.EnergyKWh, d.PerKWh)
	}
}

func padded(v footprint.Value) string {
	if d, ok := v.Get(); ok {
		return d.Pad(2)
	}
	return text(v)
}

// whatIfs tries every change that a company's data names: that company
// publishes another number, and only the companies above it ask again.
func (s *scene) whatIfs(ctx context.Context, out io.Writer) error {
	for _, c := range s.companies {
		if s.gone[c.ID] {
			continue
		}
		was := c.Company
		for _, change := range was.WhatIf {
			fmt.Fprintf(out, "\nWhat if %s had %s for its own %s instead of %s?\n", c.ID, text(change.Value), change.Stage, text(was.Own[change.Stage]))
			c.Company = was.With(change)
			err := s.again(ctx, out, c.ID)
			c.Company = was
			if err != nil {
				return err
			}
		}
		if len(was.WhatIf) > 0 {
			if _, err := s.round(ctx, io.Discard, s.above(c.ID)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *scene) again(ctx context.Context, out io.Writer, id string) error {
	result, err := s.round(ctx, out, s.above(id))
	if err != nil {
		return err
	}
	if result.Part.ID != s.final().Part.ID {
		return errors.New("the final product was not computed again")
	}
	s.print(out, result)
	return nil
}

// above names a company and all that use its part, directly or not: only
// their numbers are out of date when it changes.
func (s *scene) above(id string) map[string]bool {
	out := map[string]bool{id: true}
	for _, c := range s.companies {
		for _, supplier := range suppliers(c.Company) {
			if out[supplier] {
				out[c.ID] = true
			}
		}
	}
	return out
}
