// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package footprint

import (
	"fmt"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

// Accept checks an answer against the line it answers: the part must be the one
// that was asked for, and the units must be equal, or the product would be wrong
// without looking wrong (ErrAnswer, ErrUnit).
func (c Child) Accept(a Answer) error {
	if a.Part != c.Part {
		return fmt.Errorf("%w: it is for part %s, asked was %s", ErrAnswer, strict.Quote(a.Part), c.Part)
	}
	if err := a.Unit.matches(c.Unit, "answer"); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrAnswer, c.Part, err)
	}
	return nil
}

// RollUp computes, for each stage, own emissions + Σ amount × child's emissions,
// from the company's row and the answers of its direct suppliers by part id. A
// supplier that did not answer is a Gap, never a zero. An answer that Accept
// refuses, or that nobody asked for, fails the whole: nothing is summed.
func RollUp(c Company, answers map[string]Answer) (Result, error) {
	sum, used := new(rollUp), 0
	sum.own(c.Own)
	for _, child := range c.Children {
		if !child.Bought() {
			sum.secondary(child)
			continue
		}
		answer, ok := answers[child.Part]
		if !ok {
			sum.unanswered(child)
			continue
		}
		if err := child.Accept(answer); err != nil {
			return Result{}, err
		}
		sum.answered(child, answer)
		used++
	}
	if used != len(answers) {
		return Result{}, fmt.Errorf("%w: %s has an answer to a question it did not ask", ErrAnswer, c.ID)
	}
	result := Result{Part: c.Part, Gaps: sum.gaps}
	for stage := range sum.stages {
		result.Totals[stage] = sum.stages[stage].total()
	}
	return result, nil
}

// rollUp is a result in the making.
type rollUp struct {
	stages [stageCount]term
	gaps   []Gap
}

func (r *rollUp) own(own Stages) {
	for stage, emission := range own {
		r.stages[stage].add(emission, one)
		if emission.IsWithheld() {
			r.gap(Stage(stage).String(), "own emissions are not known", 1)
		}
	}
}

func (r *rollUp) secondary(child Child) {
	r.add(child, child.Secondary[Pre], child.Secondary[Main])
	if child.Secondary[Pre].IsWithheld() || child.Secondary[Main].IsWithheld() {
		r.gap(child.Part, "no value is known", 1)
	}
}

func (r *rollUp) unanswered(child Child) {
	r.add(child, Withheld(), Withheld())
	r.gap(child.Part, "no answer from "+child.Supplier, 1)
}

func (r *rollUp) answered(child Child, a Answer) {
	r.add(child, a.Pre, a.Main)
	switch a.Status() {
	case StatusComplete: // no gap
	case StatusPartial:
		r.gap(child.Part, fmt.Sprintf("%s answers in part, missing behind it: %d", child.Supplier, a.Missing), a.Missing)
	case StatusWithheld:
		r.gap(child.Part, child.Supplier+" withholds its totals", a.Missing)
	}
}

func (r *rollUp) add(child Child, pre, main Value) {
	r.stages[Pre].add(pre, child.Amount)
	r.stages[Main].add(main, child.Amount)
}

func (r *rollUp) gap(part, reason string, count int) {
	r.gaps = append(r.gaps, Gap{part, reason, count})
}

// term sums the known values of one stage and remembers whether one was missing.
type term struct {
	sum              Decimal
	some, incomplete bool
}

func (t *term) add(v Value, amount Decimal) {
	if d, ok := v.Get(); ok {
		t.sum, t.some = t.sum.Add(d.Mul(amount)), true
	}
	t.incomplete = t.incomplete || v.IsWithheld()
}

// total is withheld rather than 0 when something is missing and nothing above
// zero is known: a strict.Reader must never take a missing answer for "no emissions".
func (t *term) total() Value {
	switch {
	case t.incomplete && t.sum.IsZero():
		return Withheld()
	case t.some:
		return Known(t.sum)
	default:
		return Value{}
	}
}
