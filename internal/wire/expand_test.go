// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestExpandedOperands reads right operands in every dress that JSON-LD has.
func TestExpandedOperands(t *testing.T) {
	for operand, want := range map[string]string{
		`"a"`:                 `"a"`,
		`["a","b"]`:           `["a","b"]`,
		`{"@list":["a","b"]}`: `["a","b"]`,
		`{"@set":["a"]}`:      `"a"`,
		`{"@value":"a"}`:      `"a"`,
		`{"@value":7.50}`:     `"7.5"`,
		`true`:                `"true"`,
		`{"@id":"urn:a"}`:     `{"@id":"urn:a"}`,
		`{"@value":"2026-11-23","@type":"xsd:date"}`:    `{"@type":"http://www.w3.org/2001/XMLSchema#date","@value":"2026-11-23"}`,
		`{"@value":"a","@language":"en"}`:               `{"@language":"en","@value":"a"}`,
		`{"@value":{"b":null,"a":[1]},"@type":"@json"}`: `{"@type":"@json","@value":{"a":[1],"b":null}}`,
	} {
		body := fmt.Sprintf(`{%s,"@type":"dspace:ContractRequestMessage","dspace:consumerPid":"c","dspace:callbackAddress":"u","dspace:offer":{"@id":"urn:o","@type":"odrl:Offer",
			"odrl:permission":{"odrl:action":"odrl:use","odrl:constraint":{"odrl:leftOperand":{"@id":"odrl:count"},"odrl:operator":"eq","odrl:rightOperand":%s}}}}`, dspOnly, operand)
		d := mustDecode(t, []byte(body), TypeContractRequest)
		want := []Constraint{{LeftOperand: "http://www.w3.org/ns/odrl/2/count", Operator: "eq", RightOperand: json.RawMessage(want)}}
		if diff := cmp.Diff(want, d.Message.(*ContractRequest).Offer.Permission[0].Constraint); diff != "" {
			t.Errorf("%s (-want +got)\n%s", operand, diff)
		}
	}
}

// TestNestedCatalogueLeavesParticipantOpen: only the outermost catalogue's is
// defined by the schema.
func TestNestedCatalogueLeavesParticipantOpen(t *testing.T) {
	body := `{` + dspOnly + `,"@id":"urn:c","@type":"Catalog","participantId":"p","catalog":[{"@id":"urn:n","@type":"Catalog","participantId":5},{"@id":"urn:m","@type":"Catalog","participantId":"q"}]}`
	c := mustDecode(t, []byte(body), TypeCatalog).Message.(*Catalog)
	if c.Catalog[0].ParticipantID != "" || c.Catalog[1].ParticipantID != "q" {
		t.Errorf("read as %+v", c.Catalog)
	}
}

// TestPanicsBecomeErrors: json-gold is not trusted with foreign input.
func TestPanicsBecomeErrors(t *testing.T) {
	failed := func() (failed *Error) {
		defer rescue(&failed)
		panic("interface conversion")
	}()
	if failed == nil || failed.Code != CodeJSONLDInvalid || failed.Unwrap() == nil {
		t.Errorf("got %v", failed)
	}
}
