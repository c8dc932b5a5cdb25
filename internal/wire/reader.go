// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"slices"
	"strings"
)

// reader reads members of objects by their exact names. It judges types only;
// which members must be there is for the check methods.
type reader struct {
	trail
	edc      bool     // EDC's context is listed: its bare terms have IRIs
	contexts []string // the URLs listed at the top
	foreign  string   // one of them that is not held, or ""
	nodes    []string // the ids of policies, rules and constraints
}

// text reads a string member; "" where it is absent.
func (r *reader) text(o *value, name string) string {
	v := o.get(name)
	if v == nil {
		return ""
	}
	if v.kind != stringKind {
		r.invalid(name, "a string")
	}
	return v.text
}

// id reads a string member that identifies something, so that it may not be
// an empty string.
func (r *reader) id(o *value, name string) string {
	text := r.text(o, name)
	if text == "" && o.get(name) != nil && r.ok() {
		r.invalid(name, "more than an empty string")
		r.failed.Exception = ExceptionEmptyID
	}
	return text
}

// hint reads a member that the schema leaves open: a string or an object with
// an @id is taken, anything else is as good as absent.
func (r *reader) hint(o *value, name string) string {
	v := o.get(name)
	if v != nil && v.kind == objectKind {
		v = v.get("@id")
	}
	if v == nil || v.kind != stringKind {
		return ""
	}
	return v.text
}

// word reads a term of a vocabulary in its normal form (Term).
func (r *reader) word(o *value, name string) string {
	text := r.id(o, name)
	if odrlWords[text] {
		r.unclear(name)
	}
	return r.term(text)
}

func (r *reader) term(name string) string {
	if r.edc {
		for _, t := range edcTerms {
			if t.name == name {
				return IRI(t.id)
			}
		}
	}
	return Term(name)
}

// items returns the elements of a list member; an empty list is as good as
// absent, as an exception.
func (r *reader) items(o *value, name string) []value {
	items := r.openItems(o, name)
	if v := o.get(name); v != nil && len(items) == 0 && r.ok() && !r.allow(ExceptionEmptyList) {
		r.invalid(name, "a list of at least one")
	}
	return items
}

// openItems returns the elements of a list member that may be empty.
func (r *reader) openItems(o *value, name string) []value {
	v := o.get(name)
	if v == nil {
		return nil
	}
	if v.kind != arrayKind {
		r.invalid(name, "a list")
		return nil
	}
	return v.kids
}

// raws are the canonical texts of values whose content is open.
func raws(items []value) []json.RawMessage {
	if len(items) == 0 {
		return nil
	}
	list := make([]json.RawMessage, len(items))
	for i := range items {
		list[i] = items[i].canonical()
	}
	return list
}

// readList reads each element of a list member, which must be objects.
func readList[T any](r *reader, name string, items []value, read func(*reader, *value) T) []T {
	if len(items) == 0 {
		return nil
	}
	list := make([]T, 0, len(items))
	for i := range items {
		r.pushItem(name, i)
		list = append(list, readObject(r, &items[i], read))
		r.pop()
	}
	return list
}

func readObject[T any](r *reader, o *value, read func(*reader, *value) T) (t T) {
	if o.kind != objectKind {
		r.invalid("", "an object")
		return t
	}
	return read(r, o)
}

// messageID is the @id of a message. The protocol does not define one, so
// that anything but a string is ignored.
func (r *reader) messageID(o *value) string { return r.hint(o, "@id") }

func (r *reader) pids(o *value) (provider, consumer string) {
	return r.id(o, "providerPid"), r.id(o, "consumerPid")
}

// extra collects the members of an object that its type does not define, if
// their names are IRIs. Bare names that no context defines mean nothing.
func (r *reader) extra(o *value, typ Type) (extra Extra) {
	for i := range o.kids {
		m := &o.kids[i]
		if !r.edc && !strings.Contains(m.name, ":") {
			continue
		}
		iri := r.term(m.name)
		if !isIRI(iri) {
			continue
		}
		if _, defined := vocabularyOf(string(typ))[iri]; defined {
			continue
		}
		extra = r.keep(extra, iri, m)
	}
	return extra
}

// policyExtra collects every member that the model does not hold, whatever its
// name: what a policy says may be ignored by nobody unseen.
func (r *reader) policyExtra(o *value, model ...string) (extra Extra) {
	r.whole(o)
	if id := r.hint(o, "@id"); id != "" {
		r.nodes = append(r.nodes, id)
	}
	for i := range o.kids {
		m := &o.kids[i]
		if strings.HasPrefix(m.name, "@") || slices.Contains(model, m.name) {
			continue
		}
		extra = r.keep(extra, r.policyIRI(m.name), m)
	}
	return extra
}

// keep adds a member, and never in the place of another.
func (r *reader) keep(extra Extra, iri string, m *value) Extra {
	if extra == nil {
		extra = Extra{}
	}
	if _, there := extra[iri]; there {
		r.hidden(m.name, "absent beside another name of "+excerpt(iri))
	}
	extra[iri] = m.unwrapped().canonical()
	return extra
}

// policyIRI is the full IRI of a member of a policy, where one is known.
func (r *reader) policyIRI(name string) string {
	for _, t := range policyTerms {
		if t.name == name {
			return IRI(t.id)
		}
	}
	if strings.Contains(name, ":") {
		return IRI(name)
	}
	return r.term(name)
}

// branch is a reader that tries something at the same place.
func (r *reader) branch() *reader {
	return &reader{trail: trail{path: slices.Clone(r.path), lenient: r.lenient}, edc: r.edc, contexts: r.contexts, foreign: r.foreign}
}

// join takes over what a branch found.
func (r *reader) join(b *reader) {
	for _, e := range b.used {
		r.allow(e)
	}
	r.nodes = append(r.nodes, b.nodes...)
	if b.failed != nil {
		r.fail(b.failed)
	}
}

// readPart reads a member that is an object; its zero value where it is absent.
func readPart[T any](r *reader, o *value, name string, read func(*reader, *value) T) (part T) {
	v := o.get(name)
	if v == nil {
		r.missing(name)
		return part
	}
	r.push(name)
	part = readObject(r, v, read)
	r.pop()
	return part
}
