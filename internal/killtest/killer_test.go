// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package killtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

const (
	maxAim  = 20 * time.Millisecond  // from a step to the kill
	maxDown = 250 * time.Millisecond // from the kill to the start
	maxHurt = 60 * time.Millisecond  // from a start to a kill while starting
	hasty   = 0.15                   // how often a starting process is killed
)

// killer kills one side again and again.
type killer struct {
	side  *side
	rng   *rand.Rand
	meter *meter
	at    []int // steps of the run at which it struck
	early int   // how often the process was still starting
	named int   // processes that were not at their end after a start
}

func newRand(seed, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }

// moments are the steps at which to strike, one chosen in each of so many
// equal parts of the run.
func moments(rng *rand.Rand, kills, steps int) []int {
	list := make([]int, kills)
	for k := range list {
		from, to := k*steps/kills, (k+1)*steps/kills
		list[k] = from + rng.IntN(to-from)
	}
	return list
}

// run strikes at every moment of the run, unless that ends early. The process
// serves when it returns.
func (k *killer) run(ctx, run context.Context, at []int) error {
	for _, steps := range at {
		if !k.meter.reach(run, steps) {
			return fmt.Errorf("the run never came to the kill of the %s at step %d", k.side.name, steps)
		}
		if err := k.strike(ctx); err != nil {
			return err
		}
		if err := k.explained(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (k *killer) strike(ctx context.Context) error {
	pause(ctx, k.upTo(maxAim))
	steps, _ := k.meter.now()
	if err := k.side.kill(); err != nil {
		return err
	}
	k.at = append(k.at, steps)
	pause(ctx, k.upTo(maxDown))
	if err := k.side.start(); err != nil {
		return err
	}
	if k.rng.Float64() < hasty {
		pause(ctx, k.upTo(maxHurt))
		if err := k.side.kill(); err != nil {
			return err
		}
		k.early++
		if err := k.side.start(); err != nil {
			return err
		}
	}
	return k.side.ready(ctx)
}

func (k *killer) upTo(d time.Duration) time.Duration { return time.Duration(k.rng.Int64N(int64(d))) }

// explained checks that whatever is not at its end after a restart names whom
// it waits for.
func (k *killer) explained(ctx context.Context) error {
	open, err := stuck(ctx, k.side)
	for _, p := range open {
		err = errors.Join(err, p.unnamed())
	}
	k.named += len(open)
	return err
}

// stuck lists what is not at its end.
func stuck(ctx context.Context, s *side) ([]process, error) {
	open, err := all[process](ctx, s.api, "/processes/stuck", "before")
	if err != nil {
		return nil, fmt.Errorf("what is open at the %s: %w", s.name, err)
	}
	return open, nil
}

// unnamed says what a process that is not at its end leaves unexplained.
func (p process) unnamed() error {
	var missing []string
	lacks := func(what string, is bool) {
		if is {
			missing = append(missing, what)
		}
	}
	lacks("who has to move", p.WaitingFor == "" && !p.ended())
	lacks("the next try", p.NextTry.IsZero() && (p.Pending != "" || p.WaitingFor == "us"))
	lacks("the deadline", p.Deadline.IsZero() && p.Pending != "")
	lacks("an explanation", p.Explanation == "")
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("%s does not say %s", p, strings.Join(missing, ", "))
}
