// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package did_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/internal/testkit"
)

const (
	self  = "did:web:a.example:x"
	other = "did:web:b.example"
)

// The key of RFC 7515 appendix A.3 and that of RFC 8037 appendix A.2.
const (
	jwkP256    = `{"crv":"P-256","kty":"EC","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`
	jwkEd25519 = `{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
)

func parseKey(t testing.TB, jwk string) crypto.PublicKey {
	t.Helper()
	key, err := jose.ParseJWK([]byte(jwk))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

type obj = map[string]any

// vm is a verification method of self; changes are set, nil removes.
func vm(id string, changes ...obj) obj {
	m := obj{"id": id, "type": "JsonWebKey2020", "controller": self, "publicKeyJwk": json.RawMessage(jwkP256)}
	for _, c := range changes {
		maps.Copy(m, c)
	}
	maps.DeleteFunc(m, func(_ string, v any) bool { return v == nil })
	return m
}

// doc is a document of self with one key and all relations; nil removes.
func doc(t testing.TB, changes ...obj) []byte {
	t.Helper()
	refs := []string{self + "#key-1"}
	d := obj{
		"@context": []string{"https://www.w3.org/ns/did/v1"}, "id": self, "verificationMethod": []any{vm(self + "#key-1")},
		"authentication": refs, "assertionMethod": refs, "capabilityInvocation": refs,
		"service": []any{obj{"id": self + "#cs", "type": "CredentialService", "serviceEndpoint": "https://a.example/x/dcp"}},
	}
	for _, c := range changes {
		maps.Copy(d, c)
	}
	maps.DeleteFunc(d, func(_ string, v any) bool { return v == nil })
	raw, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func parse(t testing.TB, raw []byte) *did.Document {
	t.Helper()
	d, err := did.ParseDocument(raw, self)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParseDocument(t *testing.T) {
	raw := doc(t)
	d := parse(t, raw)
	key, err := d.Key(self+"#key-1", did.Authentication, false)
	if err != nil || !parseKey(t, jwkP256).(*ecdsa.PublicKey).Equal(key) {
		t.Errorf("got %v, %v", key, err)
	}
	want := []did.Service{{ID: self + "#cs", Type: "CredentialService", Endpoint: "https://a.example/x/dcp"}}
	if diff := cmp.Diff(want, d.Services); diff != "" {
		t.Error(diff)
	}
	if d.ID != self || len(d.Hash) != 64 || !d.Relates() {
		t.Errorf("got %+v", d)
	}
	if again := parse(t, append(raw, ' ')); again.Hash == d.Hash {
		t.Error("another text has the same hash")
	}
}

func TestParseDocumentRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		raw  []byte
		want error
	}{
		"empty":                     {nil, did.ErrDocument},
		"HTML":                      {[]byte("<!doctype html>"), did.ErrDocument},
		"a list":                    {[]byte(`[]`), did.ErrDocument},
		"null":                      {[]byte(`null`), did.ErrDocument},
		"two documents":             {append(doc(t), doc(t)...), did.ErrDocument},
		"too large":                 {doc(t, obj{"x": strings.Repeat("x", 64<<10)}), did.ErrDocument},
		"too deep":                  {doc(t, obj{"x": json.RawMessage(strings.Repeat("[", 70) + strings.Repeat("]", 70))}), did.ErrDocument},
		"a member twice":            {[]byte(`{"id":"did:web:b.example",` + string(doc(t))[1:]), did.ErrDocument},
		"not UTF-8":                 {bytes.Replace(doc(t), []byte("JsonWebKey2020"), []byte("\xff"), 1), did.ErrDocument},
		"no id":                     {doc(t, obj{"id": nil}), did.ErrDocument},
		"id a number":               {doc(t, obj{"id": 1}), did.ErrDocument},
		"ID in capitals":            {doc(t, obj{"id": nil, "ID": self}), did.ErrDocument},
		"another DID's":             {doc(t, obj{"id": other}), did.ErrID},
		"one letter differs":        {doc(t, obj{"id": "did:web:a-example:x"}), did.ErrID},
		"another case":              {doc(t, obj{"id": "did:web:A.example:x"}), did.ErrID},
		"two methods of one id":     {doc(t, obj{"verificationMethod": []any{vm(self + "#k"), vm(self+"#k", obj{"publicKeyJwk": json.RawMessage(jwkEd25519)})}}), did.ErrTwice},
		"twice, one relative":       {doc(t, obj{"verificationMethod": []any{vm(self + "#k"), vm("#k")}}), did.ErrTwice},
		"twice, one embedded":       {doc(t, obj{"authentication": []any{vm("key-1")}}), did.ErrTwice},
		"methods are a string":      {doc(t, obj{"verificationMethod": "x"}), did.ErrDocument},
		"a method is a string":      {doc(t, obj{"verificationMethod": []any{"x"}}), did.ErrDocument},
		"a method without id":       {doc(t, obj{"verificationMethod": []any{vm("")}}), did.ErrDocument},
		"129 methods":               {doc(t, obj{"verificationMethod": manyMethods(129)}), did.ErrDocument},
		"a relation is a number":    {doc(t, obj{"authentication": 1}), did.ErrDocument},
		"a relation holds a number": {doc(t, obj{"authentication": []any{1}}), did.ErrDocument},
		"a relation holds null":     {doc(t, obj{"authentication": []any{nil}}), did.ErrDocument},
		"a relation holds a list":   {doc(t, obj{"authentication": []any{[]string{}}}), did.ErrDocument},
		"a service is a string":     {doc(t, obj{"service": []any{"x"}}), did.ErrDocument},
		"a service type is 1":       {doc(t, obj{"service": []any{obj{"type": 1}}}), did.ErrDocument},
	} {
		t.Run(name, func(t *testing.T) {
			if d, err := did.ParseDocument(tc.raw, self); !errors.Is(err, tc.want) || d != nil {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
	parse(t, doc(t, obj{"verificationMethod": manyMethods(128)}))
}

func manyMethods(n int) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = obj{"id": "#" + strings.Repeat("k", i+1)}
	}
	return list
}

func TestKeyIDs(t *testing.T) {
	for _, id := range []string{self + "#key-1", "#key-1", "key-1"} {
		for _, ref := range []string{self + "#key-1", "#key-1", "key-1"} {
			d := parse(t, doc(t, obj{"verificationMethod": []any{vm(id)}, "authentication": []any{ref}}))
			for _, kid := range []string{self + "#key-1", "#key-1", ""} {
				if _, err := d.Key(kid, did.Authentication, false); err != nil {
					t.Errorf("method %s, relation %s, kid %q: %v", id, ref, kid, err)
				}
			}
			for _, kid := range []string{other + "#key-1", self, self + "#key-2", self + "#", "#", "x#key-1", self + "?a#key-1"} {
				if _, err := d.Key(kid, did.Authentication, false); !errors.Is(err, did.ErrNoKey) {
					t.Errorf("kid %q: %v", kid, err)
				}
			}
		}
	}
}

func TestKeyRelations(t *testing.T) {
	null, none := json.RawMessage("null"), []any{}
	absent := obj{"authentication": nil, "assertionMethod": nil, "capabilityInvocation": nil}
	two := []any{vm("#key-1"), vm("#key-2")}
	for name, tc := range map[string]struct {
		changes         obj
		kid             string
		strict, relaxed error // for authentication
	}{
		"listed":                     {obj{}, "#key-1", nil, nil},
		"one string, not a list":     {obj{"authentication": "#key-1"}, "#key-1", nil, nil},
		"embedded":                   {obj{"authentication": []any{vm("#key-2")}}, "#key-2", nil, nil},
		"embedded for another use":   {obj{"capabilityInvocation": []any{vm("#key-2")}}, "#key-2", did.ErrRelation, did.ErrRelation},
		"listed for other uses":      {obj{"authentication": nil}, "#key-1", did.ErrRelation, did.ErrRelation},
		"this one empty":             {obj{"authentication": none}, "#key-1", did.ErrRelation, did.ErrRelation},
		"another key listed":         {obj{"verificationMethod": two}, "#key-2", did.ErrRelation, did.ErrRelation},
		"a foreign key listed":       {obj{"authentication": []any{other + "#key-1"}}, "#key-1", did.ErrRelation, did.ErrRelation},
		"only one for encryption":    {obj{"authentication": nil, "assertionMethod": nil, "capabilityInvocation": nil, "keyAgreement": []any{"#key-1"}}, "#key-1", did.ErrRelation, did.ErrRelation},
		"none at all":                {absent, "#key-1", did.ErrRelation, nil},
		"all empty":                  {obj{"authentication": none, "assertionMethod": none, "capabilityInvocation": none}, "#key-1", did.ErrRelation, nil},
		"null":                       {obj{"authentication": null, "assertionMethod": null, "capabilityInvocation": null}, "#key-1", did.ErrRelation, nil},
		"one empty, others absent":   {obj{"authentication": none, "assertionMethod": nil, "capabilityInvocation": nil}, "", did.ErrRelation, nil},
		"none named, one there":      {obj{}, "", nil, nil},
		"none named, two there":      {obj{"verificationMethod": two}, "", did.ErrManyKeys, did.ErrManyKeys},
		"none named, none there":     {obj{"verificationMethod": none}, "", did.ErrNoKey, did.ErrNoKey},
		"named, none there":          {obj{"verificationMethod": nil}, "#key-1", did.ErrNoKey, did.ErrNoKey},
		"none named, one is foreign": {obj{"verificationMethod": []any{vm(other + "#key-1")}, "authentication": []any{other + "#key-1"}}, "", did.ErrOwner, did.ErrOwner},
	} {
		t.Run(name, func(t *testing.T) {
			d := parse(t, doc(t, tc.changes))
			for relaxed, want := range map[bool]error{false: tc.strict, true: tc.relaxed} {
				if key, err := d.Key(tc.kid, did.Authentication, relaxed); !errors.Is(err, want) || (key == nil) != (want != nil) {
					t.Errorf("relaxed %v: got %v, want %v", relaxed, err, want)
				}
			}
		})
	}
}

func TestKeyRefuses(t *testing.T) {
	private := json.RawMessage(`{"d":"AA",` + jwkP256[1:])
	off := json.RawMessage(`{"crv":"P-256","kty":"EC","x":"` + strings.Repeat("A", 43) + `","y":"` + strings.Repeat("A", 43) + `"}`)
	for name, tc := range map[string]struct {
		changes obj
		want    error
	}{
		"controlled by another":  {obj{"controller": other}, did.ErrOwner},
		"without a controller":   {obj{"controller": nil}, did.ErrOwner},
		"several controllers":    {obj{"controller": []string{self}}, did.ErrOwner},
		"unknown type":           {obj{"type": "EcdsaSecp256k1VerificationKey2019"}, did.ErrKey},
		"no type":                {obj{"type": nil}, did.ErrKey},
		"no key":                 {obj{"publicKeyJwk": nil}, did.ErrKey},
		"a private key":          {obj{"publicKeyJwk": private}, did.ErrKey},
		"off the curve":          {obj{"publicKeyJwk": off}, did.ErrKey},
		"for encryption":         {obj{"publicKeyJwk": json.RawMessage(`{"use":"enc",` + jwkP256[1:])}, did.ErrKey},
		"another curve":          {obj{"publicKeyJwk": json.RawMessage(`{"kty":"EC","crv":"secp256k1"}`)}, did.ErrKey},
		"a string":               {obj{"publicKeyJwk": "x"}, did.ErrKey},
		"two keys":               {obj{"publicKeyMultibase": keyEd25519}, did.ErrKey},
		"multibase not a string": {obj{"publicKeyMultibase": 1}, did.ErrKey},
		"multibase of nothing":   {obj{"publicKeyJwk": nil, "publicKeyMultibase": "z"}, did.ErrKey},
	} {
		t.Run(name, func(t *testing.T) {
			d := parse(t, doc(t, obj{"verificationMethod": []any{vm("#key-1", tc.changes), vm("#good")}, "authentication": []string{"#key-1", "#good"}}))
			if key, err := d.Key("#key-1", did.Authentication, false); !errors.Is(err, tc.want) || key != nil {
				t.Errorf("got %v, want %v", err, tc.want)
			}
			if _, err := d.Key("#good", did.Authentication, false); err != nil {
				t.Errorf("the key beside it: %v", err)
			}
		})
	}
}

func TestMethodTypes(t *testing.T) {
	for _, name := range []string{"JsonWebKey2020", "JsonWebKey", "EcdsaSecp256r1VerificationKey2019", "Ed25519VerificationKey2018", "Ed25519VerificationKey2020"} {
		for _, jwk := range []string{jwkP256, jwkEd25519} {
			d := parse(t, doc(t, obj{"verificationMethod": []any{vm("#key-1", obj{"type": name, "publicKeyJwk": json.RawMessage(jwk)})}}))
			if _, err := d.Key("#key-1", did.AssertionMethod, false); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	d := parse(t, doc(t, obj{"verificationMethod": []any{vm("#key-1", obj{"type": "Multikey", "publicKeyJwk": nil, "publicKeyMultibase": keyEd25519})}}))
	if key, err := d.Key("#key-1", did.AssertionMethod, false); err != nil || !parseKey(t, jwkEd25519).(ed25519.PublicKey).Equal(key) {
		t.Errorf("Multikey: %v, %v", key, err)
	}
}

func TestEndpoint(t *testing.T) {
	service := func(endpoint any, types any) obj {
		return obj{"id": "#s", "type": types, "serviceEndpoint": endpoint}
	}
	const good = "https://a.example/x"
	for name, tc := range map[string]struct {
		services any
		want     string // "": ErrService
	}{
		"one":                    {[]any{service(good, "S")}, good},
		"not in a list":          {service(good, "S"), good},
		"several types":          {[]any{service(good, []string{"T", "S"})}, good},
		"http":                   {[]any{service("http://localhost:8080/x", "S")}, "http://localhost:8080/x"},
		"the first that has one": {[]any{service("x", "S"), service(nil, "S"), service(good, "S"), service(good+"2", "S")}, good},
		"none":                   {nil, ""},
		"null":                   {json.RawMessage("null"), ""},
		"of another type":        {[]any{service(good, "SS"), service(good, "s"), service(good, []string{})}, ""},
		"relative":               {[]any{service("/x", "S")}, ""},
		"without scheme":         {[]any{service("//a.example/x", "S")}, ""},
		"another scheme":         {[]any{service("ftp://a.example/x", "S")}, ""},
		"a DID":                  {[]any{service("did:web:a.example", "S")}, ""},
		"a user":                 {[]any{service("https://u:p@a.example/x", "S")}, ""},
		"a fragment":             {[]any{service("https://a.example/x#y", "S")}, ""},
		"an empty fragment":      {[]any{service("https://a.example/x#", "S")}, ""},
		"no host":                {[]any{service("https:///x", "S")}, ""},
		"a list":                 {[]any{service([]string{good}, "S")}, ""},
		"an object":              {[]any{service(obj{"uri": good}, "S")}, ""},
		"a control character":    {[]any{service("https://a.example/\n", "S")}, ""},
		"too long":               {[]any{service(good+strings.Repeat("x", 2048), "S")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parse(t, doc(t, obj{"service": tc.services})).Endpoint("S")
			if got != tc.want || errors.Is(err, did.ErrService) != (tc.want == "") {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestOwner(t *testing.T) {
	for url, want := range map[string]string{
		self: self, self + "#key-1": self, self + "?a=b#c": self, self + "/p?q#f": self, self + "#a#b": self,
		"did:web:localhost%3A8443:a#k": "did:web:localhost%3A8443:a", "did:key:z6Mk#z6Mk": "did:key:z6Mk",
		"": "", "#key-1": "", "key-1": "", "did:": "", "did:web": "", "did:web:": "", "did:web:#k": "", "did::a": "", "did:web:a:": "",
		"DID:web:a": "", "did:WEB:a": "", " did:web:a": "", "did:web:a ": "", "https://a.example": "", "did:web:a\u3000": "",
		"did:web:" + strings.Repeat("a", 1024): "",
	} {
		if got := did.Owner(url); got != want {
			t.Errorf("%q: got %q, want %q", url, got, want)
		}
	}
}

// captured returns the bodies of the DID documents that deployed wallets
// serve.
func captured(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(testkit.Shared(t), "peers", "edc", "wire-dcp", "*_did.json.http"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no captured documents: %v", err)
	}
	bodies := map[string][]byte{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, answer, _ := strings.Cut(string(text), "HTTP/1.1 200 OK")
		_, body, found := strings.Cut(strings.ReplaceAll(answer, "\r\n", "\n"), "\n\n")
		if !found {
			t.Fatalf("%s holds no answer", file)
		}
		name := strings.SplitN(filepath.Base(file), "-", 4)
		bodies["did:web:localhost%3A28483:"+strings.TrimSuffix(name[3], "_did.json.http")] = []byte(body)
	}
	return bodies
}

// TestCapturedDocuments: they have an empty list for one relation, no others
// and a multibase that is null.
func TestCapturedDocuments(t *testing.T) {
	for id, body := range captured(t) {
		d, err := did.ParseDocument(body, id)
		if err != nil {
			t.Fatal(id, err)
		}
		for _, use := range []did.Relation{did.Authentication, did.AssertionMethod, did.CapabilityInvocation} {
			if _, err := d.Key(id+"#key-1", use, true); err != nil || d.Relates() {
				t.Errorf("%s, relaxed: %v", id, err)
			}
			if _, err := d.Key(id+"#key-1", use, false); !errors.Is(err, did.ErrRelation) {
				t.Errorf("%s, strict: %v", id, err)
			}
		}
		endpoint, err := d.Endpoint("CredentialService")
		if strings.HasSuffix(id, ":issuer") != errors.Is(err, did.ErrService) || err == nil && !strings.HasPrefix(endpoint, "http://localhost:28484/") {
			t.Errorf("%s: %q, %v", id, endpoint, err)
		}
	}
}

func FuzzParseDocument(f *testing.F) {
	f.Add(doc(f))
	f.Add(doc(f, obj{"authentication": []any{vm("#key-2"), "key-1"}, "service": obj{"type": []string{"S", "T"}, "serviceEndpoint": []any{}}}))
	f.Add(doc(f, obj{"verificationMethod": vm("#key-1", obj{"publicKeyJwk": nil, "publicKeyMultibase": keyEd25519})}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := did.ParseDocument(raw, self)
		if err != nil {
			if _, ok := errors.AsType[*did.Error](err); !ok {
				t.Errorf("no verdict: %v", err)
			}
			return
		}
		_, strict := d.Key("#key-1", did.Authentication, false)
		_, relaxed := d.Key("#key-1", did.Authentication, true)
		if strict == nil && relaxed != nil {
			t.Errorf("strict is laxer than relaxed: %v", relaxed)
		}
		if endpoint, err := d.Endpoint("S"); err == nil {
			if _, err := http.NewRequest(http.MethodGet, endpoint, nil); err != nil {
				t.Errorf("endpoint %q: %v", endpoint, err)
			}
		}
	})
}
