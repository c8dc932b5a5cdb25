// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/bench/limits"
)

// The goals.
const (
	bulkGoal  = 0.9
	smallGoal = 0.6
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	each := flag.Duration("each", 3*time.Second, "how long each of the two is asked at a time")
	rounds := flag.Int("rounds", 5, "how often")
	flag.Parse()
	err := run(ctx, *each, *rounds)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "dataplane:", err)
		os.Exit(1)
	}
}

// load is what is asked for.
type load struct {
	name        string
	size        int64 // of a body, in bytes
	connections int
	unit        string
	per         float64 // of the unit, in what Result counts
	count       func(result) float64
	goal        float64
}

var loads = []load{
	{"bulk", 1 << 30, 4, "MB/s", 1e6, func(r result) float64 { return float64(r.bytes) }, bulkGoal},
	{"small", 1 << 10, 64, "requests/s", 1, func(r result) float64 { return float64(r.answers) }, smallGoal},
}

func run(ctx context.Context, each time.Duration, rounds int) (err error) {
	dir, err := os.MkdirTemp("", "musubi-dataplane-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	lim, err := limits.Measure(ctx, dir, 300*time.Millisecond)
	if err != nil {
		return err
	}
	fmt.Printf("cores: %d\n%s", runtime.NumCPU(), lim)
	src, err := newSource(ctx)
	if err != nil {
		return err
	}
	defer src.close()
	ours, err := serveOurs(ctx, dir, src.address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ours.stop()) }()
	proxy, err := serveNginx(ctx, dir, src.address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, proxy.stop()) }()
	for _, l := range loads {
		if err := compare(ctx, l, each, rounds, ours, proxy, src); err != nil {
			return err
		}
	}
	return nil
}

// server is one of those that are measured.
type server struct {
	name   string
	target func(l load) target
	cpu    func() time.Duration // used until now; nil: it is not known
	stop   func() error
}

// compare asks both in turns, who is first changing, and prints the ratio of
// the medians.
func compare(ctx context.Context, l load, each time.Duration, rounds int, ours, proxy *server, src *source) error {
	direct, err := measure(ctx, l, each/2, target{address: src.address, path: path(l)})
	if err != nil {
		return fmt.Errorf("%s, from the source: %w", l.name, err)
	}
	fmt.Printf("%s: limit-source: %.0f %s (the load asks the source itself)\n", l.name, l.rate(direct), l.unit)
	rates, spent, moved := map[*server][]float64{}, map[*server]time.Duration{}, map[*server]float64{}
	for round := range rounds {
		order := []*server{ours, proxy}
		if round%2 == 1 {
			slices.Reverse(order)
		}
		for _, s := range order {
			before := s.used()
			r, err := measure(ctx, l, each, s.target(l))
			if err != nil {
				return fmt.Errorf("%s, %s: %w", l.name, s.name, err)
			}
			rates[s] = append(rates[s], l.rate(r))
			spent[s] += s.used() - before
			moved[s] += l.count(r) / l.per
		}
	}
	for _, s := range []*server{ours, proxy} {
		fmt.Printf("%s: %-6s %9.0f %s (median of %.0f)", l.name, s.name, median(rates[s]), l.unit, rates[s])
		if spent[s] > 0 {
			fmt.Printf("; its own CPU time: %.1f µs each %s", float64(spent[s].Nanoseconds())/1e3/moved[s], unitOf(l))
		}
		fmt.Println()
	}
	ratio := median(rates[ours]) / median(rates[proxy])
	fmt.Printf("%s ratio: %.2f (goal: %.1f)\n", l.name, ratio, l.goal)
	return nil
}

func unitOf(l load) string {
	if l.per > 1 {
		return "MB"
	}
	return "request"
}

func (s *server) used() time.Duration {
	if s.cpu == nil {
		return 0
	}
	return s.cpu()
}

// rate is what was moved in a second, in the unit of the load.
func (l load) rate(r result) float64 { return l.count(r) / l.per / r.took.Seconds() }

func path(l load) string { return "/" + l.name }

func median(list []float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}
