// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
)

// ratios says how many times better ours are. The first line of each figure is
// of our durable default beside EDC in memory; the goals name the second.
func ratios(edcMemory, sqlite, edcSQL, postgres figures) string {
	var b strings.Builder
	for _, r := range []struct {
		what  string
		times func(ours, theirs figures) float64
	}{
		{"negotiations", func(o, t figures) float64 { return over(o.rate, t.rate) }},
		{"latency", func(o, t figures) float64 { return over(float64(t.latency), float64(o.latency)) }},
		{"memory", func(o, t figures) float64 { return over(t.memory, o.memory) }},
		{"cpu", func(o, t figures) float64 { return over(float64(t.cpu), float64(o.cpu)) }},
	} {
		for _, c := range []struct {
			suffix       string
			ours, theirs figures
		}{{"", sqlite, edcMemory}, {" durable", sqlite, edcSQL}, {" postgres", postgres, edcSQL}} {
			fmt.Fprintf(&b, "ratio %s%s: %.1f (%s, beside %s)\n", r.what, c.suffix, r.times(c.ours, c.theirs), c.ours.name, c.theirs.name)
		}
	}
	return b.String()
}

// over divides; what was not measured is no ratio.
func over(a, b float64) float64 {
	if b <= 0 {
		return 0
	}
	return a / b
}
