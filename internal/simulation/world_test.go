// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// errCrashed is what everything answers to an activity of a dead incarnation,
// so that what it unwinds has no effect.
var errCrashed = errors.New("this process has crashed")

// background is the one context: what ends an activity here is a crash, and
// what limits it the virtual clock.
var background = context.Background()

// epoch is when every schedule begins.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// world is one schedule being played.
type world struct {
	seed uint64
	rng  *rand.Rand
	now  time.Time
	plan plan

	consumer, provider *side
	tasks              []*task
	running            *task
	packets            []*packet // in the network
	ids                int64

	steps     int
	faults    [faultKinds]int
	calm      bool // no more faults and no more whims
	cov       *coverage
	trace     func(line string) // nil: nobody reads
	quiets    int
	eager     []*eager
	suspended bool  // the transfer was, once
	broken    error // the first invariant that did not hold
}

func newWorld(seed uint64, p planner, cov *coverage) *world {
	w := &world{seed: seed, rng: rand.New(rand.NewPCG(seed, 0x6d7573756269)), now: epoch, cov: cov}
	w.plan = p(w.rng)
	return w
}

// newID gives unique ids, the same at every replay.
func (w *world) newID() string {
	w.ids++
	return "urn:uuid:00000000-0000-7000-8000-" + fmt.Sprintf("%012d", w.ids)
}

func (w *world) chance(p float64) bool { return p > 0 && w.rng.Float64() < p }

func (w *world) between(from, to time.Duration) time.Duration {
	return from + time.Duration(w.rng.Int64N(int64(to-from)+1))
}

// say adds a line to the trace.
func (w *world) sayf(format string, args ...any) {
	if w.trace != nil {
		at := strconv.FormatFloat(w.now.Sub(epoch).Seconds(), 'f', 3, 64)
		w.trace("#" + strconv.Itoa(w.steps) + " " + at + "s " + fmt.Sprintf(format, args...))
	}
}

// breaks records the first invariant that does not hold.
func (w *world) breaksf(format string, args ...any) {
	if w.broken == nil {
		w.broken = fmt.Errorf(format, args...)
		w.sayf("BROKEN %v", w.broken)
	}
}

// defect counts what is wrong and does not keep the two ends apart.
func (w *world) defectf(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	w.sayf("DEFECT %s", text)
	if w.cov.defects[text] == 0 {
		w.cov.defectSeed[text] = w.seed
	}
	w.cov.defects[text]++
}

func (w *world) sides() [2]*side { return [2]*side{w.consumer, w.provider} }

// fault kinds, as counted.
const (
	faultDrop = iota
	faultDuplicate
	faultDelay
	faultAnswer
	faultBusy
	faultCrash
	faultStall
	faultRefuse
	faultKinds
)

var faultNames = [faultKinds]string{"dropped", "duplicated", "delayed", "answer lost", "5xx", "crash", "stall", "refused on the way"}

// fault counts one.
func (w *world) fault(kind int) { w.faults[kind]++ }

func (w *world) faultCount() (n int) {
	for _, k := range w.faults {
		n += k
	}
	return n
}

// strikes decides whether a fault happens now, as long as the schedule has
// some left.
func (w *world) strikes(p float64) bool {
	return !w.calm && w.faultCount() < w.plan.faults && w.chance(p)
}
