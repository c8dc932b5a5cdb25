// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/trust/policy"
)

// found calls use for each policy in a JSON document: the values of offer,
// agreement and hasPolicy.
func found(value any, use func(raw map[string]any)) {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			found(item, use)
		}
	case map[string]any:
		for name, item := range value {
			if name != "offer" && name != "agreement" && name != "hasPolicy" {
				found(item, use)
				continue
			}
			list, ok := item.([]any)
			if !ok {
				list = []any{item}
			}
			for _, one := range list {
				if raw, ok := one.(map[string]any); ok {
					use(raw)
				}
			}
		}
	}
}

// checkReads parses a policy of others and holds what is written against it.
func checkReads(t *testing.T, raw map[string]any) policy.Policy {
	t.Helper()
	text, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	again, err := policy.Parse(write(t, p))
	if err != nil || !policy.Equal(p, again) {
		t.Errorf("%s: came back as %s, %v", text, write(t, p), err)
	}
	return p
}

func TestPublishedExamplesAreRead(t *testing.T) {
	root := filepath.Join(testkit.Shared(t), "spec", "dsp", "examples")
	count := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var message any
		if err := json.Unmarshal(text, &message); err != nil {
			return err
		}
		found(message, func(raw map[string]any) {
			count++
			if p := checkReads(t, raw); p.Validate() != nil {
				t.Errorf("%s: %v", path, p.Validate())
			}
		})
		return nil
	})
	if err != nil || count < 6 {
		t.Errorf("%d policies in the examples, %v", count, err)
	}
}

// TestCapturedPoliciesAreRead reads what another implementation sent. Its
// catalogue, requests and agreements hold one constrained policy between them,
// within ever another frame.
func TestCapturedPoliciesAreRead(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testkit.Shared(t), "peers", "edc", "wire", "*.http"))
	if err != nil || len(files) == 0 {
		t.Fatal("no captures", err)
	}
	all, constrained := 0, map[string]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.SplitSeq(text, []byte("\n")) {
			var message any
			if !bytes.HasPrefix(line, []byte("{")) || json.Unmarshal(line, &message) != nil {
				continue
			}
			found(message, func(raw map[string]any) {
				all++
				if p := checkReads(t, raw); registry.Unenforced(p) != nil {
					constrained[p.Hash()]++
				}
			})
		}
	}
	if all < 10 || len(constrained) != 1 {
		t.Errorf("%d policies, constrained ones by hash: %v", all, constrained)
	}
}

// contractSchema compiles the published schema of offers.
func contractSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testkit.Shared(t), "spec", "dsp", "schemas", "negotiation", "contract-schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("contract-schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("contract-schema.json#/definitions/MessageOffer")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestJSONIsSchemaValid(t *testing.T) {
	schema := contractSchema(t)
	rapid.Check(t, func(t *rapid.T) {
		p := policies.Draw(t, "policy")
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(write(t, p)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Fatalf("%s: %v", write(t, p), err)
		}
	})
}
