// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/internal/testkit"
)

// subjectSchema compiles one of docs/credentials.
func subjectSchema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testkit.ModuleRoot(t), "docs", "credentials", name+".schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	id := CredentialsContext + "/" + name + ".schema.json"
	if err := compiler.AddResource(id, document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile(id)
	if err != nil {
		t.Fatal(err)
	}
	if schema.ID != id {
		t.Errorf("$id is %s, want %s", schema.ID, id)
	}
	return schema
}

// inCode are the texts of faults that a schema cannot find: they compare with
// our dataspace, the clock or another member.
var inCode = []string{"ours is", "lies in the future", "months ago", "has two values", "invoice number of a corporation is"}

// faultsOf are the faults that a schema finds as well, and the others.
func faultsOf(credentialType string, raw []byte) (shared, own Faults) {
	var all Faults
	d := Domain{Dataspace: ourDataspace, Now: aDay, Samples: true}
	judge{Domain: d}.subject(credentialType, object{members: membersOf(raw), faults: &all})
	for _, f := range all {
		found := &shared
		for _, text := range inCode {
			if strings.Contains(f.Text, text) {
				found = &own
			}
		}
		*found = append(*found, f)
	}
	return shared, own
}

// TestSchemas: the published schemas and the code give the same verdict on
// subjects with up to three changes at random, but for what only code finds.
func TestSchemas(t *testing.T) {
	for name, c := range map[string]struct {
		credentialType string
		bases          []func() *world
	}{
		"membership":          {MembershipCredential, []func() *world{aMembership}},
		"corporate-identity":  {CorporateIdentityCredential, []func() *world{aCompany, aForeigner, manyNumbers}},
		"security-evaluation": {SecurityEvaluationCredential, []func() *world{anEvaluation, level3}},
	} {
		t.Run(name, func(t *testing.T) {
			schema := subjectSchema(t, name)
			accepted, refused, skipped := 0, 0, 0
			rounds := 30 // for each of rapid's 100
			if testkit.Full() {
				rounds = 300
			}
			rapid.Check(t, func(t *rapid.T) {
				for range rounds {
					subject := rapid.SampledFrom(c.bases).Draw(t, "base")().subject
					for range rapid.IntRange(0, 3).Draw(t, "changes") {
						spoil(t, subject)
					}
					raw, err := json.Marshal(subject)
					if err != nil {
						t.Fatal(err)
					}
					document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
					if err != nil {
						t.Fatal(err)
					}
					bySchema := schema.Validate(document)
					byCode, own := faultsOf(c.credentialType, raw)
					if (bySchema == nil) != (len(byCode) == 0) {
						t.Fatalf("%s\ncode: %v\nschema: %v", raw, byCode, bySchema)
					}
					switch {
					case len(own) > 0:
						skipped++
					case bySchema == nil:
						accepted++
					default:
						refused++
					}
				}
			})
			t.Logf("%d accepted by both, %d refused by both, %d with faults that only code finds", accepted, refused, skipped)
			testkit.Occurred(t, accepted >= 100 && refused >= 500, "the changes are too mild or too harsh to prove anything")
		})
	}
}

func manyNumbers() *world {
	w := aCompany()
	for _, i := range []Identifier{
		{InvoiceNumber, "T7123456789012"},
		{LEI, "506700GE1G29325QX363"},
		{DUNS, "150483782"},
		{GLN, "4012345000009"},
		{BPN, "BPNL00000003CRHK"},
		{VAT, "DE123456789"},
		{EORI, "DE1234567"},
		{EUID, "DEK1101R.HRB116737"},
		{StandardCompanyCode, "123456000000"},
		{TDBCode, "123456789"},
		{"vendor", "any"},
	} {
		w.add(i.Scheme, i.Value)
	}
	return w
}

func level3() *world {
	w := anEvaluation()
	w.subject["level"], w.subject["assessmentType"] = 3, SelfWithExpert
	delete(w.subject, "assessor")
	return w
}

// values is what spoil puts somewhere. None is a whole number with an exponent:
// a schema takes it, and we do not.
var values = []any{
	nil, true, false, 0, 1, 3, 4, 3.5, json.Number("3.0"), json.Number("-1"), "", " ", "\u3000", "x", "JP", "DE", "jp",
	"a\u202eb", "a\nb", "a\u200cb", "\ufffd", "日本", strings.Repeat("あ", 128), strings.Repeat("x", 1001), "self", "third-party", "self-declared", "gleif",
	"provider", "king", "Corporation", "DataspaceMember", "2026-11-01", "2026-13-01", "2026-02-30", "2026-10-01T00:00:00Z", "2026-10-01T00:00:00.5+09:00",
	"2026-10-01T00:00:00", "2026-10-01 00:00:00Z", "2026-10-01T24:00:00Z", "2026-10-01T00:00:00z", SCS, TISAX, ISO27001, SecurityAction,
	"urn:example:other", "https://a.example/", "http://a.example/", "no uri", CorporateNumber, LEI, DUNS, BPN, "vendor", "ISO6523:0199", "a b",
	"7123456789012", "T7123456789012", "0123456789012", "sha-256:00", "sha-256:" + strings.Repeat("0a", 32),
	[]any{},
	doc{},
	[]any{"provider"},
	[]any{"x"},
	[]any{nil},
	[]any{doc{}},
	[]any{"Corporation", "Other"},
	doc{"en": "x"},
	doc{"日本語": "x"},
	doc{"e": "x"},
	doc{"scheme": LEI, "value": "506700GE1G29325QX363"},
	doc{"name": "x", "identifier": doc{"scheme": "vendor", "value": "1"}},
}

// aValue draws one of them, fresh: the next change may go into it.
func aValue(t *rapid.T) (fresh any) {
	value := rapid.SampledFrom(values).Draw(t, "value")
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if number, ok := value.(json.Number); ok {
		return number
	}
	if err := json.Unmarshal(raw, &fresh); err != nil {
		t.Fatal(err)
	}
	return fresh
}

// spoil changes one member somewhere in a document: another value, none, or
// one under another spelling.
func spoil(t *rapid.T, d doc) {
	names := slices.Sorted(maps.Keys(d))
	if len(names) == 0 {
		return
	}
	name := rapid.SampledFrom(names).Draw(t, "member")
	if inner := within(t, d[name]); inner != nil && rapid.IntRange(0, 3).Draw(t, "deeper") > 0 {
		spoil(t, inner)
		return
	}
	switch rapid.IntRange(0, 9).Draw(t, "how") {
	case 0:
		delete(d, name)
	case 1:
		d[strings.ToUpper(name)] = d[name]
		delete(d, name)
	case 2:
		d["another"] = aValue(t)
	default:
		d[name] = aValue(t)
	}
}

// within returns an object in a value.
func within(t *rapid.T, value any) doc {
	switch v := value.(type) {
	case doc:
		return v
	case []any:
		if len(v) > 0 {
			inner, _ := v[rapid.IntRange(0, len(v)-1).Draw(t, "entry")].(doc)
			return inner
		}
	}
	return nil
}
