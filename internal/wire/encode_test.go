// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestEncodeRefuses names what we never send, though peers may.
func TestEncodeRefuses(t *testing.T) {
	rules := []Rule{{Action: "use"}}
	offer := Policy{ID: "urn:o", Type: PolicyOffer, Target: "urn:d", Permission: rules}
	for _, c := range []struct {
		name   string
		m      Message
		code   string
		reason string
	}{
		{"no pid", &ContractVerification{ConsumerPID: "c"}, CodeMemberMissing, "$.providerPid"},
		{"no state", &TransferProcess{ProviderPID: "p", ConsumerPID: "c"}, CodeMemberMissing, "$.state"},
		{"an unknown state", &TransferProcess{ProviderPID: "p", ConsumerPID: "c", State: "PAUSED"}, CodeMemberInvalid, "$.state"},
		{"an error without pids", &ContractError{ConsumerPID: "c"}, CodeMemberMissing, "$.providerPid"},
		{"callback and pid", &ContractRequest{ConsumerPID: "c", ProviderPID: "p", CallbackAddress: "u", Offer: offer}, CodeMemberInvalid, "$.callbackAddress"},
		{"neither callback nor pid", &ContractRequest{ConsumerPID: "c", Offer: offer}, CodeMemberMissing, "callbackAddress or"},
		{"an offer without rules", &ContractRequest{ConsumerPID: "c", ProviderPID: "p", Offer: Policy{ID: "urn:o", Type: PolicyOffer}}, CodeMemberInvalid, "$.offer"},
		{"an offer without a type", &ContractRequest{ConsumerPID: "c", ProviderPID: "p", Offer: Policy{ID: "urn:o", Permission: rules}}, CodeMemberMissing, "$.offer.@type"},
		{"a constraint over nothing", &ContractRequest{ConsumerPID: "c", ProviderPID: "p", Offer: Policy{ID: "urn:o", Type: PolicyOffer, Permission: []Rule{{Action: "use", Constraint: []Constraint{{Or: []Constraint{}}}}}}}, CodeMemberInvalid, "or must be"},
		{"an offer of a catalogue with a target", &Dataset{ID: "d", HasPolicy: []Policy{offer}, Distribution: []Distribution{{Format: "f", AccessService: DataService{ID: "s"}}}}, CodeMemberInvalid, "$.hasPolicy[0].target"},
		{"an agreement without an assigner", &ContractAgreement{ProviderPID: "p", ConsumerPID: "c", Agreement: Policy{ID: "a", Type: PolicyAgreement, Target: "d", Assignee: "x", Permission: rules}}, CodeMemberMissing, "$.agreement.assigner"},
		{"a time that is none", &ContractAgreement{ProviderPID: "p", ConsumerPID: "c", Agreement: Policy{ID: "a", Type: PolicyAgreement, Target: "d", Assignee: "x", Assigner: "y", Timestamp: "today", Permission: rules}}, CodeMemberInvalid, "$.agreement.timestamp"},
		{"a raw value that breaks out", &CatalogRequest{Filter: []json.RawMessage{json.RawMessage(`1],"@type":"x","y":[2`)}}, CodeMemberInvalid, "filter"},
		{"a raw value that is empty", &CatalogRequest{Filter: []json.RawMessage{nil}}, CodeMemberInvalid, "filter"},
		{"an extra under two names", &TransferCompletion{ProviderPID: "p", ConsumerPID: "c", Extra: Extra{"dct:title": json.RawMessage(`1`), "http://purl.org/dc/terms/title": json.RawMessage(`2`)}}, CodeDuplicateMember, "dct:title"},
		{"an address without a type of endpoint", &TransferStart{ProviderPID: "p", ConsumerPID: "c", DataAddress: &DataAddress{Endpoint: "u"}}, CodeMemberMissing, "$.dataAddress.endpointType"},
	} {
		out, err := Encode(c.m)
		if e := AsError(err); err == nil || e.Code != c.code || !strings.Contains(e.Reason, c.reason) {
			t.Errorf("%s: got %v %s\nwant %s with %q", c.name, err, out, c.code, c.reason)
		}
	}
}

// TestEncodeWritesExtraByIRI: prefixes of the DSP context where there is one,
// never EDC's, and no bare names, which JSON-LD peers would not see.
func TestEncodeWritesExtraByIRI(t *testing.T) {
	out, err := Encode(&TransferCompletion{ID: "urn:m", ProviderPID: "p", ConsumerPID: "c", Extra: Extra{
		"http://purl.org/dc/terms/title": json.RawMessage(`"t"`),
		"dcat:keyword":                   json.RawMessage(` ["a", "b"] `),
		EDCNamespace + "purpose":         json.RawMessage(`"x"`),
		"bare":                           json.RawMessage(`1`),
		"@type":                          json.RawMessage(`1`),
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := `{` + dspOnly + `,"@type":"TransferCompletionMessage","@id":"urn:m","providerPid":"p","consumerPid":"c",` +
		`"dcat:keyword":["a", "b"],"dct:title":"t","https://w3id.org/edc/v0.0.1/ns/purpose":"x"}`
	if string(out) != want {
		t.Errorf("got  %s\nwant %s", out, want)
	}
	d := mustDecode(t, out, TypeTransferCompletion)
	if title, ok := d.Extra.Text("dct:title"); !ok || title != "t" {
		t.Errorf("title %q %v", title, ok)
	}
	if raw, ok := d.Extra.Get("dcat:keyword"); !ok || string(raw) != `["a","b"]` {
		t.Errorf("keywords %s %v", raw, ok)
	}
	if _, ok := d.Extra.Text("dct:absent"); ok {
		t.Error("an absent member was found")
	}
}

// TestSamplesBothDirections needs no published examples.
func TestSamplesBothDirections(t *testing.T) {
	for typ := range readers {
		d := mustDecode(t, []byte(samples[typ]), typ)
		if d.Message.MessageType() != typ {
			t.Errorf("%s read as %s", typ, d.Message.MessageType())
		}
		roundTrip(t, d.Message)
	}
}

func TestReasonText(t *testing.T) {
	got := ReasonText([]json.RawMessage{
		json.RawMessage(`"plain"`), json.RawMessage(`{"@value":"tagged","@language":"en"}`), json.RawMessage(`{"b":1,"a":2}`), json.RawMessage(`nonsense`),
	})
	want := []string{"plain", "tagged", `{"a":2,"b":1}`, "nonsense"}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %q, want %q", got[i], want[i])
		}
	}
	if raw := Reasons("a \"b\" <c>"); string(raw[0]) != `"a \"b\" <c>"` {
		t.Errorf("got %s", raw[0])
	}
}
