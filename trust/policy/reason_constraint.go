// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"strings"
)

// failing are the constraints that keep this one from holding: those of an and
// one by one, an or as a whole.
func (t *ConstraintTrace) failing(p Point) []*ConstraintTrace {
	switch {
	case t.Result == True, t.Result == Deferred && p.may():
		return nil
	case t.Logical != And && t.Logical != AndSequence:
		return []*ConstraintTrace{t}
	}
	var list []*ConstraintTrace
	for i := range t.Parts {
		list = append(list, t.Parts[i].failing(p)...)
	}
	return list
}

func (t *ConstraintTrace) fails() string {
	if t.Result == Deferred {
		return t.String() + " cannot be told"
	}
	return t.String() + " does not hold"
}

// cause says why a constraint fails.
func (t *ConstraintTrace) cause() string {
	switch t.Logical {
	case "":
		return t.found()
	case Xone:
		if n := t.holding(); n > 1 {
			return fmt.Sprintf("%d of these hold, and one may", n)
		}
	}
	var parts []string
	for i := range t.Parts {
		p := &t.Parts[i]
		name := p.Name
		if p.Logical != "" {
			name = p.Logical
		}
		if p.Result != True {
			parts = append(parts, name+": "+p.cause())
		}
	}
	return strings.Join(parts, ", ")
}

func (t *ConstraintTrace) holding() (n int) {
	for i := range t.Parts {
		if t.Parts[i].Result == True {
			n++
		}
	}
	return n
}

// ended reports whether a constraint that fails will never hold again.
func (t *ConstraintTrace) ended() bool {
	switch t.Logical {
	case "":
		return t.Result == False && t.Lasting
	case And, AndSequence:
		for i := range t.Parts {
			if t.Parts[i].ended() {
				return true
			}
		}
		return false
	case Or:
		for i := range t.Parts {
			if !t.Parts[i].ended() {
				return false
			}
		}
		return true
	}
	return false
}

// find returns the first atom with a result; nil if there is none.
func find(t *ConstraintTrace, result Result) *ConstraintTrace {
	if t.Logical == "" {
		if t.Result == result {
			return t
		}
		return nil
	}
	for i := range t.Parts {
		if c := find(&t.Parts[i], result); c != nil {
			return c
		}
	}
	return nil
}
