// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import "encoding/json"

// CatalogRequest asks for a catalogue.
type CatalogRequest struct {
	ID     string
	Filter []json.RawMessage // what a filter is, the protocol leaves open
	Extra  Extra
}

// DatasetRequest asks for one dataset. The HTTPS binding never sends it.
type DatasetRequest struct {
	ID      string
	Dataset string
	Extra   Extra
}

// CatalogError says why a catalogue or a dataset was refused.
type CatalogError struct {
	ID     string
	Code   string
	Reason []json.RawMessage // see Reasons and ReasonText
	Extra  Extra
}

func readCatalogRequest(r *reader, o *value) Message {
	if o.get("filter") == nil {
		r.named(o, "filter")
	}
	return &CatalogRequest{ID: r.messageID(o), Filter: raws(r.openItems(o, "filter")), Extra: r.extra(o, TypeCatalogRequest)}
}

// named has a message read by expansion where a member of the protocol that may
// be absent stands under its prefixed or full name: it must not be passed over.
func (r *reader) named(o *value, name string) {
	for i := range o.kids {
		if IRI(o.kids[i].name) == IRI("dspace:"+name) {
			r.invalid(o.kids[i].name, "named "+name)
		}
	}
}

func readDatasetRequest(r *reader, o *value) Message {
	return &DatasetRequest{ID: r.messageID(o), Dataset: r.id(o, "dataset"), Extra: r.extra(o, TypeDatasetRequest)}
}

func readCatalogError(r *reader, o *value) Message {
	return &CatalogError{
		ID:     r.messageID(o),
		Code:   r.text(o, "code"),
		Reason: raws(r.openItems(o, "reason")), // here the schema lets it be empty
		Extra:  r.extra(o, TypeCatalogError),
	}
}

func (m *CatalogRequest) check(*trail)   {}
func (m *DatasetRequest) check(t *trail) { t.need("dataset", m.Dataset) }
func (m *CatalogError) check(*trail)     {}

func (m *CatalogRequest) write(w *writer) { w.raws("filter", m.Filter) }
func (m *DatasetRequest) write(w *writer) { w.text("dataset", m.Dataset) }

func (m *CatalogError) write(w *writer) {
	w.text("code", m.Code)
	w.raws("reason", m.Reason)
}
