// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package did_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/testkit"
)

func description(t testing.TB) did.Description {
	t.Helper()
	return did.Description{
		ID: self,
		Keys: []did.Key{
			{Fragment: "key-1", Key: parseKey(t, jwkP256), Relations: []did.Relation{did.Authentication, did.CapabilityInvocation}},
			{Fragment: "key-2", Key: parseKey(t, jwkEd25519), Relations: []did.Relation{did.AssertionMethod}},
		},
		Services: []did.Service{
			{ID: self + "#cs", Type: "CredentialService", Endpoint: "https://a.example/x/dcp"},
			{ID: "#dsp", Type: "DataService", Endpoint: "https://a.example/x/.well-known/dspace-version"},
		},
	}
}

func TestMarshal(t *testing.T) {
	raw, err := did.Marshal(description(t))
	if err != nil {
		t.Fatal(err)
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, raw, "", "  "); err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "internal/did/testdata/document.json", pretty.String()+"\n")

	d := parse(t, raw)
	for use, fragment := range map[did.Relation]string{did.Authentication: "#key-1", did.CapabilityInvocation: "#key-1", did.AssertionMethod: "#key-2"} {
		if _, err := d.Key(self+fragment, use, false); err != nil {
			t.Errorf("%s: %v", use, err)
		}
	}
	if _, err := d.Key(self+"#key-2", did.Authentication, true); !errors.Is(err, did.ErrRelation) {
		t.Errorf("the other key: %v", err)
	}
	if got, err := d.Endpoint("DataService"); err != nil || got != "https://a.example/x/.well-known/dspace-version" {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestMarshalWritesLists: readers fail on null, on a bare string and where a
// member is missing.
func TestMarshalWritesLists(t *testing.T) {
	raw, err := did.Marshal(did.Description{ID: self})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"verificationMethod", "authentication", "assertionMethod", "capabilityInvocation", "service"} {
		if !strings.Contains(string(raw), `"`+name+`":[]`) {
			t.Errorf("%s is not an empty list in %s", name, raw)
		}
	}
}

func TestMarshalRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*did.Description)
		want   error
	}{
		"no DID":                 {func(d *did.Description) { d.ID = "a" }, did.ErrSyntax},
		"did:key":                {func(d *did.Description) { d.ID = "did:key:z6Mk" }, did.ErrMethod},
		"no fragment":            {func(d *did.Description) { d.Keys[0].Fragment = "" }, did.ErrKey},
		"no clean fragment":      {func(d *did.Description) { d.Keys[0].Fragment = "a#b" }, did.ErrKey},
		"two keys of one name":   {func(d *did.Description) { d.Keys[0].Fragment = "key-2" }, did.ErrTwice},
		"no key":                 {func(d *did.Description) { d.Keys[0].Key = nil }, did.ErrKey},
		"an unknown relation":    {func(d *did.Description) { d.Keys[0].Relations = []did.Relation{"x"} }, did.ErrRelation},
		"a service without type": {func(d *did.Description) { d.Services[0].Type = "" }, did.ErrService},
		"a service of another":   {func(d *did.Description) { d.Services[0].ID = other + "#cs" }, did.ErrService},
		"a service nowhere":      {func(d *did.Description) { d.Services[0].Endpoint = "/x" }, did.ErrService},
		"two services, one id":   {func(d *did.Description) { d.Services[0].ID = "#dsp" }, did.ErrTwice},
	} {
		d := description(t)
		tc.change(&d)
		if raw, err := did.Marshal(d); !errors.Is(err, tc.want) || raw != nil {
			t.Errorf("%s: got %v, want %v", name, err, tc.want)
		}
	}
}
