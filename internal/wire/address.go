// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

// DataAddress says where data is pulled from or pushed to, and with what
// (data-address-schema.json).
type DataAddress struct {
	EndpointType string
	Endpoint     string // EDC leaves it out and sends a property of that name
	Properties   []EndpointProperty
	Extra        Extra
}

// EndpointProperty is a named value of a data address, often a secret.
type EndpointProperty struct {
	Name  string
	Value string
}

// Names of endpoint properties that most connectors use.
const (
	PropertyAuthorization = "authorization" // an opaque token
	PropertyAuthType      = "authType"      // "bearer"
	PropertyEndpoint      = "endpoint"
)

// Property returns the value of a property, also where the peer writes its
// name under EDC's namespace.
func (a DataAddress) Property(name string) (string, bool) {
	for _, p := range a.Properties {
		if p.Name == name || p.Name == EDCNamespace+name || p.Name == "edc:"+name {
			return p.Value, true
		}
	}
	return "", false
}

func readOptionalAddress(r *reader, o *value) *DataAddress {
	if o.get("dataAddress") == nil {
		return nil
	}
	a := readPart(r, o, "dataAddress", readDataAddress)
	return &a
}

func readDataAddress(r *reader, o *value) DataAddress {
	r.addressType(o, "DataAddress")
	return DataAddress{
		EndpointType: r.id(o, "endpointType"),
		Endpoint:     r.id(o, "endpoint"),
		Properties:   readList(r, "endpointProperties", r.items(o, "endpointProperties"), readEndpointProperty),
		Extra:        r.extra(o, "DataAddress"),
	}
}

func readEndpointProperty(r *reader, o *value) EndpointProperty {
	r.addressType(o, "EndpointProperty")
	if o.get("value") == nil {
		r.missing("value")
	}
	return EndpointProperty{Name: r.id(o, "name"), Value: r.text(o, "value")}
}

// addressType demands an @type that some peers leave out.
func (r *reader) addressType(o *value, must string) {
	if o.get("@type") == nil {
		r.allow(ExceptionUntypedAddress)
		return
	}
	if r.text(o, "@type") != must {
		r.invalid("@type", must)
	}
}

func checkOptionalAddress(t *trail, a *DataAddress) {
	if a == nil {
		return
	}
	t.push("dataAddress")
	t.need("endpointType", a.EndpointType)
	checkList(t, "endpointProperties", a.Properties, func(p *EndpointProperty) { t.need("name", p.Name) })
	t.pop()
}

func writeOptionalAddress(w *writer, a *DataAddress) {
	if a == nil {
		return
	}
	w.object("dataAddress", func(w *writer) {
		w.must("@type", "DataAddress")
		w.text("endpointType", a.EndpointType)
		w.text("endpoint", a.Endpoint)
		writeList(w, "endpointProperties", a.Properties, (*EndpointProperty).write)
		a.Extra.write(w)
	})
}

func (p *EndpointProperty) write(w *writer) {
	w.must("@type", "EndpointProperty")
	w.must("name", p.Name)
	w.must("value", p.Value)
}
