// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import "github.com/musubi-ods/musubi/internal/jcs"

// object writes a JSON object; the caller gives the names in RFC 8785's order.
type object struct {
	buf   []byte
	begun bool
}

func newObject(dst []byte) object { return object{buf: append(dst, '{')} }

func (o *object) close() []byte { return append(o.buf, '}') }

func (o *object) name(name string) {
	if o.begun {
		o.buf = append(o.buf, ',')
	}
	o.begun = true
	o.buf = append(jcs.AppendString(o.buf, name), ':')
}

func (o *object) text(name, value string) {
	if value != "" {
		o.name(name)
		o.buf = jcs.AppendString(o.buf, value)
	}
}

func (o *object) rules(name string, rules []Rule, by order) {
	if len(rules) > 0 {
		o.name(name)
		o.buf = appendList(o.buf, by, rules, func(dst []byte, r Rule) []byte { return r.appendTo(dst, by) })
	}
}

func (o *object) constraints(name string, list []Constraint, by order) {
	if len(list) > 0 {
		o.name(name)
		o.buf = appendList(o.buf, by, list, func(dst []byte, c Constraint) []byte { return appendConstraint(dst, c, by) })
	}
}
