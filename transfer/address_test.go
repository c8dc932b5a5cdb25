// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"testing"

	"github.com/musubi-ods/musubi/internal/wire"
)

// TestEndpointOfADataDestination: where EDC has its data pushed to is called
// baseUrl there, and no property of that name stays behind.
func TestEndpointOfADataDestination(t *testing.T) {
	for _, name := range []string{wire.EDCNamespace + "baseUrl", "baseUrl", "edc:baseUrl", wire.EDCNamespace + "endpoint"} {
		a := addressFromWire(&wire.DataAddress{EndpointType: "HttpData", Properties: []wire.EndpointProperty{
			{Name: name, Value: "https://maker.example/inbox"}, {Name: "authorization", Value: "x"},
		}})
		if a.Endpoint != "https://maker.example/inbox" || len(a.Properties) != 1 || a.Get("authorization") != "x" {
			t.Errorf("%s: %#v", name, a)
		}
	}
	both := addressFromWire(&wire.DataAddress{Endpoint: "https://one.example", Properties: []wire.EndpointProperty{{Name: "baseUrl", Value: "https://two.example"}}})
	if both.Endpoint != "https://one.example" {
		t.Errorf("the endpoint of the specification comes first: %s", both.Endpoint)
	}
}
