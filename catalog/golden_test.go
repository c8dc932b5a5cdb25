// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/trust"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// golden are answers of one catalogue, by file.
func golden(t testing.TB) map[string][]byte {
	t.Helper()
	h := newHouse(t)
	cell := catalog.Asset{
		ID:     "urn:battery:cell-1",
		Labels: map[string]string{"internal": "yes"},
		Source: catalog.Source{Type: catalog.SourceHTTP, URL: "http://10.0.0.1/cell", Headers: map[string]string{"X-Key": "s3cret"}},
		Properties: map[string]any{
			"dct:title":                []any{map[string]any{"@value": "電池セル", "@language": "ja"}, "Battery cell"},
			"dcat:keyword":             []string{"co2", "battery"},
			"https://terms.example/kg": 1.25,
			"dct:conformsTo":           map[string]any{"@id": "https://standards.example/pcf"},
		},
		Formats: []string{"HttpData-PULL", "https://w3id.org/dspace-sig/profile/http-push"},
	}
	h.publish(t, []catalog.Asset{cell, {ID: "plain"}}, offerOf("o:cell=1", byID("urn:battery:cell-1")), offerOf("all", catalog.Selector{All: true}))
	page, _ := h.ask(t, "", "")
	dataset, err := h.Dataset(t.Context(), me, buyer, "urn:battery:cell-1")
	if err != nil {
		t.Fatal(err)
	}
	empty, _ := h.ask(t, `[{"filterExpression":[{"operandLeft":"id","operator":"=","operandRight":"none"}]}]`, "")
	_, fault := catalog.Fault(catalog.ErrNotFound)
	return map[string][]byte{"catalog.json": page.Body, "dataset.json": dataset, "empty.json": empty.Body, "error.json": fault}
}

func TestGolden(t *testing.T) {
	for name, body := range golden(t) {
		var indented bytes.Buffer
		if err := json.Indent(&indented, body, "", "  "); err != nil {
			t.Fatal(err)
		}
		indented.WriteByte('\n')
		testkit.Golden(t, "catalog/testdata/"+name, indented.String())
		for _, private := range []string{"s3cret", "10.0.0.1", "internal", "X-Key"} {
			if bytes.Contains(body, []byte(private)) {
				t.Errorf("%s shows %q", name, private)
			}
		}
	}
}

// TestGoldenSatisfiesSchema holds what we send against the published schemas.
func TestGoldenSatisfiesSchema(t *testing.T) {
	root := filepath.Join(testkit.Shared(t), "spec", "dsp", "schemas")
	compiler := jsonschema.NewCompiler()
	for _, folder := range []string{"catalog", "common", "negotiation"} {
		files, err := filepath.Glob(filepath.Join(root, folder, "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatal(folder, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := compiler.AddResource(wire.Namespace+folder+"/"+filepath.Base(file), unmarshal(t, text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	answers := golden(t)
	for name, schema := range map[string]string{"catalog.json": "catalog", "empty.json": "catalog", "dataset.json": "dataset", "error.json": "catalog-error"} {
		compiled, err := compiler.Compile(wire.Namespace + "catalog/" + schema + "-schema.json")
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(unmarshal(t, answers[name])); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func unmarshal(t testing.TB, text []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestJSONLDReadersSeeTheSame: as RDF the catalogue says no less.
func TestJSONLDReadersSeeTheSame(t *testing.T) {
	quads, err := wire.NQuads(golden(t)["catalog.json"])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<urn:battery:cell-1> <http://purl.org/dc/terms/title> "電池セル"@ja`,
		`<urn:battery:cell-1> <http://www.w3.org/ns/dcat#distribution>`,
		`<urn:battery:cell-1> <http://www.w3.org/ns/odrl/2/hasPolicy> <o:cell=1>`,
		`<http://purl.org/dc/terms/conformsTo> <https://standards.example/pcf>`,
		`<http://www.w3.org/ns/odrl/2/action> <http://www.w3.org/ns/odrl/2/use>`,
		`<http://www.w3.org/ns/dcat#endpointURL> "https://acme.example/acme/dsp/2025-1"`,
	} {
		if !bytes.Contains(quads, []byte(want)) {
			t.Errorf("no %s in\n%s", want, quads)
		}
	}
}

func TestFault(t *testing.T) {
	_, malformed := wire.Decode([]byte(`{"@context":[]}`))
	for name, tc := range map[string]struct {
		err    error
		status int
		says   string
	}{
		"refusal":         {&catalog.Refusal{Code: catalog.CodeFilter, Reason: "the filter"}, 400, `"unsupported-filter"`},
		"message":         {malformed, 400, "context-missing"},
		"not found":       {catalog.ErrNotFound, 404, "not-found"},
		"unauthenticated": {trust.ErrUnauthenticated, 401, "not-authenticated"},
		"unavailable":     {trust.ErrUnavailable, 503, "unavailable"},
		"ours":            {errors.New("dial tcp 10.0.0.1: secret"), 500, "internal"},
	} {
		status, body := catalog.Fault(tc.err)
		if status != tc.status || !bytes.Contains(body, []byte(tc.says)) || bytes.Contains(body, []byte("10.0.0.1")) {
			t.Errorf("%s: %d %s", name, status, body)
		}
		if _, err := wire.DecodeAs[*wire.CatalogError](body); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRequestRefuses: bad messages are answered, none is our fault.
func TestRequestRefuses(t *testing.T) {
	h := newHouse(t)
	shelf(t, h, 1)
	for name, body := range map[string]string{
		"nothing":     ``,
		"no JSON":     `x`,
		"no context":  `{"@type":"CatalogRequestMessage"}`,
		"other type":  `{"@context":["` + wire.ContextURL + `"],"@type":"ContractRequestMessage"}`,
		"deep":        string(requestBody(strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000))),
		"bad filter":  string(requestBody(`["x"]`)),
		"filter half": string(requestBody(`[{"limit":5,"unknown":1}]`)),
	} {
		_, err := h.Request(t.Context(), me, buyer, []byte(body), "")
		if status, answer := catalog.Fault(err); err == nil || status != 400 {
			t.Errorf("%s: %v, %d %s", name, err, status, answer)
		}
	}
}

// TestStoredFaultIsOurs: a policy that is gone is no dataset not found.
func TestStoredFaultIsOurs(t *testing.T) {
	h := newHouse(t)
	shelf(t, h, 1)
	clear(h.store.contexts[me].policies)
	_, err := h.Request(t.Context(), me, buyer, requestBody(""), "")
	if status, _ := catalog.Fault(err); status != 500 {
		t.Errorf("%v: %d", err, status)
	}
	_, err = h.Dataset(t.Context(), me, buyer, "asset:0000")
	if status, _ := catalog.Fault(err); status != 500 {
		t.Errorf("%v: %d", err, status)
	}
}
