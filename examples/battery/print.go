// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"github.com/musubi-ods/musubi/examples/battery/footprint"
)

// words are the life-cycle stages as people call them (Regulation (EU)
// 2023/1542, Annex II).
var words = map[footprint.Stage]string{
	footprint.Pre:          "raw materials and pre-processing",
	footprint.Main:         "main production",
	footprint.Distribution: "distribution",
	footprint.EndOfLife:    "end of life and recycling",
}

// printFootprint prints the final product's footprint as its maker knows it.
func (s *scene) printFootprint() {
	c := s.final()
	if c.result.Status() != footprint.StatusComplete {
		s.say("\n%s, as far as %s knows it: %s, each number is a lower bound\n", c.Part.Name, c.ID, c.result.Status())
		s.table(footprint.Declaration{})
		s.say("  Nothing is declared, as long as something is missing:\n")
		s.gaps()
		return
	}
	s.say("\n%s, as %s knows it:\n", c.Part.Name, c.ID)
	if c.Energy == nil {
		s.table(footprint.Declaration{})
		return
	}
	declared, err := footprint.Declare(c.result, *c.Energy)
	if err != nil {
		s.say("  Nothing is declared: %v\n", err)
		return
	}
	s.table(declared)
	s.say("  per kWh of %s kWh over its life (%s kWh × %s cycles a year × %s years)\n",
		declared.EnergyKWh, c.Energy.CapacityKWh, c.Energy.CyclesPerYear, c.Energy.Years)
}

// table prints a line for each stage, and the total; beside them the figures per
// kWh, if they are declared.
func (s *scene) table(declared footprint.Declaration) {
	perKWh := map[footprint.Stage]string{}
	for _, d := range declared.Stages {
		perKWh[d.Stage] = d.PerKWh.Pad(5)
	}
	r := s.final().result
	total := aligned(append(r.Totals[:], r.Total()))
	for stage, v := range r.Totals {
		if !v.IsAbsent() {
			s.line(words[footprint.Stage(stage)], total(v), perKWh[footprint.Stage(stage)])
		}
	}
	switch {
	case r.Status() != footprint.StatusComplete:
		s.line("total, at least", total(r.Total()), "")
	case declared.Stages == nil:
		s.line("total", total(r.Total()), "")
	default:
		s.line("total", total(r.Total()), declared.PerKWh.Pad(5))
	}
}

func (s *scene) line(label, kg, perKWh string) {
	s.say("  %-32s  %s kgCO2e", label, kg)
	if perKWh != "" {
		s.say(" %9s kgCO2e/kWh", perKWh)
	}
	s.say("\n")
}

// gaps prints what each company misses. The companies themselves see only their
// own lines: the others learn a count.
func (s *scene) gaps() {
	for _, c := range s.companies {
		for _, gap := range c.result.Gaps {
			s.say("    %s lacks %s\n", c.ID, gap)
		}
	}
}

// aligned returns how to print each of some numbers: exactly, with as many
// decimals as the longest has, point under point.
func aligned(values []footprint.Value) func(footprint.Value) string {
	decimals, width := 0, 0
	for _, v := range values {
		if d, ok := v.Get(); ok {
			_, fraction, _ := strings.Cut(d.String(), ".")
			decimals = max(decimals, len(fraction))
		}
	}
	text := func(v footprint.Value) string {
		if d, ok := v.Get(); ok {
			return d.Pad(decimals)
		}
		return "not known"
	}
	for _, v := range values {
		width = max(width, len(text(v)))
	}
	return func(v footprint.Value) string { return fmt.Sprintf("%*s", width, text(v)) }
}
