// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"errors"
	"strings"
	"testing"
)

// TestBadInput names what is refused, by which code, and what the reason says.
func TestBadInput(t *testing.T) {
	event := func(members string) string {
		return sample(TypeContractEvent, members)
	}
	deep := func(n int) string {
		return event(samplePIDs + `,"eventType":"ACCEPTED","x":` + strings.Repeat("[", n) + strings.Repeat("]", n))
	}
	for _, c := range []struct {
		name, body, code, reason string
	}{
		{"nothing", ``, CodeMalformedJSON, "ends at byte 0"},
		{"not JSON", `<html>`, CodeMalformedJSON, "byte 0"},
		{"cut off", event(samplePIDs)[:60], CodeMalformedJSON, "ends at byte 60"},
		{"two values", event(samplePIDs) + `{}`, CodeMalformedJSON, "the end of the message"},
		{"not UTF-8", event("\"x\":\"\xff\""), CodeMalformedJSON, "UTF-8"},
		{"half a surrogate pair", event(`"x":"\ud83d"`), CodeMalformedJSON, "surrogate"},
		{"a control character", event("\"x\":\"\x01\""), CodeMalformedJSON, "control"},
		{"a leading zero", event(`"x":01`), CodeMalformedJSON, "byte"},
		{"a number beyond double", event(samplePIDs + `,"eventType":"ACCEPTED","x":1e999`), CodeMalformedJSON, "canonical form"},
		{"a member twice", event(samplePIDs + `,"providerPid":"urn:other"`), CodeDuplicateMember, "providerPid"},
		{"a member twice, deep inside", event(`"x":[{"a":1,"a":2}]`), CodeDuplicateMember, `"a"`},
		{"65 levels", deep(64), CodeTooDeep, "64"},
		{"10,000 levels", deep(10_000), CodeTooDeep, "64"},
		{"too many values", event(`"x":[` + strings.Repeat("0,", maxValues) + `0]`), CodeTooLarge, "values"},
		{"an array", `[]`, CodeMemberInvalid, "object"},
		{"a string, which names a document", `"https://example.org/"`, CodeMemberInvalid, "object"},
		{"no context", `{"@type":"ContractNegotiationEventMessage"}`, CodeContextMissing, "is absent"},
		{"another context", `{"@context":["https://w3id.org/dspace/2024/1/context.json"]}`, CodeContextMissing, "2024"},
		{"a context of a wrong type", `{"@context":["` + ContextURL + `",5]}`, CodeMemberInvalid, "$.@context[1]"},
		{"no type", `{` + dspOnly + `}`, CodeTypeUnexpected, "ContractNegotiationEventMessage"},
		{"another type", samples[TypeContractOffer], CodeTypeUnexpected, "expected ContractNegotiationEventMessage"},
		{"an unknown type", sample("Nonsense", samplePIDs), CodeTypeUnexpected, "Nonsense"},
		{"a member is missing", event(`"consumerPid":"c","eventType":"ACCEPTED"`), CodeMemberMissing, "$.providerPid"},
		{"a member is a number", event(`"consumerPid":"c","providerPid":5,"eventType":"ACCEPTED"`), CodeMemberInvalid, "$.providerPid must be a string"},
		{"a member is empty", event(`"consumerPid":"c","providerPid":"","eventType":"ACCEPTED"`), CodeMemberInvalid, "$.providerPid"},
		{"names differ in case", event(`"consumerPid":"c","ProviderPid":"p","eventType":"ACCEPTED"`), CodeMemberMissing, "$.providerPid"},
		{"a word that is none", event(samplePIDs + `,"eventType":"REQUESTED"`), CodeMemberInvalid, "one of ACCEPTED, FINALIZED"},
		{"prefixed, its context not held", `{"@context":["` + ContextURL + `","https://example.org/ids.jsonld"],"@type":"ids:Event"}`, CodeContextUnknown, "https://example.org/ids.jsonld"},
		{"plain but incomplete, a context not held", `{"@context":["` + ContextURL + `","https://example.org/ids.jsonld"],"@type":"ContractNegotiationEventMessage","consumerPid":"c"}`, CodeContextUnknown, "$.providerPid is required"},
		{"an inline context that fetches", `{"@context":["` + ContextURL + `",{"@import":"https://example.org/x"}],"@type":"ContractNegotiationEventMessage"}`, CodeContextUnknown, "https://example.org/x"},
		{"an inline context that redefines a term", `{"@context":["` + ContextURL + `",{"dspace":"https://example.org/"}],"@type":"dspace:ContractNegotiationEventMessage"}`, CodeJSONLDInvalid, "protected"},
		{"an inline context that is too large", `{"@context":["` + ContextURL + `",{` + manyTerms(101) + `}],"@type":"x"}`, CodeTooLarge, "100 terms"},
		{"an inline context, incomplete", `{"@context":["` + ContextURL + `",{"p":"` + Namespace + `"}],"@type":"p:ContractNegotiationEventMessage","p:consumerPid":"c"}`, CodeMemberMissing, "$.providerPid"},
		{"too much to expand", `{` + dspOnly + `,"@type":"x","y":[` + strings.Repeat(`{"@type":"Dataset"},`, maxExpandObjects) + `0]}`, CodeTooLarge, "4000 objects"},
		{"an inline context of another version", `{"@context":["` + ContextURL + `",{"@version":"1.1"}],"@type":"x"}`, CodeJSONLDInvalid, "JSON-LD"},
		{"a graph of two messages", `{` + dspOnly + `,"@graph":[{"@id":"urn:1","@type":"dspace:X"},{"@id":"urn:2","@type":"dspace:X"}]}`, CodeJSONLDInvalid, "2 things"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode([]byte(c.body), TypeContractEvent)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if e.Code != c.code || !strings.Contains(e.Reason, c.reason) {
				t.Errorf("got %s: %s\nwant %s with %q", e.Code, e.Reason, c.code, c.reason)
			}
			if len(e.Reason) > 600 {
				t.Errorf("a reason of %d bytes", len(e.Reason))
			}
		})
	}
}

func manyTerms(n int) string {
	terms := make([]string, n)
	for i := range terms {
		terms[i] = `"t` + strings.Repeat("x", i) + `":"urn:t"`
	}
	return strings.Join(terms, ",")
}

// TestDeepPathsInReasons shows that a reason says where.
func TestDeepPathsInReasons(t *testing.T) {
	body := strings.Replace(samples[TypeContractRequest], `"operator":"eq"`, `"operator":"like"`, 1)
	_, err := Decode([]byte(body))
	if e := AsError(err); !strings.HasPrefix(e.Reason, "$.offer.permission[0].constraint[0].or[1].operator must be") {
		t.Errorf("reason %q", e.Reason)
	}
}

// TestDeepJSONIsCheapToRefuse bounds the work, not the clock.
func TestDeepJSONIsCheapToRefuse(t *testing.T) {
	body := []byte(`{"x":` + strings.Repeat(`{"a":[`, 5_000) + strings.Repeat("]}", 5_000) + `}`)
	if n := testing.AllocsPerRun(10, func() { _, _ = Decode(body) }); n > 200 {
		t.Errorf("%v allocations", n)
	}
}

// TestNestedMixedConstraintsStayLinear: an atomic and a logical shape in one
// object, nested as deep as may be, must not be read again and again.
func TestNestedMixedConstraintsStayLinear(t *testing.T) {
	constraint := `{"leftOperand":"x"}`
	for range 28 {
		constraint = `{"leftOperand":"x","and":[` + constraint + `]}`
	}
	body := sample(TypeContractRequest, `"consumerPid":"c","callbackAddress":"u","offer":{"@id":"o","@type":"Offer","permission":[{"action":"use","constraint":[`+constraint+`]}]}`)
	if n := testing.AllocsPerRun(3, func() { _, _ = Decode([]byte(body)) }); n > 20_000 {
		t.Errorf("%v allocations", n)
	}
}
