// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package connector_test

import (
	"fmt"
	"testing"
	"time"
)

// growth is how much of a soak's last quarter there may be for each of its
// second: the first warms up.
type growth struct{ memory, goroutines, sockets, store, log, cpu float64 }

// The limits of a soak, and those of one that is too short for caches to fill
// and for chance to even out. What is stored and what is used is judged for
// each negotiation: agreements stay, so the store grows by as much each time.
var (
	soakLimits  = growth{memory: 1.10, goroutines: 1.10, sockets: 1.10, store: 1.10, log: 1.25, cpu: 1.20}
	smokeLimits = growth{memory: 1.50, goroutines: 1.50, sockets: 1.50, store: 1.50, log: 2, cpu: 2}
)

// judged is what was judged of one figure.
type judged struct {
	what         string
	second, last float64 // means of those quarters
	slope        float64 // an hour
	limit        float64 // of last by second
	slack        float64 // what last may have more in any case
}

func (v judged) holds() bool { return v.last <= v.second*v.limit+v.slack }

const judgedHeader = "judged                              2nd quarter  last quarter    ratio    limit  slope an hour"

func (v judged) String() string {
	ratio, says := 0.0, "ok"
	if v.second > 0 {
		ratio = v.last / v.second
	}
	if !v.holds() {
		says = "OVER"
	}
	return fmt.Sprintf("%-34s %12.2f  %12.2f %8.3f %8.2f  %13.3f  %s", v.what, v.second, v.last, ratio, v.limit, v.slope, says)
}

// judge compares the last quarter of a soak to its second.
func judge(samples []sample, limit growth) []judged {
	const mib = 1 << 20
	var all []judged
	for _, side := range []struct {
		name string
		of   func(sample) Weight
	}{
		{"consumer: ", func(s sample) Weight { return s.Consumer }},
		{"provider: ", func(s sample) Weight { return s.Provider }},
	} {
		held := func(what string, limit, slack float64, of func(Weight) float64) {
			all = append(all, holds(side.name+what, samples, limit, slack, func(s sample) float64 { return of(side.of(s)) }))
		}
		held("MiB of memory", limit.memory, 1, func(w Weight) float64 { return float64(w.Resident) / mib })
		held("goroutines", limit.goroutines, 16, func(w Weight) float64 { return float64(w.Goroutines) })
		held("sockets", limit.sockets, 16, func(w Weight) float64 { return float64(w.Sockets) })
		held("MiB of log", limit.log, 1, func(w Weight) float64 { return float64(w.Log) / mib })
		all = append(all, takes(side.name+"KiB stored a negotiation", samples, limit.store, 0.5,
			func(s sample) float64 { return float64(side.of(s).File) / 1024 }))
	}
	return append(all, takes("both: CPU ms a negotiation", samples, limit.cpu, 0,
		func(s sample) float64 { return milliseconds(s.cpu) }))
}

// holds judges what there is at a time: the means of two quarters, and the
// slope of all but the first.
func holds(what string, samples []sample, limit, slack float64, of func(sample) float64) judged {
	var at, values []float64
	for _, s := range samples {
		at, values = append(at, s.at.Hours()), append(values, of(s))
	}
	quarter := len(values) / 4
	return judged{
		what: what, limit: limit, slack: slack, slope: slope(at[quarter:], values[quarter:]),
		second: mean(values[quarter : 2*quarter]), last: mean(values[len(values)-quarter:]),
	}
}

// takes judges what one negotiation takes of a sum that only grows.
func takes(what string, samples []sample, limit, slack float64, of func(sample) float64) judged {
	last := len(samples) - 1
	quarter := last / 4
	each := func(from, to int) float64 {
		return (of(samples[to]) - of(samples[from])) / float64(max(1, samples[to].done-samples[from].done))
	}
	v := judged{what: what, limit: limit, slack: slack, second: each(quarter, 2*quarter), last: each(last-quarter, last)}
	if between := (samples[last].at - samples[2*quarter].at).Hours(); between > 0 {
		v.slope = (v.last - v.second) / between
	}
	return v
}

func mean(list []float64) float64 {
	sum := 0.0
	for _, v := range list {
		sum += v
	}
	return sum / float64(max(1, len(list)))
}

// slope is that of the straight line with the least squares.
func slope(x, y []float64) float64 {
	mx, my := mean(x), mean(y)
	var up, down float64
	for i := range x {
		up += (x[i] - mx) * (y[i] - my)
		down += (x[i] - mx) * (x[i] - mx)
	}
	if down == 0 {
		return 0
	}
	return up / down
}

// TestJudge: a figure that grows is found, whichever it is, and no other.
func TestJudge(t *testing.T) {
	flat := func(int) sample {
		w := Weight{Resident: 50 << 20, Goroutines: 100, Sockets: 70, File: 1 << 20, Log: 16 << 20}
		return sample{Consumer: w, Provider: w}
	}
	run := func(change func(i int, s *sample)) []sample {
		var list []sample
		for i := range 41 {
			s := flat(i)
			s.at, s.done = time.Duration(i)*time.Minute, 1000*i
			s.cpu = time.Duration(i) * 2 * time.Second
			s.Consumer.File, s.Provider.File = int64(i)<<20, int64(i)<<20
			change(i, &s)
			list = append(list, s)
		}
		return list
	}
	for name, change := range map[string]func(i int, s *sample){
		"":                                   func(int, *sample) {},
		"consumer: MiB of memory":            func(i int, s *sample) { s.Consumer.Resident += int64(i) << 19 },
		"provider: MiB of memory":            func(i int, s *sample) { s.Provider.Resident += int64(i) << 19 },
		"consumer: goroutines":               func(i int, s *sample) { s.Consumer.Goroutines += 2 * i },
		"provider: sockets":                  func(i int, s *sample) { s.Provider.Sockets += 2 * i },
		"provider: MiB of log":               func(i int, s *sample) { s.Provider.Log += int64(i) << 20 },
		"consumer: KiB stored a negotiation": func(i int, s *sample) { s.Consumer.File += int64(i*i) << 16 },
		"both: CPU ms a negotiation":         func(i int, s *sample) { s.cpu += time.Duration(i*i) * 50 * time.Millisecond },
	} {
		for _, v := range judge(run(change), soakLimits) {
			if v.holds() == (v.what == name) {
				t.Errorf("where %q grows: %s", name, v)
			}
		}
	}
	warms := run(func(i int, s *sample) { s.Consumer.Resident -= int64(max(0, 8-i)) << 20 })
	for _, v := range judge(warms, soakLimits) {
		if !v.holds() {
			t.Errorf("what grows at first alone: %s", v)
		}
	}
	if got := slope([]float64{1, 2, 3}, []float64{10, 12, 14}); got != 2 {
		t.Errorf("the slope of 10, 12, 14 is %v", got)
	}
}
