// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// pair is a consumer and a provider that work together.
type pair interface {
	// begin has the consumer ask for the asset, and returns its negotiation.
	begin(ctx context.Context) (id string, err error)
	// await waits until it is FINALIZED at the consumer. errNotAgreed.
	await(ctx context.Context, id string) error
	// agreed counts those that are FINALIZED at the provider.
	agreed(ctx context.Context) (int, error)
	// processes are those of both, by name.
	processes() map[string]int
	close() error
}

// errNotAgreed: a negotiation ended without an agreement.
var errNotAgreed = errors.New("not agreed")

// work is what a pair is given to do.
type work struct {
	asset                               string
	burst, clients, singles, warm, runs int
}

func (w work) with(runs int) work {
	w.runs = runs
	return w
}

// figures are what a pair did.
type figures struct {
	name     string
	rate     float64       // negotiations a second in a burst, the median
	latency  time.Duration // of one alone, the median
	cpu      time.Duration // of both connectors, for one in a burst
	idle     float64       // MiB of memory of one process before any work
	memory   float64       // the same after it
	done     int
	failed   int
	failures error // why, of the first
}

const header = "pair                negotiations/s   median ms  CPU ms/negotiation   MiB each: idle   after load   agreed   failed"

func (f figures) String() string {
	return fmt.Sprintf("%-18s  %14.1f  %10.1f  %18.2f  %15.1f  %11.1f  %7d  %7d",
		f.name, f.rate, milliseconds(f.latency), milliseconds(f.cpu), f.idle, f.memory, f.done, f.failed)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// measure opens a pair, has it work and closes it. One that fails more than one
// time in twenty is an error: its figures would say nothing.
func (w work) measure(ctx context.Context, name string, open func(context.Context) (pair, error)) (f figures, err error) {
	f.name = name
	p, err := open(ctx)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	if f.idle, err = memory(p.processes()); err != nil {
		return f, err
	}
	for range w.warm {
		if _, err := w.round(ctx, p, &f); err != nil {
			return f, err
		}
	}
	var rates []float64
	warm := f.done
	used, err := cpu(p.processes())
	if err != nil {
		return f, err
	}
	for range w.runs {
		rate, err := w.round(ctx, p, &f)
		if err != nil {
			return f, err
		}
		rates = append(rates, rate)
	}
	after, err := cpu(p.processes())
	if err != nil {
		return f, err
	}
	f.rate, f.cpu = median(rates), (after-used)/time.Duration(f.done-warm)
	if f.latency, err = w.alone(ctx, p, &f); err != nil {
		return f, err
	}
	if f.memory, err = memory(p.processes()); err != nil {
		return f, err
	}
	if f.failed*20 > f.done {
		return f, fmt.Errorf("%d of %d failed: %w", f.failed, f.done+f.failed, f.failures)
	}
	return f, atProvider(ctx, p, f.done)
}

// round has clients begin a burst and waits until all of it is agreed.
func (w work) round(ctx context.Context, p pair, f *figures) (rate float64, err error) {
	ids, errs := make([]string, w.burst), make([]error, w.clients)
	var all sync.WaitGroup
	began := time.Now()
	for c := range w.clients {
		all.Go(func() {
			for i := c; i < w.burst && errs[c] == nil; i += w.clients {
				ids[i], errs[c] = p.begin(ctx)
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return 0, err
	}
	done := 0
	for _, id := range ids {
		agreed, err := f.count(p.await(ctx, id))
		if err != nil {
			return 0, err
		}
		done += agreed
	}
	if done == 0 {
		return 0, f.failures
	}
	return float64(done) / time.Since(began).Seconds(), nil
}

// count keeps account of how a negotiation went: 1 if it was agreed.
func (f *figures) count(err error) (agreed int, fatal error) {
	switch {
	case err == nil:
		f.done++
		return 1, nil
	case errors.Is(err, errNotAgreed):
		if f.failed++; f.failures == nil {
			f.failures = err
		}
		return 0, nil
	}
	return 0, err
}

// alone times negotiations one after the other.
func (w work) alone(ctx context.Context, p pair, f *figures) (time.Duration, error) {
	var times []time.Duration
	for range w.singles {
		began := time.Now()
		id, err := p.begin(ctx)
		if err != nil {
			return 0, err
		}
		agreed, err := f.count(p.await(ctx, id))
		if err != nil {
			return 0, err
		}
		if agreed == 1 {
			times = append(times, time.Since(began))
		}
	}
	if len(times) == 0 {
		return 0, f.failures
	}
	return median(times), nil
}

func median[T ~int64 | ~float64](list []T) T {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

// settled bounds how long a provider may lag behind its consumer.
const settled = 30 * time.Second

// atProvider checks that the provider has agreed to as many as the consumer.
func atProvider(ctx context.Context, p pair, want int) error {
	ctx, cancel := context.WithTimeout(ctx, settled)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		got, err := p.agreed(ctx)
		if err == nil && got >= want {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the provider has %d agreed, the consumer %d: %w", got, want, errors.Join(err, ctx.Err()))
		case <-tick.C:
		}
	}
}
