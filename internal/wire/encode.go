// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

// Encode writes a message as one JSON text that satisfies the published
// schema: @context a list, no empty lists, extra members by IRIs only. A
// message that cannot be written so is refused with an *Error.
func Encode(m Message) ([]byte, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	w := &writer{b: make([]byte, 0, 512)}
	w.element(func(w *writer) {
		w.key("@context")
		w.b = append(w.b, `["`+ContextURL+`"`+further(m)+`]`...)
		w.must("@type", string(m.MessageType()))
		id, extra := m.head()
		w.text("@id", id)
		m.write(w)
		extra.write(w)
	})
	if w.failed != nil {
		return nil, w.failed
	}
	// What the caller put into raw members is seen only here: a name twice, also
	// in another spelling, or nested too deep. We send nothing that we would not read.
	v, failed := scan(w.b)
	if failed != nil {
		return nil, failed
	}
	if name := twice(&v); name != "" {
		return nil, failure(CodeDuplicateMember, "the member %s occurs twice in one object, under two names", excerpt(name))
	}
	return w.b, nil
}

// further are the contexts beside that of DSP: a filter is written by names of
// EDC's, since DSP has none for it.
func further(m Message) string {
	if r, ok := m.(*CatalogRequest); ok && len(r.Filter) > 0 {
		return `,"` + EDCContextURL + `"`
	}
	return ""
}
