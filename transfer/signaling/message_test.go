// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/signaling"
)

// TestRead: what is taken from others, and what is not.
func TestRead(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		into       signaling.Message
		ok         bool
	}{
		{"a notice that is empty", `{}`, &signaling.Notice{}, true},
		{"a notice with nulls", `{"messageId":"m","reason":null,"dataAddress":null}`, &signaling.Notice{}, true},
		{"a callback without messageId", `{"dataFlowId":"f","state":"PREPARED"}`, &signaling.Status{}, true},
		{"a callback without a state", `{"dataFlowId":"f"}`, &signaling.Status{}, false},
		{"a callback with another state", `{"dataFlowId":"f","state":"FINE"}`, &signaling.Status{}, false},
		{"an address without @type", `{"dataAddress":{"endpointType":"t","endpoint":"u"}}`, &signaling.Notice{}, true},
		{"an address of another @type", `{"dataAddress":{"@type":"Other","endpointType":"t"}}`, &signaling.Notice{}, false},
		{"an address without endpointType", `{"dataAddress":{"endpoint":"u"}}`, &signaling.Notice{}, false},
		{"a property whose value is no text", `{"dataAddress":{"endpointType":"t","endpointProperties":[{"name":"n","value":1}]}}`, &signaling.Notice{}, false},
		{"a start without a process", `{"messageId":"m","profile":"p","claims":{}}`, &signaling.FlowRequest{}, false},
		{"a start without a profile", `{"messageId":"m","processId":"p","claims":{}}`, &signaling.FlowRequest{}, false},
		{"a start whose claims are a list", `{"messageId":"m","processId":"p","profile":"p","claims":[]}`, &signaling.FlowRequest{}, false},
		{"a registration without authorization", `{"dataplaneId":"d","endpoint":"https://d.example","profiles":["p"]}`, &signaling.PlaneRegistration{}, true},
		{"a registration without profiles", `{"dataplaneId":"d","endpoint":"https://d.example"}`, &signaling.PlaneRegistration{}, false},
		{"a registration of an unknown kind of authorization", `{"dataplaneId":"d","endpoint":"https://d.example","profiles":["p"],"authorization":{"type":"magic"}}`, &signaling.PlaneRegistration{}, false},
		{"something after it", `{} {}`, &signaling.Notice{}, false},
		{"a list", `[]`, &signaling.Notice{}, false},
		{"nothing", ``, &signaling.Notice{}, false},
		{"what is nested too deep", `{"x":` + strings.Repeat("[", 50) + strings.Repeat("]", 50) + `}`, &signaling.Notice{}, false},
		{"brackets in a text", `{"reason":"` + strings.Repeat(`[\"`, 50) + `"}`, &signaling.Notice{}, true},
		{"what is too large", `{"reason":"` + strings.Repeat("x", signaling.MaxBody) + `"}`, &signaling.Notice{}, false},
	} {
		err := signaling.Read([]byte(tt.body), tt.into)
		if (err == nil) != tt.ok || err != nil && !errors.Is(err, signaling.ErrMessage) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestEncode: what we send has what the schemas demand, and nothing that is
// null or empty.
func TestEncode(t *testing.T) {
	request, err := signaling.RequestOf(flow("provider", pushFormat), true)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		m    signaling.Message
		want string
	}{
		{request, `"claims":{`},
		{request, `"dataAddress":{"@type":"DataAddress","endpointType":"t","endpoint":"https://p.example","endpointProperties":[{"@type":"EndpointProperty","name":"authorization","value":"x"}]}`},
		{request, `"dataspaceContext":""`},
		{&signaling.Notice{MessageID: "m"}, `{"messageId":"m"}`},
		{&signaling.Notice{MessageID: "m", DataAddress: signaling.AddressOf(&transfer.DataAddress{EndpointType: "t"})}, `{"messageId":"m","dataAddress":{"@type":"DataAddress","endpointType":"t"}}`},
		{&signaling.Status{MessageID: "m", DataFlowID: "f", State: transfer.FlowStarted}, `{"messageId":"m","dataFlowId":"f","state":"STARTED"}`},
	} {
		text, err := signaling.Encode(tt.m)
		if err != nil || !strings.Contains(string(text), tt.want) || strings.Contains(string(text), "null") {
			t.Errorf("%T is %s (%v), want %s in it", tt.m, text, err, tt.want)
		}
	}
	for _, bad := range []signaling.Message{
		&signaling.FlowRequest{}, &signaling.Notice{}, &signaling.Status{MessageID: "m", DataFlowID: "f"},
		&signaling.PlaneRegistration{DataplaneID: "d", Endpoint: "e", Profiles: []string{"p"}},
		&signaling.FlowRequest{MessageID: "m", ProcessID: "p", Profile: "f"},
	} {
		if text, err := signaling.Encode(bad); err == nil {
			t.Errorf("%T was sent: %s", bad, text)
		}
	}
}

// FuzzRead: whatever is read can be sent again, and is read alike.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"messageId":"m","dataFlowId":"f","state":"STARTED","dataAddress":{"endpointType":"t","endpointProperties":[{"name":"a","value":"b"}]}}`,
		`{"messageId":"m","processId":"p","profile":"f","claims":{"participant":"x"},"labels":["l"],"metadata":{"a":[1]}}`,
		`{"dataAddress":{"endpointType":"t","endpointProperties":[{"name":"https://w3id.org/edc/v0.0.1/ns/endpoint","value":"u"}]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var s, again signaling.Status
		if signaling.Read(body, &s) == nil {
			text, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			if err := signaling.Read(text, &again); err != nil {
				t.Fatalf("%s cannot be read: %v", text, err)
			}
		}
		var r signaling.FlowRequest
		if signaling.Read(body, &r) == nil {
			r.Flow("acme", "provider")
		}
	})
}
