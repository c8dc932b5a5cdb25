// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"encoding/json"
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
	for name, raw := range members {
		var value any
		if json.Unmarshal(raw, &value) != nil {
			out[normalTerm(name)] = Declared{Unreadable: true}
			continue
		}
		out[normalTerm(name)] = readDeclared(value)
	}
	return out
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
			one := readDeclared(item)
			d.Values = append(d.Values, one.Values...)
			d.Unreadable = d.Unreadable || one.Unreadable
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

// left returns the value of an operand, with numbers read.
func (f *Facts) left(o *Operand, name string) *Left {
	for i := range f.memo {
		if f.memo[i].name == name {
			return &f.memo[i].left
		}
	}
	l := o.Values(f, name)
	if o.Type == TypeNumber || o.Type == TypeScalar {
		l.readNumbers(o.Type == TypeNumber)
	}
	f.memo = append(f.memo, memo{name, l})
	return &f.memo[len(f.memo)-1].left
}

func (l *Left) readNumbers(must bool) {
	for i := range l.Values {
		var ok bool
		if l.Values[i].number, ok = parseNumber(l.Values[i].Text); !ok && must {
			l.WrongType = "a value that is no number"
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
