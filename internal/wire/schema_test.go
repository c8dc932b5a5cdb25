// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/musubi-ods/musubi/internal/testkit"
)

func TestEveryTypeHasAnExampleAndASchema(t *testing.T) {
	seen := map[Type]bool{}
	for _, e := range messages(t) {
		seen[e.typ] = true
	}
	for typ := range readers {
		if !seen[typ] {
			t.Errorf("no published example of %s", typ)
		}
		if schemaFile[typ] == "" {
			t.Errorf("no published schema of %s", typ)
		}
	}
	if len(seen) != len(readers) {
		t.Errorf("examples of %d types, readers of %d", len(seen), len(readers))
	}
}

// TestExamplesBothDirections reads each published example and writes it again:
// what comes out satisfies the schema and is the same JSON value.
func TestExamplesBothDirections(t *testing.T) {
	compiled := schemas(t)
	for _, e := range messages(t) {
		t.Run(e.name, func(t *testing.T) {
			d := mustDecode(t, e.body, e.typ)
			if d.Expanded || len(d.Exceptions) > 0 {
				t.Errorf("not read strictly: expanded %v, exceptions %v", d.Expanded, d.Exceptions)
			}
			if d.Message.MessageType() != e.typ {
				t.Errorf("read as %s", d.Message.MessageType())
			}
			out, err := Encode(d.Message)
			if err != nil {
				t.Fatal(err)
			}
			if err := compiled[e.typ].Validate(parse(t, out)); err != nil {
				t.Error(err)
			}
			want := e.body
			if e.typ == TypeCatalogRequest {
				want = []byte(`{"@context":["` + ContextURL + `"],"@type":"CatalogRequestMessage"}`) // we send no empty list
			}
			sameJSON(t, want, out)
		})
	}
}

func TestVersionDocumentBothDirections(t *testing.T) {
	compiled := schemas(t)
	for _, e := range examples(t) {
		if e.typ != "" {
			continue
		}
		d, err := DecodeVersions(e.body)
		if err != nil {
			t.Fatal(err)
		}
		if v, found := d.Find(Version); !found || v.Path != "/some/path/2025-1" {
			t.Errorf("found %v %v", v, found)
		}
		out, err := EncodeVersions(d)
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled[""].Validate(parse(t, out)); err != nil {
			t.Error(err)
		}
		sameJSON(t, e.body, out)
	}
}

// TestContextsEqualPublished proves that the tables of contexts.go are the
// published contexts.
func TestContextsEqualPublished(t *testing.T) {
	root := filepath.Join(testkit.Shared(t), "spec", "dsp", "contexts")
	for url, file := range map[string]string{
		ContextURL:     "dspace.jsonld",
		ODRLContextURL: "odrl.jsonld",
		EDCContextURL:  "_edc/dspace-edc-context-v1.jsonld",
	} {
		published, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		var want, got any
		if err := json.Unmarshal(published, &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(encodeJSON(contextDocument(url)), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-published +ours)\n%s", file, diff)
		}
	}
}
