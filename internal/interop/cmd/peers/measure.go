// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
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
	// hold stops both where they are, release has them go on.
	hold() error
	release() error
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

// trial is a pair at its work.
type trial struct {
	work
	figures
	open func(context.Context) (pair, error)

	pair    pair
	rates   []float64
	times   []time.Duration
	used    time.Duration // by both connectors for what was counted
	counted int
}

// contest opens both pairs, has them work in turns, so that a machine that is
// slower for a while is so for both, and closes them. While ours work, theirs
// are held: they would use the processor with nothing to do. A pair that fails
// more than one time in twenty is an error: its figures would say nothing.
func contest(ctx context.Context, theirs, ours *trial) (err error) {
	for _, t := range []*trial{theirs, ours} {
		if t.pair, err = t.open(ctx); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		defer func() { err = errors.Join(err, t.pair.close()) }()
	}
	for _, part := range []struct {
		rounds, ours int
		does         func(*trial, context.Context) error
	}{
		{1, 1, (*trial).begin},
		{theirs.warm, 1, (*trial).warmUp},
		{theirs.runs, max(1, ours.runs/max(1, theirs.runs)), (*trial).measured},
		{theirs.singles, 1, (*trial).alone},
		{1, 1, (*trial).end},
	} {
		for range part.rounds {
			if err := turn(ctx, theirs, ours, part.ours, part.does); err != nil {
				return err
			}
		}
	}
	return nil
}

// turn has theirs do it once, and then ours so often.
func turn(ctx context.Context, theirs, ours *trial, times int, does func(*trial, context.Context) error) (err error) {
	if err := does(theirs, ctx); err != nil {
		return fmt.Errorf("%s: %w", theirs.name, err)
	}
	if err := theirs.pair.hold(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, theirs.pair.release()) }()
	for range times {
		if err := does(ours, ctx); err != nil {
			return fmt.Errorf("%s: %w", ours.name, err)
		}
	}
	return nil
}

func (t *trial) begin(context.Context) (err error) {
	t.idle, err = memory(t.pair.processes())
	return err
}

func (t *trial) warmUp(ctx context.Context) error {
	_, err := t.round(ctx)
	return err
}

// measured is a burst that counts.
func (t *trial) measured(ctx context.Context) error {
	before, err := cpu(t.pair.processes())
	if err != nil {
		return err
	}
	had := t.done
	rate, err := t.round(ctx)
	if err != nil {
		return err
	}
	after, err := cpu(t.pair.processes())
	t.rates, t.used, t.counted = append(t.rates, rate), t.used+after-before, t.counted+t.done-had
	return err
}

// alone times one negotiation.
func (t *trial) alone(ctx context.Context) error {
	began := time.Now()
	id, err := t.pair.begin(ctx)
	if err != nil {
		return err
	}
	agreed, err := t.count(t.pair.await(ctx, id))
	if agreed == 1 {
		t.times = append(t.times, time.Since(began))
	}
	return err
}

// end works out the figures.
func (t *trial) end(ctx context.Context) (err error) {
	if t.failed*20 > t.done {
		return fmt.Errorf("%d of %d failed: %w", t.failed, t.done+t.failed, t.failures)
	}
	if len(t.rates) == 0 || len(t.times) == 0 || t.counted == 0 {
		return errors.New("nothing was measured")
	}
	t.rate, t.latency, t.cpu = median(t.rates), median(t.times), t.used/time.Duration(t.counted)
	if t.memory, err = memory(t.pair.processes()); err != nil {
		return err
	}
	return atProvider(ctx, t.pair, t.done)
}

// round has clients begin a burst and waits until all of it is agreed.
func (t *trial) round(ctx context.Context) (rate float64, err error) {
	ids, errs := make([]string, t.burst), make([]error, t.clients)
	var all sync.WaitGroup
	began := time.Now()
	for c := range t.clients {
		all.Go(func() {
			for i := c; i < t.burst && errs[c] == nil; i += t.clients {
				ids[i], errs[c] = t.pair.begin(ctx)
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return 0, err
	}
	done := 0
	for _, id := range ids {
		agreed, err := t.count(t.pair.await(ctx, id))
		if err != nil {
			return 0, err
		}
		done += agreed
	}
	if done == 0 {
		return 0, t.failures
	}
	return float64(done) / time.Since(began).Seconds(), nil
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
