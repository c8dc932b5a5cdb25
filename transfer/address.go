// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"log/slog"
	"strings"

	"github.com/musubi-ods/musubi/internal/wire"
)

// EndpointTypeHTTP is the endpointType of an HTTP endpoint, as DSP peers name
// it.
const EndpointTypeHTTP = "https://w3id.org/idsa/v4.1/HTTP"

// Names of properties of a data address.
const (
	PropertyAuthorization = wire.PropertyAuthorization // a token: secret
	PropertyAuthType      = wire.PropertyAuthType      // "bearer"
)

const (
	propertyEndpoint     = wire.PropertyEndpoint
	propertyEndpointType = "endpointType"
	propertyBaseURL      = "baseUrl"
)

// DataAddress says where data is pulled from or pushed to (DSP 2025-1,
// section 9.2). Its properties may be secrets: it prints without them.
type DataAddress struct {
	EndpointType string     `json:"endpointType"`
	Endpoint     string     `json:"endpoint,omitempty"`
	Properties   []Property `json:"properties,omitempty"`
}

// Property is a named value of a data address.
type Property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Get returns the first property of a name, or "".
func (a DataAddress) Get(name string) string {
	for _, p := range a.Properties {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// String leaves the values of properties out.
func (a DataAddress) String() string {
	names := make([]string, len(a.Properties))
	for i, p := range a.Properties {
		names[i] = p.Name
	}
	return a.EndpointType + " " + a.Endpoint + " (" + strings.Join(names, ", ") + ")"
}

// GoString is String, for %#v.
func (a DataAddress) GoString() string { return a.String() }

// LogValue is String, for logs.
func (a DataAddress) LogValue() slog.Value { return slog.StringValue(a.String()) }

// GoString leaves the value out; so does String.
func (p Property) GoString() string { return p.String() }

// String leaves the value out.
func (p Property) String() string { return p.Name + "=(hidden)" }

// addressFromWire reads both forms in use: endpoint and endpointProperties of
// the specification, and everything as a property under EDC's namespace, where
// an endpoint to push to is called baseUrl.
func addressFromWire(w *wire.DataAddress) *DataAddress {
	if w == nil {
		return nil
	}
	a := &DataAddress{EndpointType: w.EndpointType, Endpoint: w.Endpoint}
	seen := map[string]bool{}
	for _, p := range w.Properties {
		name := strings.TrimPrefix(strings.TrimPrefix(p.Name, wire.EDCNamespace), "edc:")
		switch {
		case seen[name]:
		case name == propertyEndpoint || name == propertyBaseURL:
			if a.Endpoint == "" {
				a.Endpoint = p.Value
			}
		case name == propertyEndpointType:
		default:
			a.Properties = append(a.Properties, Property{Name: name, Value: p.Value})
		}
		seen[name] = true
	}
	return a
}

// wire writes both forms, so that every peer finds what it looks for.
func (a *DataAddress) wire() *wire.DataAddress {
	if a == nil {
		return nil
	}
	w := &wire.DataAddress{EndpointType: a.EndpointType, Endpoint: a.Endpoint}
	add := func(name, value string) {
		w.Properties = append(w.Properties, wire.EndpointProperty{Name: name, Value: value})
	}
	edc := func(name, value string) {
		if value != "" {
			add(wire.EDCNamespace+name, value)
		}
	}
	for _, p := range a.Properties {
		add(p.Name, p.Value)
	}
	if a.Endpoint != "" {
		add(propertyEndpoint, a.Endpoint)
		add(propertyEndpointType, a.EndpointType)
		edc(propertyEndpoint, a.Endpoint)
		edc(propertyEndpointType, a.EndpointType)
		edc(PropertyAuthorization, a.Get(PropertyAuthorization))
		edc(PropertyAuthType, a.Get(PropertyAuthType))
	}
	return w
}
