// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// example is a published example of a message.
type example struct {
	name string // negotiation/contract-offer-message.json
	typ  Type   // "" for the version document
	body []byte
}

// examples are the published examples of what this package reads: all but the
// two entries of DID documents, which are no messages.
func examples(t testing.TB) []example {
	t.Helper()
	root := filepath.Join(testkit.Shared(t), "spec", "dsp", "examples")
	var list []example
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(path, "did-service") {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		var head struct {
			Type Type `json:"@type"`
		}
		if err := json.Unmarshal(body, &head); err != nil {
			return err
		}
		list = append(list, example{filepath.ToSlash(name), head.Type, body})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 25 {
		t.Fatalf("found %d examples, want 25", len(list))
	}
	return list
}

// messages are the examples that are messages, not the version document.
func messages(t testing.TB) []example {
	t.Helper()
	var list []example
	for _, e := range examples(t) {
		if e.typ != "" {
			list = append(list, e)
		}
	}
	return list
}

// schemaFile is where the schema of a type lies.
var schemaFile = map[Type]string{
	"":                       "common/protocol-version",
	TypeCatalogRequest:       "catalog/catalog-request-message",
	TypeDatasetRequest:       "catalog/dataset-request-message",
	TypeCatalog:              "catalog/catalog",
	TypeDataset:              "catalog/dataset",
	TypeCatalogError:         "catalog/catalog-error",
	TypeContractRequest:      "negotiation/contract-request-message",
	TypeContractOffer:        "negotiation/contract-offer-message",
	TypeContractAgreement:    "negotiation/contract-agreement-message",
	TypeContractVerification: "negotiation/contract-agreement-verification-message",
	TypeContractEvent:        "negotiation/contract-negotiation-event-message",
	TypeContractTermination:  "negotiation/contract-negotiation-termination-message",
	TypeContractNegotiation:  "negotiation/contract-negotiation",
	TypeContractError:        "negotiation/contract-negotiation-error",
	TypeTransferRequest:      "transfer/transfer-request-message",
	TypeTransferStart:        "transfer/transfer-start-message",
	TypeTransferSuspension:   "transfer/transfer-suspension-message",
	TypeTransferCompletion:   "transfer/transfer-completion-message",
	TypeTransferTermination:  "transfer/transfer-termination-message",
	TypeTransferProcess:      "transfer/transfer-process",
	TypeTransferError:        "transfer/transfer-error",
}

// schemas compiles the published schemas. Three of them refer to definitions
// by a pointer that lacks its slash, which is mended while loading.
func schemas(t testing.TB) map[Type]*jsonschema.Schema {
	t.Helper()
	root := filepath.Join(testkit.Shared(t), "spec", "dsp", "schemas")
	compiler := jsonschema.NewCompiler()
	repaired := 0
	for _, folder := range []string{"catalog", "common", "negotiation", "transfer"} {
		files, err := filepath.Glob(filepath.Join(root, folder, "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			mended := bytes.ReplaceAll(body, []byte("#definitions/"), []byte("#/definitions/"))
			if !bytes.Equal(mended, body) {
				repaired++
			}
			if err := compiler.AddResource(Namespace+folder+"/"+filepath.Base(file), parse(t, mended)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if repaired != 3 {
		t.Fatalf("mended %d schemas, want 3: has the specification changed?", repaired)
	}
	compiled := map[Type]*jsonschema.Schema{}
	for typ, file := range schemaFile {
		schema, err := compiler.Compile(Namespace + file + "-schema.json")
		if err != nil {
			t.Fatal(err)
		}
		compiled[typ] = schema
	}
	return compiled
}

// parse reads JSON as the schema engine wants it, numbers unrounded.
func parse(t testing.TB, body []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return v
}

// encodeJSON writes any value as JSON without escaping for HTML.
func encodeJSON(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSpace(b.Bytes())
}

// mustDecode decodes a message of one type.
func mustDecode(t testing.TB, body []byte, typ Type) Decoded {
	t.Helper()
	d, err := Decode(body, typ)
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	return d
}

// sameJSON fails where two texts are different JSON values.
func sameJSON(t testing.TB, want, got []byte) {
	t.Helper()
	if diff := cmp.Diff(parse(t, want), parse(t, got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
