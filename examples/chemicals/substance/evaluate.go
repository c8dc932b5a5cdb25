// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

// Question asks for the verdict on an entry of a list release on a day.
type Question struct {
	List  string // id of the release
	Entry string
	Date  Date
}

// Held is what a company holds from its direct suppliers, by the id of the part
// that it buys. What is in neither is unknown. Where both are held, the composition
// is computed with.
type Held struct {
	Verdicts     map[string]Verdict
	Compositions map[string]Bill
}

// Result is a company's answer to a question with its reasons, which only the
// company itself sees. Answer is what it tells.
type Result struct {
	Verdict
	Rule     Entry     // what was asked about, with its limits and duties
	Findings []Finding // by node id; of the nodes at the level of the entry
}

// Answer is the document that leaves the company: no composition, nobody's name.
func (r Result) Answer() Verdict { return r.Verdict }

// Finding is the verdict on one node at the level of the entry, or on what is
// bought and known by its supplier's verdict.
type Finding struct {
	Node      string
	Name      string
	Kind      Kind
	State     State
	Content   Range // what it was judged by; without meaning where From is set
	Exempt    bool
	Exemption []Ending
	From      string // the supplier whose verdict it is; empty: own
	Rest      bool   // it is about what the node does not declare
}

// Evaluate answers a question on a bill, from the bill itself and what is held of
// its suppliers. Each node is judged at the level of the entry, with the mass of
// that node, and the verdicts are joined. A held document that answers another
// question, or is of another part, is ErrAnswer: nothing is computed from it.
func (r *Register) Evaluate(b Bill, q Question, held Held) (Result, error) {
	e, err := r.evaluation(b, q, held)
	if err != nil {
		return Result{}, err
	}
	root := e.bill.Root()
	v := Verdict{
		Part: b.Part, Version: b.Version, List: q.List, Entry: q.Entry, Date: q.Date,
		Level: levelFor(root.Kind, e.entry.Level), State: NotListed, Coverage: 100,
	}
	if !e.listed {
		return Result{Verdict: v, Rule: e.entry}, nil
	}
	o := e.outcome(root.ID)
	v.State, v.Exempt, v.Exemptions = o.state, o.state == Above && o.exempt, o.endings
	v.Missing, v.Coverage = o.missing, coverage(o, root)
	slices.SortFunc(e.findings, func(a, b Finding) int { return cmp.Compare(a.Node, b.Node) })
	return Result{Verdict: v, Rule: e.entry, Findings: e.findings}, nil
}

// levelFor is the level of an answer on a part: that of the entry, or Whole for
// what is only a piece of what the entry looks at.
func levelFor(kind, level Kind) Kind {
	if kind.rank() < level.rank() {
		return Whole
	}
	return level
}

// evaluation is one question on one bill. Each node is looked at once.
type evaluation struct {
	question Question
	bill     Bill
	verdicts map[string]Verdict // of parts that are not resolved
	entry    Entry
	listed   bool // in the release, and on the day
	match    matcher
	limit    Decimal // a fraction
	masses   map[string]Range
	outcomes map[string]outcome
	findings []Finding
}

func (r *Register) evaluation(b Bill, q Question, held Held) (*evaluation, error) {
	entry, listed, err := r.Entry(q.List, q.Entry)
	if err != nil {
		return nil, err
	}
	limit, inForce := entry.LimitOn(q.Date)
	e := &evaluation{
		question: q, bill: b, entry: entry, listed: listed && inForce, match: newMatcher(r, entry), limit: limit.Fraction(),
		verdicts: make(map[string]Verdict), masses: make(map[string]Range), outcomes: make(map[string]outcome),
	}
	for part, v := range held.Verdicts {
		if err := e.accept(part, v); err != nil {
			return nil, err
		}
		_, ingredient := b.Ingredients[part]
		_, better := held.Compositions[part]
		switch {
		case ingredient: // how much of it is in a material is known, what is in it only if nothing
			e.match.absent[part] = v.State == Absent
		case !better:
			e.verdicts[part] = v
		}
	}
	e.bill, err = b.Resolve(held.Compositions)
	return e, err
}

// accept checks a supplier's verdict against the question and the part.
func (e *evaluation) accept(part string, v Verdict) error {
	n := e.bill.Nodes[part]
	_, ingredient := e.bill.Ingredients[part]
	if ingredient {
		n.Kind = Material
	}
	want := levelFor(n.Kind, e.entry.Level)
	switch {
	case !n.Bought() && !ingredient:
		return fmt.Errorf("%w: a verdict on %s, which is not a part that is bought", ErrAnswer, strict.Quote(part))
	case v.Part != part:
		return fmt.Errorf("%w: the verdict is on %s, asked was %s", ErrAnswer, strict.Quote(v.Part), part)
	case v.List != e.question.List || v.Entry != e.question.Entry || v.Date != e.question.Date:
		return fmt.Errorf("%w: %s: the verdict is on %s of %s on %s, asked was %s of %s on %s", ErrAnswer, part,
			strict.Quote(v.Entry), strict.Quote(v.List), v.Date, e.question.Entry, e.question.List, e.question.Date)
	case (v.State != NotListed) != e.listed:
		return fmt.Errorf("%w: %s: the verdict is %s, and whether the entry is listed on %s is no question", ErrAnswer, part, v.State, v.Date)
	case v.Level != want:
		return fmt.Errorf("%w: %s: the verdict is at the level %s, expected is %s", ErrAnswer, part, strict.Quote(string(v.Level)), want)
	}
	for _, ending := range v.Exemptions {
		if err := e.acceptEnding(ending, v.Exempt); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrAnswer, part, err)
		}
	}
	return nil
}

// acceptEnding: which exemptions there are, and when they end, says the list and
// not a supplier.
func (e *evaluation) acceptEnding(claimed Ending, exempt bool) error {
	at := slices.IndexFunc(e.entry.Exemptions, func(x Exemption) bool { return x.Code == claimed.Code })
	if at < 0 {
		return fmt.Errorf("there is no exemption %s", strict.Quote(claimed.Code))
	}
	x := e.entry.Exemptions[at]
	if x.To != claimed.To {
		return fmt.Errorf("the exemption %s ends on %s, not on %s", x.Code, x.To, claimed.To)
	}
	if exempt && !x.holds(e.question.Date) {
		return fmt.Errorf("the exemption %s does not hold on %s", x.Code, e.question.Date)
	}
	return nil
}
