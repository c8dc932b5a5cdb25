// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

// Catalog is a provider's catalogue, or one nested in another.
type Catalog struct {
	ID            string
	ParticipantID string // required of the outermost one
	Dataset       []Dataset
	Catalog       []Catalog
	Service       []DataService
	Distribution  []Distribution
	Extra         Extra
}

// Dataset is what a provider offers, under one of several policies and in one
// of several forms.
type Dataset struct {
	ID           string
	HasPolicy    []Policy // offers without a target
	Distribution []Distribution
	Extra        Extra // metadata, such as dct:title
}

// Distribution is one form in which a dataset can be had.
type Distribution struct {
	Format        string      // names a kind of transfer
	AccessService DataService // only its ID where it stands elsewhere in the catalogue
	HasPolicy     []Policy
	Extra         Extra
}

// DataService is where the protocol is spoken.
type DataService struct {
	ID                  string
	EndpointURL         string // the base to which the paths of negotiations and transfers are added
	EndpointDescription string
	ServesDataset       []Dataset
	Extra               Extra
}

func readCatalog(r *reader, o *value) Catalog {
	r.whole(o)
	if r.text(o, "@type") != string(TypeCatalog) {
		r.invalid("@type", string(TypeCatalog))
	}
	if o.get("hasPolicy") != nil {
		r.invalid("hasPolicy", "absent from a catalogue")
	}
	return Catalog{
		ID:            r.id(o, "@id"),
		ParticipantID: r.id(o, "participantId"),
		Dataset:       readList(r, "dataset", r.items(o, "dataset"), readDataset),
		Catalog:       readList(r, "catalog", r.items(o, "catalog"), readNested),
		Service:       readList(r, "service", r.items(o, "service"), readService),
		Distribution:  readList(r, "distribution", r.items(o, "distribution"), readDistribution),
		Extra:         r.extra(o, TypeCatalog),
	}
}

// readNested reads a catalogue within another. The schema leaves open what its
// participantId is.
func readNested(r *reader, o *value) Catalog {
	if v := o.get("participantId"); v != nil && (v.kind != stringKind || v.text == "") {
		open := *o
		open.kids = without(o.kids, "participantId")
		o = &open
	}
	return readCatalog(r, o)
}

func readDataset(r *reader, o *value) Dataset {
	r.whole(o)
	return Dataset{
		ID:           r.id(o, "@id"),
		HasPolicy:    readList(r, "hasPolicy", r.items(o, "hasPolicy"), readOffer),
		Distribution: readList(r, "distribution", r.items(o, "distribution"), readDistribution),
		Extra:        r.extra(o, TypeDataset),
	}
}

func readDistribution(r *reader, o *value) (d Distribution) {
	r.whole(o)
	d.Format = r.id(o, "format")
	d.HasPolicy = readList(r, "hasPolicy", r.items(o, "hasPolicy"), readOffer)
	d.Extra = r.extra(o, "Distribution")
	if v := o.get("accessService"); v != nil && v.kind == objectKind {
		d.AccessService = readPart(r, o, "accessService", readService)
	} else {
		d.AccessService.ID = r.id(o, "accessService")
	}
	return d
}

func readService(r *reader, o *value) DataService {
	r.whole(o)
	if r.text(o, "@type") != "DataService" {
		r.invalid("@type", "DataService")
	}
	s := DataService{
		ID:                  r.id(o, "@id"),
		EndpointURL:         r.id(o, "endpointURL"),
		EndpointDescription: r.hint(o, "endpointDescription"),
		ServesDataset:       readList(r, "servesDataset", r.items(o, "servesDataset"), readDataset),
		Extra:               r.extra(o, "DataService"),
	}
	s.checkEmbedded(&r.trail) // an access service without a URL would look like a reference
	return s
}

func (m *Catalog) check(t *trail) {
	t.need("participantId", m.ParticipantID)
	m.checkNested(t)
}

func (m *Catalog) checkNested(t *trail) {
	t.need("@id", m.ID)
	checkList(t, "dataset", m.Dataset, func(d *Dataset) { d.check(t) })
	checkList(t, "catalog", m.Catalog, func(c *Catalog) { c.checkNested(t) })
	checkList(t, "service", m.Service, func(s *DataService) { s.checkEmbedded(t) })
	checkList(t, "distribution", m.Distribution, func(d *Distribution) { d.check(t) })
}

func (m *Dataset) check(t *trail) {
	t.need("@id", m.ID)
	if len(m.HasPolicy) == 0 {
		t.missing("hasPolicy")
	}
	if len(m.Distribution) == 0 {
		t.missing("distribution")
	}
	checkList(t, "hasPolicy", m.HasPolicy, func(p *Policy) { p.checkOffer(t) })
	checkList(t, "distribution", m.Distribution, func(d *Distribution) { d.check(t) })
}

func (d *Distribution) check(t *trail) {
	t.need("format", d.Format)
	t.need("accessService", d.AccessService.ID)
	if d.AccessService.EndpointURL != "" {
		t.push("accessService")
		d.AccessService.checkEmbedded(t)
		t.pop()
	}
	checkList(t, "hasPolicy", d.HasPolicy, func(p *Policy) { p.checkOffer(t) })
}

func (s *DataService) checkEmbedded(t *trail) {
	t.need("@id", s.ID)
	t.need("endpointURL", s.EndpointURL)
	checkList(t, "servesDataset", s.ServesDataset, func(d *Dataset) { d.check(t) })
}
