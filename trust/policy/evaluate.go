// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

// evaluation is one policy under way.
type evaluation struct {
	facts      *Facts
	prohibited bool // inside a prohibition
	clockOnly  bool // everything but the clock may come out either way
}

// Permits reports whether the facts permit the action. It is Explain without
// the reasons, for hot paths.
func (c *Compiled) Permits(f *Facts) bool { return c.judge(f, nil) }

// Explain evaluates the policy and says why it came out so.
func (c *Compiled) Explain(f *Facts) Verdict {
	v := Verdict{Point: f.Point, Action: f.action(), At: f.Now}
	v.Permit = c.judge(f, &v)
	v.conclude()
	return v
}

func (c *Compiled) judge(f *Facts, v *Verdict) bool {
	return c.run(&evaluation{facts: f}, v)
}

// may reports whether what is deferred is let pass.
func (e *evaluation) may() bool { return e.clockOnly || e.facts.Point.may() }

// run permits where a permission holds, no prohibition does, and nothing in a
// rule that applies is unknown. Every rule is looked at, since an unknown term
// denies wherever it stands.
func (c *Compiled) run(e *evaluation, v *Verdict) bool {
	permitted, denied := false, false
	action := e.facts.action()
	for i := range c.rules {
		r := &c.rules[i]
		var trace *RuleTrace
		if v != nil {
			trace = v.rule(r)
		}
		result, applies := r.eval(e, action, trace)
		if trace != nil {
			trace.Applies, trace.Result = applies, result
		}
		switch {
		case !applies:
		case result == Unknown:
			denied = true
		case r.kind == permission:
			permitted = permitted || result == True || result == Deferred && e.may()
		case r.kind == prohibition:
			denied = denied || result == True || result == Deferred && !e.may()
		}
	}
	return permitted && !denied
}

// eval judges a rule if it applies to the action. Obligations bind whoever
// uses the data: one with an unknown term is a promise that nobody understands.
func (r *rule) eval(e *evaluation, action string, t *RuleTrace) (result Result, applies bool) {
	switch {
	case e.clockOnly && (r.kind == obligation || r.action != action):
		return Unknown, false
	case r.problem != "" && !e.clockOnly:
		if t != nil {
			t.Problem = r.problem
		}
		return Unknown, true
	case r.kind == obligation:
		return r.understood(t), true
	case r.action != action:
		return Unknown, false
	}
	e.prohibited = r.kind == prohibition
	result = True
	for _, n := range r.nodes {
		result = all(result, n.eval(e, t.child()))
	}
	if result == absent {
		result = truth(e.prohibited)
	}
	return result, true
}

// understood is True for a rule whose every term is registered.
func (r *rule) understood(t *RuleTrace) Result {
	result := True
	for _, n := range r.nodes {
		n.visit(func(a *atom) {
			one := True
			if a.problem != "" {
				one = Unknown
			}
			if c := t.child(); c != nil {
				a.describe(c)
				c.Result, c.Note = one, a.problem
			}
			result = all(result, one)
		})
	}
	return result
}

// eval implements node.
func (l logical) eval(e *evaluation, t *ConstraintTrace) Result {
	if t != nil {
		t.Logical = l.op
	}
	var r Result
	switch l.op {
	case And, AndSequence:
		r = True
		for _, n := range l.nodes {
			r = all(r, n.eval(e, t.child()))
		}
	case Or:
		r = False
		for _, n := range l.nodes {
			r = any1(r, n.eval(e, t.child()))
		}
	case Xone:
		results := make([]Result, len(l.nodes))
		for i, n := range l.nodes {
			results[i] = n.eval(e, t.child())
		}
		r = one(results)
	}
	t.set(r, "")
	return r
}

// eval implements node.
func (a *atom) eval(e *evaluation, t *ConstraintTrace) Result {
	if t != nil {
		a.describe(t)
	}
	switch {
	case e.clockOnly && (a.operand == nil || a.operand.Source != FromClock):
		return Deferred
	case a.problem != "":
		return t.set(Unknown, a.problem)
	case a.operand.AgreedOnly:
		return a.agreed(e, t)
	case e.facts.Point < a.operand.From:
		return t.set(Deferred, "it is known from the "+a.operand.From.String()+" on")
	}
	left := e.facts.left(a.operand, a.left)
	switch {
	case left.WrongType != "":
		return t.set(Unknown, "there is "+left.WrongType)
	case len(left.Values) == 0 && e.prohibited:
		return t.set(absent, left.Missing)
	case len(left.Values) == 0:
		if t != nil {
			t.Absent, t.Lasting = true, left.Lasting
		}
		return t.set(False, left.Missing)
	}
	r := compare(a.operand.Type, a.operator, left.Values, a.right)
	if t != nil {
		t.Left = values(left.Values)
		t.Lasting = r == False && a.lasting()
	}
	note := ""
	switch r {
	case Unknown:
		note = "the two values cannot be compared"
	case Deferred:
		note = "it counts from the agreement, and there is none"
	default:
	}
	return t.set(r, note)
}

// agreed is what nobody here enforces. Whoever takes the contract promises it:
// in a permission it holds, in a prohibition it may be met.
func (a *atom) agreed(e *evaluation, t *ConstraintTrace) Result {
	switch {
	case e.prohibited:
		return t.set(absent, "it is agreed only")
	case e.facts.Point == AtCatalog:
		return t.set(Deferred, "it is agreed only")
	}
	return t.set(True, "it is agreed only")
}

// lasting reports whether what is false now will never hold again: time and
// counters only grow.
func (a *atom) lasting() bool {
	return (a.operand.Source == FromClock || a.operand.Source == FromCounter) && (a.operator == Lt || a.operator == Lteq)
}
