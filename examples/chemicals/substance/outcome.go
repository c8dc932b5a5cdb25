// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import (
	"cmp"
	"slices"
)

// outcome is the joined verdict on all that is in a node.
type outcome struct {
	state   State
	exempt  bool     // all that is above is exempt; true where nothing is
	endings []Ending // of the exemptions that were claimed for what is above
	missing int      // answers that are missing, in all tiers
	known   Decimal  // mg of which the verdict is known
}

func (o outcome) join(p outcome, pieces Decimal) outcome {
	o.state = o.state.Join(p.state)
	o.exempt = o.exempt && p.exempt
	o.endings = mergeEndings(o.endings, p.endings)
	o.missing = min(o.missing+p.missing, maxMissing)
	o.known = o.known.Add(p.known.Mul(pieces))
	return o
}

// mergeEndings keeps each code once; its end is that of the list, so it is the same.
func mergeEndings(a, b []Ending) []Ending {
	merged := slices.Concat(a, b)
	slices.SortFunc(merged, func(x, y Ending) int { return cmp.Compare(x.Code, y.Code) })
	return slices.CompactFunc(merged, func(x, y Ending) bool { return x.Code == y.Code })
}

func (e *evaluation) outcome(id string) outcome {
	if known, done := e.outcomes[id]; done {
		return known
	}
	n := e.bill.Nodes[id]
	o := e.judge(n)
	e.outcomes[id] = o
	return o
}

func (e *evaluation) judge(n Node) outcome {
	o := outcome{state: NotListed, exempt: true}
	level, outermost := e.entry.Level, n.ID == e.bill.Part
	v, answered := e.verdicts[n.ID]
	switch {
	case n.Kind.rank() < level.rank() && !outermost:
		return o // what is inside an object of the level counts there, not alone
	case answered && n.Kind.rank() >= level.rank():
		return e.stands(n, v)
	}
	switch {
	case n.Kind.rank() <= level.rank():
		o = e.unit(n)
	case e.match.inRest(n) && !e.bill.rest(n).IsZero():
		o = e.undeclared(n)
	default:
		o.state, o.known = Absent, e.bill.rest(n)
	}
	for _, line := range n.Contents {
		inner := e.outcome(line.Node)
		if n.Kind == level {
			inner.known = Decimal{} // it is in this node, whose mass was counted
		}
		o = o.join(inner, count(line))
	}
	return o
}

// stands takes over a supplier's verdict: an article in an assembly is judged
// alone, so nothing of its composition is needed.
func (e *evaluation) stands(n Node, v Verdict) outcome {
	e.findings = append(e.findings, Finding{
		Node: n.ID, Name: n.Name, Kind: n.Kind, State: v.State, Exempt: v.Exempt, Exemption: v.Exemptions, From: n.Supplier,
	})
	return outcome{
		state: v.State, exempt: v.Exempt || v.State != Above, endings: v.Exemptions, missing: v.Missing,
		known: n.Mass.Milligrams().Mul(whole(v.Coverage)).Quo(whole(100)),
	}
}

// unit judges a node by its own content.
func (e *evaluation) unit(n Node) outcome {
	content := e.content(n)
	o := outcome{state: content.judge(e.limit), exempt: true}
	switch o.state {
	case Unknown:
		o.missing = e.missingIn(n)
	default:
		o.known = n.Mass.Milligrams()
	}
	if o.state == Above {
		o.exempt, o.endings = e.exemptions(n, content)
	}
	e.findings = append(e.findings, Finding{
		Node: n.ID, Name: n.Name, Kind: n.Kind, State: o.state, Content: content,
		Exempt: o.state == Above && o.exempt, Exemption: o.endings,
	})
	return o
}

// missingIn counts the answers for want of which a node is unknown: at least one.
func (e *evaluation) missingIn(n Node) int {
	missing := e.verdicts[n.ID].Missing
	for _, line := range n.Contents {
		missing += e.verdicts[line.Node].Missing
	}
	return min(max(1, missing), maxMissing)
}

// undeclared is the verdict on the rest that nobody described.
func (e *evaluation) undeclared(n Node) outcome {
	e.findings = append(e.findings, Finding{Node: n.ID, Name: n.Name, Kind: n.Kind, State: Unknown, Rest: true})
	return outcome{state: Unknown, exempt: true, missing: 1}
}

// exemptions says whether a material that is above the limit is exempt on the day
// asked: each of its rows claims a code that is in force, and whose maximum is
// not exceeded. The ends are told also of those that are over.
func (e *evaluation) exemptions(n Node, content Range) (exempt bool, endings []Ending) {
	exempt = true
	claims := 0
	for _, row := range n.Rows {
		if _, matches := e.match.row(row); !matches || row.Max.Fraction().IsZero() {
			continue
		}
		at := slices.IndexFunc(e.entry.Exemptions, func(x Exemption) bool { return x.Code == row.Exemption })
		if at < 0 {
			exempt = false
			continue
		}
		x := e.entry.Exemptions[at]
		claims++
		endings = mergeEndings(endings, []Ending{{x.Code, x.To}})
		tooMuch := x.Max != Share{} && content.Most.Cmp(x.Max.Fraction()) > 0
		if tooMuch || !x.holds(e.question.Date) {
			exempt = false
		}
	}
	return exempt && claims > 0, endings
}

// coverage is the share of the mass, in whole percent rounded down, of which the
// verdict is known. It is 100 exactly where nothing is missing.
func coverage(o outcome, root Node) int {
	if o.missing == 0 {
		return 100
	}
	percent := o.known.Mul(whole(100)).Quo(root.Mass.Milligrams())
	return min(99, percent.floor())
}
