// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

func (m *Catalog) write(w *writer) {
	w.text("participantId", m.ParticipantID)
	writeList(w, "service", m.Service, (*DataService).write)
	writeList(w, "catalog", m.Catalog, (*Catalog).writeNested)
	writeList(w, "dataset", m.Dataset, (*Dataset).writeNested)
	writeList(w, "distribution", m.Distribution, (*Distribution).write)
}

func (m *Catalog) writeNested(w *writer) {
	w.must("@id", m.ID)
	w.must("@type", string(TypeCatalog))
	m.write(w)
	m.Extra.write(w)
}

func (m *Dataset) write(w *writer) {
	writeList(w, "hasPolicy", m.HasPolicy, (*Policy).writeOffer)
	writeList(w, "distribution", m.Distribution, (*Distribution).write)
}

// writeNested writes the @type that the schema does not demand: without it a
// JSON-LD peer finds no policies and no distributions.
func (m *Dataset) writeNested(w *writer) {
	w.must("@id", m.ID)
	w.must("@type", string(TypeDataset))
	m.write(w)
	m.Extra.write(w)
}

func (p *Policy) writeOffer(w *writer) {
	offer := *p
	offer.Type = PolicyOffer
	offer.write(w)
}

func (d *Distribution) write(w *writer) {
	w.must("@type", "Distribution")
	w.text("format", d.Format)
	if d.AccessService.EndpointURL == "" {
		w.text("accessService", d.AccessService.ID)
	} else {
		w.object("accessService", d.AccessService.write)
	}
	writeList(w, "hasPolicy", d.HasPolicy, (*Policy).writeOffer)
	d.Extra.write(w)
}

func (s *DataService) write(w *writer) {
	w.must("@id", s.ID)
	w.must("@type", "DataService")
	w.text("endpointDescription", s.EndpointDescription)
	w.text("endpointURL", s.EndpointURL)
	writeList(w, "servesDataset", s.ServesDataset, (*Dataset).writeNested)
	s.Extra.write(w)
}
