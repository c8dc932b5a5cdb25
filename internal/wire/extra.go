// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"maps"
	"slices"
)

// Extra holds members beyond those of the protocol, by the full IRIs of their
// names. Values are canonical JSON texts. For sending, names may also be
// written with a prefix of the DSP context (dct:title).
type Extra map[string]json.RawMessage

// Get returns a member by its full or prefixed name.
func (e Extra) Get(name string) (json.RawMessage, bool) {
	if raw, found := e[name]; found {
		return raw, true
	}
	iri := IRI(name)
	if raw, found := e[iri]; found {
		return raw, true
	}
	raw, found := e[prefixed(iri)]
	return raw, found
}

// Text returns a member that is a string, also one in the JSON-LD dress of an
// object with @value or @id.
func (e Extra) Text(name string) (string, bool) {
	raw, found := e.Get(name)
	if !found {
		return "", false
	}
	v, failed := scan(raw)
	if failed != nil {
		return "", false
	}
	return v.words()
}

// write adds the members whose names are IRIs, sorted.
func (e Extra) write(w *writer) {
	for _, name := range slices.Sorted(maps.Keys(e)) {
		if isIRI(name) {
			w.raw(prefixed(IRI(name)), e[name])
		}
	}
}

// writeAll also adds those that have bare names, as policies keep them.
func (e Extra) writeAll(w *writer) {
	for _, name := range slices.Sorted(maps.Keys(e)) {
		w.raw(prefixed(IRI(name)), e[name])
	}
}
