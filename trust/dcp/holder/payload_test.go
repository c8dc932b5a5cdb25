// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
)

// claimsOf reads a token without proof, and without the product.
func claimsOf(t testing.TB, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("no token: %.60q", token)
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(raw, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func body(claims map[string]any) map[string]any {
	if vc, ok := claims["vc"].(map[string]any); ok {
		return vc
	}
	return claims
}

// typeOf returns the last type of a credential.
func typeOf(t testing.TB, payload string) string {
	types := body(claimsOf(t, payload))["type"].([]any)
	return types[len(types)-1].(string)
}

func formatOf(payload string) string {
	raw, _ := base64.RawURLEncoding.DecodeString(strings.Split(payload, ".")[1])
	if strings.Contains(string(raw), `"vc":`) {
		return "vc11-sl2021/jwt"
	}
	return "vc20-bssl/jwt"
}

// presentation is what a verifier sees in one entry.
type presentation struct {
	Audience, Holder string
	Credentials      []string
}

// presentations reads an answer as a verifier does: an object with the right
// type whose entries are tokens of either data model.
func presentations(t testing.TB, answer []byte) []presentation {
	t.Helper()
	var m struct {
		Context      []string `json:"@context"`
		Type         string   `json:"type"`
		Presentation []string `json:"presentation"`
	}
	if err := json.Unmarshal(answer, &m); err != nil {
		t.Fatalf("%v in %.200s", err, answer)
	}
	if m.Type != "PresentationResponseMessage" || m.Presentation == nil || !slices.Contains(m.Context, "https://w3id.org/dspace-dcp/v1.0/dcp.jsonld") {
		t.Fatalf("not a presentation response: %.300s", answer)
	}
	list := []presentation{}
	for _, token := range m.Presentation {
		list = append(list, readPresentation(t, token))
	}
	return list
}

func readPresentation(t testing.TB, token string) presentation {
	t.Helper()
	claims := claimsOf(t, token)
	p := presentation{Audience: claims["aud"].(string)}
	if vp, ok := claims["vp"].(map[string]any); ok {
		p.Holder = claims["iss"].(string)
		for _, c := range vp["verifiableCredential"].([]any) {
			p.Credentials = append(p.Credentials, c.(string))
		}
		return p
	}
	inner := claimsOf(t, strings.TrimPrefix(claims["id"].(string), "data:application/vp+jwt,"))
	p.Holder = inner["holder"].(string)
	for _, c := range inner["verifiableCredential"].([]any) {
		id := c.(map[string]any)["id"].(string)
		p.Credentials = append(p.Credentials, strings.TrimPrefix(id, "data:application/vc+jwt,"))
	}
	return p
}

// shown returns all credentials of an answer, in its order.
func shown(t testing.TB, answer []byte) []string {
	t.Helper()
	list := []string{}
	for _, p := range presentations(t, answer) {
		list = append(list, p.Credentials...)
	}
	return list
}

// older writes a credential as the first release candidates of the kit do: a
// text as context that is the credential's id, which is the sub as well, no
// common type, and an end that is null.
func older(d *dcptest.Draft) {
	vc := d.VC()
	vc["@context"], d.Claims["sub"] = vc["id"], vc["id"]
	vc["type"] = vc["type"].([]any)[1:]
	vc["expirationDate"] = nil
}
