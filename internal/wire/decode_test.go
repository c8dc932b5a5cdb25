// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/musubi-ods/musubi/internal/jcs"
	"pgregory.net/rapid"
)

func TestDecodeAs(t *testing.T) {
	m, err := DecodeAs[*ContractEvent]([]byte(prefixedSample))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&ContractEvent{ProviderPID: "urn:p", ConsumerPID: "urn:c", EventType: EventFinalized}, m); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if _, err := DecodeAs[*ContractOffer]([]byte(prefixedSample)); err == nil || !strings.Contains(err.Error(), "expected ContractOfferMessage") {
		t.Errorf("read as an offer: %v", err)
	}
}

func TestDecodeChoosesAmongAccepted(t *testing.T) {
	for _, typ := range []Type{TypeCatalog, TypeCatalogError} {
		d, err := Decode([]byte(samples[typ]), TypeCatalog, TypeDataset, TypeCatalogError)
		if err != nil || d.Message.MessageType() != typ {
			t.Errorf("%s: %v", typ, err)
		}
	}
	bare := `{` + dspOnly + strings.Replace(sampleDataset, `{`, `,`, 1)
	bare = strings.Replace(bare, `"@type":"Dataset",`, ``, 1)
	if d, err := Decode([]byte(bare), TypeDataset, TypeCatalogError); err != nil || d.Message.MessageType() != TypeDataset {
		t.Errorf("a dataset may lack its type: %v", err)
	}
}

// TestUnknownContextsDoNotMatterToPlainMessages also holds for members that
// such a context would define.
func TestUnknownContextsDoNotMatterToPlainMessages(t *testing.T) {
	body := strings.Replace(samples[TypeTransferCompletion], `"@context":["`, `"anything":1,"@context":["https://example.org/profile.jsonld","`, 1)
	d := mustDecode(t, []byte(body), TypeTransferCompletion)
	if d.Expanded || len(d.Exceptions) != 0 || d.Extra != nil {
		t.Errorf("read as %+v", d)
	}
}

// TestHashIsThatOfRFC8785 compares the short way to the hash with the long one.
func TestHashIsThatOfRFC8785(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		members := map[string]any{
			"@context": []string{ContextURL}, "@type": TypeTransferCompletion, "providerPid": "p", "consumerPid": "c",
			rapid.String().Draw(t, "name"): rapid.String().Draw(t, "text"),
			"https://example.org/x":        rapid.SampledFrom([]any{nil, true, 1.5, 1e21, []any{}, map[string]any{"é": "\b\f\n\x00\u2028<&>"}}).Draw(t, "value"),
		}
		delete(members, "@id")
		body, err := json.Marshal(members)
		if err != nil {
			t.Fatal(err)
		}
		canonical, err := jcs.Transform(body)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(canonical)
		withID := strings.Replace(string(body), `{`, `{"@id":"urn:m",`, 1)
		d, err := Decode([]byte(withID))
		if err != nil {
			t.Skip(err) // the name hit one with a meaning
		}
		if want := hex.EncodeToString(sum[:]); d.Hash != want || d.ID != "urn:m" {
			t.Fatalf("hash %s, want %s of %s", d.Hash, want, canonical)
		}
	})
}

func TestPeekPIDs(t *testing.T) {
	for body, want := range map[string][2]string{
		`{"@type":"Nonsense","consumerPid":"c","providerPid":{"@id":"p"}}`: {"c", "p"},
		`{"consumerPid":5}`: {"", ""},
		`{"consumerPid":`:   {"", ""},
		`["c"]`:             {"", ""},
	} {
		if consumer, provider := PeekPIDs([]byte(body)); consumer != want[0] || provider != want[1] {
			t.Errorf("%s: %q %q", body, consumer, provider)
		}
	}
}

func TestTerm(t *testing.T) {
	for name, want := range map[string]string{
		"use": "use", "odrl:use": "use", "http://www.w3.org/ns/odrl/2/use": "use", "odrl:eq": "eq", "dspace:AGREED": "AGREED",
		"odrl:spatial": "http://www.w3.org/ns/odrl/2/spatial", "http://www.w3.org/ns/odrl/2/spatial": "http://www.w3.org/ns/odrl/2/spatial",
		"spatial": "spatial", "xsd:date": "http://www.w3.org/2001/XMLSchema#date", "edc:inForceDate": EDCNamespace + "inForceDate",
		"urn:x:y": "urn:x:y", "odrl://use": "odrl://use", "": "",
	} {
		if got := Term(name); got != want {
			t.Errorf("Term(%q) = %q, want %q", name, got, want)
		}
	}
}

// TestExpansionIsSafeForConcurrentUse: json-gold edits the contexts it loads.
func TestExpansionIsSafeForConcurrentUse(t *testing.T) {
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				if _, err := DecodeAs[*ContractEvent]([]byte(prefixedSample)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

func TestCatalogueAsRDF(t *testing.T) {
	body := []byte(samples[TypeCatalog])
	quads, err := NQuads(body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<urn:c> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Catalog> .`,
		`<urn:d> <http://purl.org/dc/terms/title> "cells" .`,
		`<urn:c> <https://w3id.org/dspace/2025/1/participantId> <did:web:p.example> .`,
		`<http://www.w3.org/ns/odrl/2/action> <http://www.w3.org/ns/odrl/2/use> .`,
	} {
		if !strings.Contains(string(quads), want+"\n") {
			t.Errorf("no %s in\n%s", want, quads)
		}
	}
	expanded, err := ExpandedJSONLD(body)
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(expanded) || !strings.Contains(string(expanded), `"http://www.w3.org/ns/dcat#dataset"`) {
		t.Errorf("expanded %s", expanded)
	}
	for _, bad := range []string{`"https://example.org/"`, `[`, `{"@context":"https://example.org/"}`} {
		if _, err := NQuads([]byte(bad)); err == nil {
			t.Errorf("%s became RDF", bad)
		}
		if _, err := ExpandedJSONLD([]byte(bad)); err == nil {
			t.Errorf("%s was expanded", bad)
		}
	}
}
