// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/musubi-ods/musubi/internal/jcs"
)

// order says whether lists whose order has no meaning are sorted.
type order bool

const (
	asGiven order = false
	sorted  order = true
)

// JSON returns the policy in the protocol's compact form, in the spelling of
// RFC 8785. Lists stay in their order, and an empty one is left out. The text is
// valid under contract-schema.json where Validate returns nil and ID, Type and,
// for an agreement, Target and the parties are set.
//
// What Parse would refuse is not written: the errors are those of Validate, but
// a policy without rules passes, since peers offer data under such.
func (p Policy) JSON() ([]byte, error) {
	if err := p.checkRules(); err != nil {
		return nil, err
	}
	o := newObject(nil)
	o.text("@id", p.ID)
	o.text("@type", p.Type)
	o.text("assignee", p.Assignee)
	o.text("assigner", p.Assigner)
	p.appendRules(&o, asGiven)
	o.text("target", p.Target)
	o.text("timestamp", p.Timestamp)
	out := o.close()
	if len(out) > maxSize {
		return nil, fmt.Errorf("policy: %w: %d bytes, at most %d", ErrTooLarge, len(out), maxSize)
	}
	return out, nil
}

// Canonical returns the rules, and nothing of the frame, in a form that is the
// same for all policies that say the same: RFC 8785 over rules, constraints,
// operands and profiles sorted wherever ODRL gives their order no meaning, which
// is everywhere but under andSequence. Parse reads it.
func (p Policy) Canonical() []byte {
	o := newObject(nil)
	p.appendRules(&o, sorted)
	return o.close()
}

// Hash returns the SHA-256 of Canonical in lower-case hexadecimal.
func (p Policy) Hash() string {
	sum := sha256.Sum256(p.Canonical())
	return hex.EncodeToString(sum[:])
}

// Equal reports whether two policies hold the same rules. Their frames (id,
// target, parties, time) may differ.
func Equal(a, b Policy) bool { return bytes.Equal(a.Canonical(), b.Canonical()) }

// appendRules writes the members between "assigner" and "target".
func (p Policy) appendRules(o *object, by order) {
	o.rules("obligation", p.Obligations, by)
	o.rules("permission", p.Permissions, by)
	if len(p.Profile) > 0 {
		o.name("profile")
		o.buf = p.profile().appendTo(o.buf, by)
	}
	o.rules("prohibition", p.Prohibitions, by)
}

// profile is a set as right operands are. One alone is written without a list,
// as JSON-LD would compact it.
func (p Policy) profile() Value {
	names := make([]string, len(p.Profile))
	for i, name := range p.Profile {
		names[i] = expandPrefix(name)
	}
	if len(names) == 1 {
		return Text(names[0])
	}
	return Texts(names...)
}

func (r Rule) appendTo(dst []byte, by order) []byte {
	o := newObject(dst)
	o.name("action")
	o.buf = jcs.AppendString(o.buf, normalTerm(r.Action))
	o.constraints("constraint", r.Constraints, by)
	o.rules("duty", r.Duties, by)
	return o.close()
}

func (a Atomic) appendTo(dst []byte, by order) []byte {
	o := newObject(dst)
	o.name("leftOperand")
	o.buf = jcs.AppendString(o.buf, normalTerm(a.Left))
	o.name("operator")
	o.buf = jcs.AppendString(o.buf, normalTerm(a.Operator))
	o.name("rightOperand")
	o.buf = a.Right.appendTo(o.buf, by)
	return o.close()
}

func (l Logical) appendTo(dst []byte, by order) []byte {
	o := newObject(dst)
	o.name(l.Op)
	o.buf = appendList(o.buf, by && order(l.Op != AndSequence), l.Constraints, func(dst []byte, c Constraint) []byte {
		return appendConstraint(dst, c, by)
	})
	return o.close()
}

func (v Value) appendTo(dst []byte, by order) []byte {
	switch {
	case v.list != nil && by == sorted:
		return v.appendSet(dst)
	case v.list != nil:
		return appendList(dst, by, v.list, func(dst []byte, item Value) []byte { return item.appendTo(dst, by) })
	case v.object != "":
		return append(dst, v.object...)
	default:
		return jcs.AppendString(dst, v.text)
	}
}

// appendSet writes a list as the set it stands for: sorted, each value once,
// and one value alone without its list.
func (v Value) appendSet(dst []byte) []byte {
	items := make([][]byte, len(v.list))
	for i, item := range v.list {
		items[i] = item.appendTo(nil, sorted)
	}
	slices.SortFunc(items, bytes.Compare)
	items = slices.CompactFunc(items, bytes.Equal)
	if len(items) == 1 {
		return append(dst, items[0]...)
	}
	dst = append(dst, '[')
	dst = append(dst, bytes.Join(items, []byte{','})...)
	return append(dst, ']')
}

func appendConstraint(dst []byte, c Constraint, by order) []byte {
	if c == nil {
		return append(dst, "null"...) // Validate refuses it
	}
	return c.appendTo(dst, by)
}

func appendList[T any](dst []byte, by order, list []T, one func([]byte, T) []byte) []byte {
	items := make([][]byte, len(list))
	for i, item := range list {
		items[i] = one(nil, item)
	}
	if by == sorted {
		slices.SortFunc(items, bytes.Compare)
	}
	dst = append(dst, '[')
	dst = append(dst, bytes.Join(items, []byte{','})...)
	return append(dst, ']')
}
