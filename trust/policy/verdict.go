// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"strings"
	"time"
)

// Verdict is the outcome of an evaluation, with the way to it. It is for our
// own users; a peer is told no more than Safe.
type Verdict struct {
	Permit bool      `json:"permit"`
	Point  Point     `json:"point"`
	Action string    `json:"action"`
	At     time.Time `json:"at"`
	// Reason says in a sentence why not; empty where it is permitted.
	Reason string `json:"reason,omitempty"`
	// Safe says so to the peer: it names terms that the peer has been offered,
	// and no value.
	Safe string `json:"safe,omitempty"`
	// Lasting tells that a denial will not heal: a date has passed, a
	// counter is exhausted, a credential was revoked.
	Lasting bool `json:"lasting,omitempty"`
	// Deferred are constraints that were let pass, to be judged later.
	Deferred []string    `json:"deferred,omitempty"`
	Rules    []RuleTrace `json:"rules"`
}

// RuleTrace is what became of one rule.
type RuleTrace struct {
	Rule    string `json:"rule"` // such as permission[0]
	Action  string `json:"action"`
	Applies bool   `json:"applies"`
	Result  Result `json:"result"`
	// Problem says why the rule as a whole cannot be judged.
	Problem     string            `json:"problem,omitempty"`
	Constraints []ConstraintTrace `json:"constraints,omitempty"`
}

// ConstraintTrace is what became of one constraint.
type ConstraintTrace struct {
	Result Result `json:"result"`
	// Logical is and, or, xone or andSequence, and Parts what it joins; else
	// the constraint is atomic.
	Logical string            `json:"logical,omitempty"`
	Parts   []ConstraintTrace `json:"parts,omitempty"`

	Operand  string      `json:"leftOperand,omitempty"` // as in the policy
	Name     string      `json:"name,omitempty"`        // of the operand, for people
	Operator string      `json:"operator,omitempty"`
	Right    string      `json:"rightOperand,omitempty"` // as in the policy
	Value    string      `json:"value,omitempty"`        // Right for people
	Left     []LeftValue `json:"left,omitempty"`
	Absent   bool        `json:"absent,omitempty"`
	Lasting  bool        `json:"lasting,omitempty"`
	Note     string      `json:"note,omitempty"`
}

// LeftValue is a value that was compared, and where it comes from.
type LeftValue struct {
	Value  string `json:"value"`
	Origin Origin `json:"origin"`
}

func values(list []Datum) []LeftValue {
	out := make([]LeftValue, len(list))
	for i, d := range list {
		out[i] = LeftValue{Value: d.Text, Origin: d.Origin}
		if d.Text == "" && !d.Time.IsZero() {
			out[i].Value = d.Time.UTC().Format(time.RFC3339)
			if !d.Base.IsZero() {
				out[i].Value += ", agreed " + d.Base.UTC().Format(time.RFC3339)
			}
		}
	}
	return out
}

func (v *Verdict) rule(r *rule) *RuleTrace {
	v.Rules = append(v.Rules, RuleTrace{Rule: r.place, Action: r.action})
	return &v.Rules[len(v.Rules)-1]
}

// child is the trace of one more constraint; nil where nothing is traced.
func (t *RuleTrace) child() *ConstraintTrace {
	if t == nil {
		return nil
	}
	t.Constraints = append(t.Constraints, ConstraintTrace{})
	return &t.Constraints[len(t.Constraints)-1]
}

func (t *ConstraintTrace) child() *ConstraintTrace {
	if t == nil {
		return nil
	}
	t.Parts = append(t.Parts, ConstraintTrace{})
	return &t.Parts[len(t.Parts)-1]
}

func (a *atom) describe(t *ConstraintTrace) {
	t.Operand, t.Name, t.Operator, t.Right, t.Value = a.left, a.name(), a.operator, a.text, a.said
}

// set notes the result and returns it.
func (t *ConstraintTrace) set(r Result, note string) Result {
	if t != nil {
		t.Result, t.Note = r, note
	}
	return r
}

// String says the constraint in one line.
func (t *ConstraintTrace) String() string {
	if t.Logical == "" {
		return t.Name + " " + t.Operator + " " + t.Value
	}
	parts := make([]string, len(t.Parts))
	for i := range t.Parts {
		parts[i] = t.Parts[i].String()
	}
	return t.Logical + "(" + strings.Join(parts, ", ") + ")"
}

// found says what was compared.
func (t *ConstraintTrace) found() string {
	if len(t.Left) == 0 || t.Result == Deferred {
		return t.Note
	}
	list := make([]string, len(t.Left))
	for i, l := range t.Left {
		list[i] = said(l.Value)
		if l.Origin.Source == FromClock {
			list[i] = l.Value
		}
	}
	text := "it is " + strings.Join(list, ", ") + t.Left[0].Origin.whence()
	if t.Note != "" {
		text += ": " + t.Note
	}
	return text
}

func (o Origin) whence() string {
	switch {
	case o.Credential != "":
		return fmt.Sprintf(" (by credential %s of %s)", o.Credential, o.Issuer)
	case o.Source == FromConsumer:
		return " (declared by the consumer)"
	case o.Source == FromRecords:
		return " (by the provider's records)"
	}
	return ""
}
