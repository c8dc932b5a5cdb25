// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/transfer"
)

// Address is a data address on the wire: with @type where we write it, with or
// without where others do. Its properties may be secrets.
type Address struct{ transfer.DataAddress }

// AddressOf returns a's form on the wire; nil for nil.
func AddressOf(a *transfer.DataAddress) *Address {
	if a == nil {
		return nil
	}
	return &Address{*a}
}

// Plain returns the address for a data plane; nil for nil.
func (a *Address) Plain() *transfer.DataAddress {
	if a == nil {
		return nil
	}
	return &a.DataAddress
}

type addressJSON struct {
	Type         string         `json:"@type"`
	EndpointType string         `json:"endpointType"`
	Endpoint     string         `json:"endpoint,omitempty"`
	Properties   []propertyJSON `json:"endpointProperties,omitempty"`
}

type propertyJSON struct {
	Type  string `json:"@type"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

// MarshalJSON writes the @types that the schema demands, and no empty list.
func (a Address) MarshalJSON() ([]byte, error) {
	out := addressJSON{Type: "DataAddress", EndpointType: a.EndpointType, Endpoint: a.Endpoint}
	for _, p := range a.Properties {
		out.Properties = append(out.Properties, propertyJSON{"EndpointProperty", p.Name, p.Value})
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads the address, also with the names of its properties under
// EDC's namespace and the endpoint among them.
func (a *Address) UnmarshalJSON(b []byte) error {
	var in addressJSON
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	if in.Type != "" && in.Type != "DataAddress" {
		return errors.New("dataAddress: @type is not DataAddress")
	}
	a.DataAddress = transfer.DataAddress{EndpointType: in.EndpointType, Endpoint: in.Endpoint}
	for _, p := range in.Properties {
		name := strings.TrimPrefix(strings.TrimPrefix(p.Name, wire.EDCNamespace), "edc:")
		switch {
		case name == "endpoint" && a.Endpoint == "":
			a.Endpoint = p.Value
		case name == "endpoint", name == "endpointType", a.Get(name) != "":
		default:
			a.Properties = append(a.Properties, transfer.Property{Name: name, Value: p.Value})
		}
	}
	return nil
}

// Validate says what the schema would find wrong; nil is no address.
func (a *Address) Validate() error { return a.usable() }

func (a *Address) usable() error {
	if a == nil {
		return nil
	}
	if err := need("dataAddress.endpointType", a.EndpointType); err != nil {
		return err
	}
	if len(a.Endpoint) > maxText || len(a.Properties) > maxItems {
		return invalid("dataAddress is too long")
	}
	for _, p := range a.Properties {
		if p.Name == "" {
			return invalid("a property of dataAddress has no name")
		}
	}
	return nil
}
