// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package credentials_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/piprate/json-gold/ld"

	"github.com/musubi-ods/musubi/docs/credentials"
	"github.com/musubi-ods/musubi/trust"
)

// types are the credential types and the files of their schemas.
var types = map[string]string{
	trust.MembershipCredential:         "membership.schema.json",
	trust.CorporateIdentityCredential:  "corporate-identity.schema.json",
	trust.SecurityEvaluationCredential: "security-evaluation.schema.json",
}

// read decodes an embedded file.
func read(t *testing.T, name string) map[string]any {
	t.Helper()
	text, err := credentials.Files.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return document
}

func TestFiles(t *testing.T) {
	names, err := fs.Glob(credentials.Files, "*")
	if err != nil {
		t.Fatal(err)
	}
	want := append(slices.Sorted(maps.Values(types)), "v1.jsonld")
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("embedded files (-want +got):\n%s", diff)
	}
	for _, name := range types {
		if id := read(t, name)["$id"]; id != trust.CredentialsContext+"/"+name {
			t.Errorf("%s is named %v", name, id)
		}
	}
}

// TestContextHasEveryMember: the context has a term for each member of a
// schema, and none besides but the names of types.
func TestContextHasEveryMember(t *testing.T) {
	terms := map[string]bool{}
	collectTerms(read(t, "v1.jsonld")["@context"].(map[string]any), terms)
	members := map[string]bool{}
	for _, name := range types {
		collectMembers(read(t, name), members)
	}
	for name := range types {
		members[name] = true
	}
	for _, class := range []string{"DataspaceMember", "Corporation", "CorporateIdentifier"} {
		members[class] = true
	}
	for _, keyword := range []string{"id", "type", "musubi"} { // aliases and the prefix
		members[keyword] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(members)), slices.Sorted(maps.Keys(terms))); diff != "" {
		t.Errorf("terms of the context (-schemas +context):\n%s", diff)
	}
}

// collectTerms finds the terms of a context and of those within it.
func collectTerms(context map[string]any, terms map[string]bool) {
	for name, definition := range context {
		if strings.HasPrefix(name, "@") {
			continue
		}
		terms[name] = true
		if d, ok := definition.(map[string]any); ok {
			if inner, ok := d["@context"].(map[string]any); ok {
				collectTerms(inner, terms)
			}
		}
	}
}

// collectMembers finds the names below "properties" anywhere.
func collectMembers(value any, members map[string]bool) {
	switch v := value.(type) {
	case map[string]any:
		if properties, ok := v["properties"].(map[string]any); ok {
			for name := range properties {
				members[name] = true
			}
		}
		for _, inner := range v {
			collectMembers(inner, members)
		}
	case []any:
		for _, inner := range v {
			collectMembers(inner, members)
		}
	}
}

// examples are the JSON blocks of README.md, by the type in whose section they
// stand.
func examples(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	block := regexp.MustCompile("(?s)\n## (\\w+)\n.*?```json\n(.*?)```")
	for _, match := range block.FindAllStringSubmatch(string(text), -1) {
		found[match[1]] = match[2]
	}
	if len(found) != len(types) {
		t.Fatalf("examples of %v", slices.Sorted(maps.Keys(found)))
	}
	return found
}

// TestExamples: what the page shows is good.
func TestExamples(t *testing.T) {
	now := time.Date(2026, 4, 2, 0, 0, 0, 0, time.UTC)
	domain := trust.Domain{Dataspace: "https://dataspace.example/battery", Now: now}
	for name, subject := range examples(t) {
		if err := domain.Check(trust.Credential{
			ID: "urn:uuid:example", Types: []string{"VerifiableCredential", name}, Subject: json.RawMessage(subject),
			ValidFrom: now, ValidUntil: now.AddDate(0, 11, 0),
		}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFieldsInPage: the page describes each member that a form asks for.
func TestFieldsInPage(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range types {
		for _, field := range trust.Fields(name) {
			first := regexp.MustCompile(`^\w+`).FindString(field.Name)
			if !strings.Contains(string(text), "`"+first) {
				t.Errorf("%s: %s is not described", name, field.Name)
			}
			for _, value := range field.Values {
				if !strings.Contains(string(text), "`"+value+"`") && value != "true" && value != "false" {
					t.Errorf("%s: %s: the value %s is not described", name, field.Name, value)
				}
			}
		}
	}
}

// loader serves the one context and no network.
type loader struct{ document any }

func (l loader) LoadDocument(url string) (*ld.RemoteDocument, error) {
	if url != trust.CredentialsContext {
		return nil, ld.NewJsonLdError(ld.LoadingDocumentFailed, url)
	}
	return &ld.RemoteDocument{DocumentURL: url, Document: l.document}, nil
}

// TestExpansion: as JSON-LD no member of the examples is lost, each is named
// in our namespace, and names and dates have their language and type.
func TestExpansion(t *testing.T) {
	options := ld.NewJsonLdOptions("")
	options.DocumentLoader = loader{read(t, "v1.jsonld")}
	for name, text := range examples(t) {
		var subject map[string]any
		if err := json.Unmarshal([]byte(text), &subject); err != nil {
			t.Fatal(err)
		}
		want := len(leaves(subject))
		subject["@context"] = trust.CredentialsContext
		expanded, err := ld.NewJsonLdProcessor().Expand(subject, options)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		written, err := json.Marshal(expanded)
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		for _, leaf := range leaves(expanded) {
			if !strings.HasPrefix(leaf, "@language=") && !strings.HasPrefix(leaf, "@type=http://www.w3.org/") {
				got++
			}
		}
		if got != want {
			t.Errorf("%s: %d values became %d: %s", name, want, got, written)
		}
		for _, key := range keys(expanded) {
			if !strings.HasPrefix(key, "@") && !strings.HasPrefix(key, trust.CredentialsContext+"#") {
				t.Errorf("%s: %s is not in our namespace", name, key)
			}
		}
		if name == trust.CorporateIdentityCredential && (!strings.Contains(string(written), `"@language":"ja"`) || !strings.Contains(string(written), `XMLSchema#dateTime`)) {
			t.Errorf("%s: %s", name, written)
		}
	}
}

// leaves are the values that hold no others, as name=value.
func leaves(value any) (found []string) {
	var walk func(name string, value any)
	walk = func(name string, value any) {
		switch v := value.(type) {
		case map[string]any:
			for key, inner := range v {
				walk(key, inner)
			}
		case []any:
			for _, inner := range v {
				walk(name, inner)
			}
		default:
			text, _ := json.Marshal(v)
			found = append(found, name+"="+strings.Trim(string(text), `"`))
		}
	}
	walk("", value)
	return found
}

// keys are the names of all members anywhere.
func keys(value any) (found []string) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			found = append(append(found, key), keys(inner)...)
		}
	case []any:
		for _, inner := range v {
			found = append(found, keys(inner)...)
		}
	}
	return found
}
