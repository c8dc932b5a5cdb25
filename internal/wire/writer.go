// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"encoding/json"
)

// writer builds one JSON text. Members keep the order in which they are
// written, which is that of the specification's examples.
type writer struct {
	b      []byte
	failed *Error
}

// next starts another member or element.
func (w *writer) next() {
	if last := len(w.b) - 1; last >= 0 && w.b[last] != '{' && w.b[last] != '[' && w.b[last] != ':' {
		w.b = append(w.b, ',')
	}
}

func (w *writer) key(name string) {
	w.next()
	w.b = append(appendQuoted(w.b, name), ':')
}

// must writes a string member, even an empty one.
func (w *writer) must(name, text string) {
	w.key(name)
	w.b = appendQuoted(w.b, text)
}

// text writes a string member where there is something to write.
func (w *writer) text(name, text string) {
	if text != "" {
		w.must(name, text)
	}
}

// raw writes a member that is JSON already.
func (w *writer) raw(name string, raw json.RawMessage) {
	w.key(name)
	w.json(name, raw)
}

// raws writes a list member of JSON values; none for an empty list.
func (w *writer) raws(name string, list []json.RawMessage) {
	if len(list) == 0 {
		return
	}
	w.key(name)
	w.b = append(w.b, '[')
	for i, raw := range list {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.json(name, raw)
	}
	w.b = append(w.b, ']')
}

// json appends one JSON value and nothing that could break out of its place.
func (w *writer) json(name string, raw json.RawMessage) {
	if !json.Valid(raw) {
		if w.failed == nil {
			w.failed = failure(CodeMemberInvalid, "%s is not JSON", name)
		}
		raw = json.RawMessage("null")
	}
	w.b = append(w.b, bytes.TrimSpace(raw)...)
}

// object writes an object member.
func (w *writer) object(name string, write func(*writer)) {
	w.key(name)
	w.element(write)
}

// element writes an object.
func (w *writer) element(write func(*writer)) {
	w.next()
	w.b = append(w.b, '{')
	write(w)
	w.b = append(w.b, '}')
}

// writeList writes a list member of objects; none for an empty list.
func writeList[T any](w *writer, name string, items []T, write func(*T, *writer)) {
	if len(items) == 0 {
		return
	}
	w.key(name)
	w.b = append(w.b, '[')
	for i := range items {
		w.element(func(w *writer) { write(&items[i], w) })
	}
	w.b = append(w.b, ']')
}

func (w *writer) pids(provider, consumer string) {
	w.text("providerPid", provider)
	w.text("consumerPid", consumer)
}
