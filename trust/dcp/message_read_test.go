// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/trust/dcp"
)

// message writes a message of a type with members.
func message(messageType, members string) []byte {
	text := `{"@context":["https://other.example/v1","` + dcp.Context + `",{"x":"y"}],"type":"` + messageType + `"`
	if members != "" {
		text += "," + members
	}
	return []byte(text + "}")
}

// readCase is a message and whether it can be used.
type readCase struct {
	name, members string
	ok            bool
}

func runReads(t *testing.T, messageType string, read func([]byte) (any, error), cases []readCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := read(message(messageType, c.members))
			if c.ok != (err == nil) || err != nil && !errors.Is(err, dcp.ErrMessage) {
				t.Errorf("error %v, want usable: %t", err, c.ok)
			}
		})
	}
}

func TestReadEnvelope(t *testing.T) {
	const rest = `"type":"PresentationQueryMessage","scope":["a:b"]`
	good := `{"@context":["` + dcp.Context + `"],` + rest + `}`
	for name, c := range map[string]struct {
		body string
		ok   bool
	}{
		"good":                {good, true},
		"an unknown member":   {strings.Replace(good, "{", `{"requestId":"1",`, 1), true},
		"a context as a text": {`{"@context":"` + dcp.Context + `",` + rest + `}`, true},
		"no context":          {"{" + rest + "}", false},
		"another context":     {`{"@context":["https://w3id.org/tractusx-trust/v0.8"],` + rest + `}`, false},
		"a context inside":    {`{"@context":[["` + dcp.Context + `"]],` + rest + `}`, false},
		"no type":             {`{"@context":["` + dcp.Context + `"],"scope":["a:b"]}`, false},
		"a type in a list":    {strings.Replace(good, `"PresentationQueryMessage"`, `["PresentationQueryMessage"]`, 1), false},
		"a member twice":      {strings.Replace(good, "{", `{"scope":[],`, 1), false},
		"two documents":       {good + good, false},
		"nothing":             {"", false},
		"null":                {"null", false},
		"an array":            {"[" + good + "]", false},
		"no UTF-8":            {strings.Replace(good, "a:b", "a:\xff", 1), false},
		"too deep":            {strings.Replace(good, "{", `{"x":`+strings.Repeat("[", 64)+strings.Repeat("]", 64)+",", 1), false},
		"deep":                {strings.Replace(good, "{", `{"x":`+strings.Repeat("[", 63)+strings.Repeat("]", 63)+",", 1), true},
		"large":               {good + strings.Repeat(" ", dcp.MaxMessage-len(good)), true},
		"too large":           {good + strings.Repeat(" ", dcp.MaxMessage-len(good)+1), false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := dcp.ReadQuery([]byte(c.body))
			if c.ok != (err == nil) || err != nil && !errors.Is(err, dcp.ErrMessage) {
				t.Errorf("error %v, want usable: %t", err, c.ok)
			}
		})
	}
}

func TestReadQuery(t *testing.T) {
	runReads(t, "PresentationQueryMessage", reader(dcp.ReadQuery), []readCase{
		{"neither", "", false},
		{"an empty scope", `"scope":[]`, false},
		{"scope null", `"scope":null`, false},
		{"scope a text", `"scope":"a:b"`, false},
		{"scope of numbers", `"scope":[1]`, false},
		{"a scope null inside", `"scope":["a:b",null]`, false},
		{"a definition", `"presentationDefinition":{"id":"1"}`, true},
		{"an empty definition", `"presentationDefinition":{}`, false},
		{"definition null", `"presentationDefinition":null`, false},
		{"definition null beside a scope", `"scope":["a:b"],"presentationDefinition":null`, false},
	})
	both, err := dcp.ReadQuery(message("PresentationQueryMessage", `"scope":["a:b"],"presentationDefinition":{"id":"1"}`))
	if diff := cmp.Diff(dcp.Query{Scopes: []string{"a:b"}, Definition: true}, both); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestReadResponse(t *testing.T) {
	runReads(t, "PresentationResponseMessage", reader(dcp.ReadResponse), []readCase{
		{"none", `"presentation":[]`, true},
		{"tokens and objects", `"presentation":["a",{"b":1}]`, true},
		{"with a submission", `"presentation":["a"],"presentationSubmission":{}`, true},
		{"missing", "", false},
		{"null", `"presentation":null`, false},
		{"a number", `"presentation":[1]`, false},
		{"null inside", `"presentation":[null]`, false},
		{"an array inside", `"presentation":[["a"]]`, false},
	})
}

func TestReadCredentialRequest(t *testing.T) {
	runReads(t, "CredentialRequestMessage", reader(dcp.ReadCredentialRequest), []readCase{
		{"good", `"holderPid":"h","credentials":[{"id":"1","more":true}]`, true},
		{"no holderPid", `"credentials":[{"id":"1"}]`, false},
		{"an empty holderPid", `"holderPid":"","credentials":[{"id":"1"}]`, false},
		{"holderPid null", `"holderPid":null,"credentials":[{"id":"1"}]`, false},
		{"no credentials", `"holderPid":"h","credentials":[]`, false},
		{"ids as texts", `"holderPid":"h","credentials":["1"]`, false},
		{"no id", `"holderPid":"h","credentials":[{}]`, false},
	})
}

func TestReadCredentialMessage(t *testing.T) {
	const good = `"credentials":[{"credentialType":"T","payload":"p","format":"VC1_0_JWT"}]`
	runReads(t, "CredentialMessage", reader(dcp.ReadCredentialMessage), []readCase{
		{"issued", `"issuerPid":"i","holderPid":"h","status":"ISSUED",` + good, true},
		{"with a requestId, as older issuers send", `"requestId":"h","issuerPid":"i","holderPid":"h","status":"ISSUED",` + good, true},
		{"no reason", `"issuerPid":"i","holderPid":"h","status":"ISSUED","rejectionReason":null,` + good, true},
		{"rejected", `"issuerPid":"i","holderPid":"h","status":"REJECTED","rejectionReason":"no"`, true},
		{"no issuerPid", `"holderPid":"h","status":"REJECTED"`, true},
		{"no holderPid", `"issuerPid":"i","status":"ISSUED",` + good, false},
		{"no status", `"issuerPid":"i","holderPid":"h",` + good, false},
		{"another status", `"issuerPid":"i","holderPid":"h","status":"RECEIVED",` + good, false},
		{"status in small letters", `"issuerPid":"i","holderPid":"h","status":"issued",` + good, false},
		{"issued nothing", `"issuerPid":"i","holderPid":"h","status":"ISSUED","credentials":[]`, false},
		{"payload an object", `"holderPid":"h","status":"ISSUED","credentials":[{"credentialType":"T","payload":{},"format":"f"}]`, false},
		{"no format", `"holderPid":"h","status":"ISSUED","credentials":[{"credentialType":"T","payload":"p"}]`, false},
	})
}

func TestReadOffer(t *testing.T) {
	runReads(t, "CredentialOfferMessage", reader(dcp.ReadOffer), []readCase{
		{"ids only", `"issuer":"did:web:i.example","credentials":[{"id":"1"}]`, true},
		{"issuer null", `"issuer":null,"credentials":[{"id":"1"}]`, false},
		{"no issuer", `"credentials":[{"id":"1"}]`, false},
		{"no credentials", `"issuer":"did:web:i.example","credentials":[]`, false},
		{"no id", `"issuer":"did:web:i.example","credentials":[{"type":"CredentialObject"}]`, false},
		{"a policy that is none", `"issuer":"did:web:i.example","credentials":[{"id":"1","issuancePolicy":[]}]`, false},
	})
	offer, err := dcp.ReadOffer(message("CredentialOfferMessage",
		`"issuer":"did:web:i.example","credentials":[{"id":"1","profiles":["vc11-sl2021/jwt","vc20-bssl/jwt"]},{"id":"2","profile":"vc20-bssl/jwt"}]`))
	want := dcp.Offer{Issuer: "did:web:i.example", Credentials: []dcp.Object{
		{ID: "1", Type: "CredentialObject", Profile: "vc11-sl2021/jwt", Profiles: []string{"vc11-sl2021/jwt", "vc20-bssl/jwt"}},
		{ID: "2", Type: "CredentialObject", Profile: "vc20-bssl/jwt"},
	}}
	if diff := cmp.Diff(want, offer); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestReadRequestStatus(t *testing.T) {
	runReads(t, "CredentialStatus", reader(dcp.ReadRequestStatus), []readCase{
		{"good", `"issuerPid":"i","holderPid":"h","status":"ISSUED"`, true},
		{"no status", `"issuerPid":"i","holderPid":"h"`, false},
		{"another status", `"issuerPid":"i","holderPid":"h","status":"DONE"`, false},
	})
}

func TestReadMetadata(t *testing.T) {
	runReads(t, "IssuerMetadata", reader(dcp.ReadMetadata), []readCase{
		{"good", `"issuer":"did:web:i.example","credentialsSupported":[{"id":"1","profile":"vc11-sl2021/jwt"}]`, true},
		{"no issuer", `"credentialsSupported":[{"id":"1"}]`, false},
		{"nothing", `"issuer":"did:web:i.example"`, false},
	})
}

func FuzzReadMessages(f *testing.F) {
	for _, k := range kinds {
		body, err := dcp.Marshal(k.message)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Add(message("PresentationQueryMessage", `"presentationDefinition":{"id":"1"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, k := range kinds {
			read, err := k.read(body)
			if err != nil {
				if !errors.Is(err, dcp.ErrMessage) {
					t.Errorf("%s: %v", k.name, err)
				}
				continue
			}
			if q, ok := read.(dcp.Query); ok && len(q.Scopes) == 0 {
				continue // definitions are not written
			}
			written, err := dcp.Marshal(read)
			if err != nil {
				t.Fatalf("%s: %v", k.name, err)
			}
			if _, err := k.read(written); err != nil {
				t.Errorf("%s: what was read is not read back: %v", k.name, err)
			}
		}
	})
}
