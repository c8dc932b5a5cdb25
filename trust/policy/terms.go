// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import "strconv"

// Term is one line of what a policy says, for people: a rule, or a constraint
// of it.
type Term struct {
	Place string `json:"place"` // such as permission[0].constraint[1]
	Text  string `json:"text"`
	// Enforced: this connector makes it hold, as provider or as consumer.
	// Everything else is agreed only: whoever signs it keeps it, or does not.
	Enforced bool `json:"enforced"`
	// Problem says why nobody can tell whether it holds; empty: it can be told.
	Problem string `json:"problem,omitempty"`
}

// String is the term in one line.
func (t Term) String() string {
	switch {
	case t.Problem != "":
		return t.Text + " (cannot be judged: " + t.Problem + ")"
	case t.Enforced:
		return t.Text + " (enforced)"
	}
	return t.Text + " (agreed only)"
}

// Terms lists what a policy says, rule by rule.
func (r *Registry) Terms(p Policy) []Term {
	var list []Term
	c := r.Compile(p)
	for i := range c.rules {
		list = append(list, r.termsOf(&c.rules[i])...)
	}
	return list
}

// Verbs of rules, as their terms begin.
var ruleVerbs = map[ruleKind]string{permission: "may ", prohibition: "may not ", obligation: "has to "}

func (r *Registry) termsOf(in *rule) []Term {
	head := Term{Place: in.place, Text: ruleVerbs[in.kind] + short(in.action), Problem: in.problem, Enforced: r.enforces(in)}
	if in.place == profilePlace {
		head.Text = "terms of another profile"
	}
	list := []Term{head}
	keeps := func(a *atom) bool {
		return head.Enforced && a.problem == "" && (in.kind == obligation || !a.operand.AgreedOnly)
	}
	for i, n := range in.nodes {
		list = append(list, constraintTerms(in.place, i, n, keeps)...)
	}
	return list
}

// enforces reports whether the connector does what a rule asks, or prevents
// what it forbids.
func (r *Registry) enforces(in *rule) bool {
	action := r.actions[in.action]
	switch {
	case in.problem != "" || action == nil || !action.Enforced:
		return false
	case in.kind == obligation:
		return in.action == Delete && len(in.nodes) == 1 && onRetention(in.nodes[0])
	}
	return true
}

// onRetention: see deletionEvent.
func onRetention(n node) bool {
	a, ok := n.(*atom)
	if !ok || a.problem != "" || a.left != LeftEvent {
		return false
	}
	for i := range a.right {
		if e := a.right[i].text; e != RetentionElapsed && e != RetentionElapsedOrMembershipRevoked {
			return false
		}
	}
	return true
}

// constraintTerms are a constraint and what it joins. What joins is enforced if
// all its parts are.
func constraintTerms(in string, i int, n node, keeps func(*atom) bool) []Term {
	place := in + ".constraint[" + strconv.Itoa(i) + "]"
	switch n := n.(type) {
	case *atom:
		return []Term{{Place: place, Text: n.String(), Problem: n.problem, Enforced: keeps(n)}}
	case logical:
		var parts []Term
		whole := Term{Place: place, Text: logicalWords[n.op], Enforced: true}
		for i, part := range n.nodes {
			list := constraintTerms(place, i, part, keeps)
			whole.Enforced = whole.Enforced && list[0].Enforced
			parts = append(parts, list...)
		}
		return append([]Term{whole}, parts...)
	}
	return nil
}

// logicalWords say how constraints are joined.
var logicalWords = map[string]string{
	And: "all of these", Or: "at least one of these", Xone: "exactly one of these", AndSequence: "all of these, in this order",
}
