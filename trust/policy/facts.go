// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

// Facts are what is known at one moment about one counterparty and, from the
// negotiation on, one contract. Evaluations with the same Facts share what was
// read of them: do not change a Facts after its first use, and use it in one
// goroutine at a time.
type Facts struct {
	Point Point
	// Action is what is to be done; empty: Use.
	Action string
	Now    time.Time
	// Claims are what the consumer has proved. Void names credentials among
	// them that have since been found no longer good, by id, and why.
	Claims trust.Claims
	Void   map[string]Voided
	// Declared are the values that the consumer gave in its requests, by
	// absolute IRI (ReadDeclared).
	Declared map[string]Declared
	// Agreed is when the agreement was concluded; zero: not yet.
	Agreed time.Time
	// Usage is what has been used of the agreement. It is needed from
	// AtTransfer on, of a policy that Needs it.
	Usage Usage
	// Relations are the provider's own records of the consumer, such as
	// DirectSupply. They are needed of a policy that Needs them.
	Relations []string

	memo []memo
}

// Voided says why a credential is no longer good.
type Voided struct {
	Why string
	// Lasting: it will not be good again, as one that was revoked.
	Lasting bool
}

// Usage counts what was used of an agreement.
type Usage struct {
	Started int64 `json:"started"` // transfers, with the one that is about to start
	Bytes   int64 `json:"bytes"`   // sent
}

// Declared is what a consumer gave for one name.
type Declared struct {
	Values     []string
	Unreadable bool // it is there, and is neither a text nor an IRI nor a list of these
}

// ReadDeclared takes the extra members of a request apart: texts, {"@value"},
// {"@id"}, and lists of these.
func ReadDeclared(members map[string]json.RawMessage) map[string]Declared {
	out := make(map[string]Declared, len(members))
	for _, name := range slices.Sorted(maps.Keys(members)) {
		one := Declared{Unreadable: true}
		var value any
		if json.Unmarshal(members[name], &value) == nil {
			one = readDeclared(value)
		}
		term := normalTerm(name)
		out[term] = out[term].and(one) // a name in two spellings is said twice
	}
	return out
}

func (d Declared) and(other Declared) Declared {
	return Declared{Values: slices.Concat(d.Values, other.Values), Unreadable: d.Unreadable || other.Unreadable}
}

func readDeclared(value any) Declared {
	switch value := value.(type) {
	case string:
		return Declared{Values: []string{value}}
	case map[string]any:
		for _, name := range []string{"@value", "@id"} {
			if text, ok := value[name].(string); ok {
				return Declared{Values: []string{text}}
			}
		}
	case []any:
		var d Declared
		for _, item := range value {
			if _, nested := item.([]any); nested {
				return Declared{Unreadable: true}
			}
			d = d.and(readDeclared(item))
		}
		return d
	}
	return Declared{Unreadable: true}
}

// memo is a left value that was read before.
type memo struct {
	name string
	left Left
}

// left returns the value of an operand, as its type reads it.
func (f *Facts) left(o *Operand, name string) *Left {
	if l := f.before(name); l != nil {
		return l
	}
	l := o.Values(f, name)
	l.read(o.Type)
	return f.remember(name, l)
}

// before returns what was read before; nil: nothing yet.
func (f *Facts) before(name string) *Left {
	for i := range f.memo {
		if f.memo[i].name == name {
			return &f.memo[i].left
		}
	}
	return nil
}

func (f *Facts) remember(name string, l Left) *Left {
	f.memo = append(f.memo, memo{name, l})
	return &f.memo[len(f.memo)-1].left
}

// text is left for an operand of texts on which another one builds.
func (f *Facts) text(name string, read func(*Facts, string) Left) Left {
	if l := f.before(name); l != nil {
		return *l
	}
	return *f.remember(name, read(f, name))
}

// read brings values to the form in which they are compared, and finds those
// that are not of the type.
func (l *Left) read(t Type) {
	if t == TypeNumber || t == TypeScalar || t == TypeIRI {
		l.Values = slices.Clone(l.Values)
	}
	for i := range l.Values {
		d, ok := &l.Values[i], true
		switch t {
		case TypeNumber:
			d.number, ok = parseNumber(d.Text)
		case TypeScalar:
			d.number, _ = parseNumber(d.Text)
		case TypeIRI:
			d.Text = normalTerm(d.Text)
		case TypeBoolean:
			ok = d.Text == "true" || d.Text == "false"
		case TypeMoment, TypeWindow, TypeElapsed:
			ok = !d.Time.IsZero()
		default: // every text is one
		}
		if !ok && l.WrongType == "" {
			l.WrongType = "a value that is no " + string(t)
		}
	}
}

// Good reports whether a credential holds at this moment; else why not, and
// whether it never will again.
func (f *Facts) Good(c trust.Credential) (why string, lasting, ok bool) {
	if v, void := f.Void[c.ID]; void {
		return v.Why, v.Lasting, false
	}
	switch {
	case c.ValidFrom.After(f.Now):
		return "credential not valid before " + c.ValidFrom.UTC().Format(time.RFC3339), false, false
	case !c.ValidUntil.IsZero() && !f.Now.Before(c.ValidUntil):
		return "credential expired at " + c.ValidUntil.UTC().Format(time.RFC3339), false, false
	}
	return "", false, true
}

func (f *Facts) action() string {
	if f.Action == "" {
		return Use
	}
	return normalTerm(f.Action)
}
