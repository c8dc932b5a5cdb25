// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dps_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// dpKey is the kit's key of one test.
type dpKey struct {
	id      string
	private *ecdsa.PrivateKey
}

// newDID returns the kit's DID, with a new key in its document.
func (k *dpKit) newDID() string {
	k.t.Helper()
	did := "did:web:" + strings.ReplaceAll(strings.TrimPrefix(k.url, "http://"), ":", "%3A")
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		k.t.Fatal(err)
	}
	k.key = dpKey{did + "#" + uuid(), private}
	point, err := private.PublicKey.Bytes()
	if err != nil {
		k.t.Fatal(err)
	}
	document, err := json.Marshal(map[string]any{
		"@context": []string{"https://www.w3.org/ns/did/v1"}, "id": did,
		"verificationMethod": []map[string]any{{
			"id": k.key.id, "type": "JsonWebKey2020", "controller": did, "publicKeyMultibase": nil,
			"publicKeyJwk": map[string]any{"kty": "EC", "crv": "P-256", "x": dpBase64(point[1:33]), "y": dpBase64(point[33:]), "kid": k.key.id},
		}},
		"authentication": []string{k.key.id}, "assertionMethod": []string{k.key.id}, "capabilityInvocation": []string{k.key.id},
	})
	if err != nil {
		k.t.Fatal(err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.document = document
	return did
}

func dpBase64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// sign makes the client's token.
func (k *dpKit) sign(audience, access string) string {
	k.t.Helper()
	now := time.Now().Unix()
	part := func(m map[string]any) string {
		text, err := json.Marshal(m)
		if err != nil {
			k.t.Fatal(err)
		}
		return dpBase64(text)
	}
	signed := part(map[string]any{"alg": "ES256", "typ": "JWT", "kid": k.key.id}) + "." + part(map[string]any{
		"iss": k.counter, "sub": k.counter, "aud": audience, "token": access, "jti": uuid(), "iat": now, "exp": now + 600,
	})
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, k.key.private, sum[:])
	if err != nil {
		k.t.Fatal(err)
	}
	raw := make([]byte, 64)
	r.FillBytes(raw[:32])
	s.FillBytes(raw[32:])
	return signed + "." + dpBase64(raw)
}

// dpRenewable is an address with all that a renewal needs.
type dpRenewable struct {
	EndpointType string `json:"endpointType"`
	Endpoint     string `json:"endpoint"`
	Properties   []struct{ Name, Value string }
}

func (a *dpRenewable) UnmarshalJSON(b []byte) error {
	var raw struct {
		EndpointType, Endpoint string
		EndpointProperties     []struct{ Name, Value string }
	}
	err := json.Unmarshal(b, &raw)
	a.EndpointType, a.Endpoint, a.Properties = raw.EndpointType, raw.Endpoint, raw.EndpointProperties
	return err
}

func (a *dpRenewable) get(name string) string {
	for _, p := range a.Properties {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

var (
	dpDigits = regexp.MustCompile(`^[0-9]+$`)
	dpURL    = regexp.MustCompile(`^https?://.+`)
)

// renewable starts a flow and checks what its address says.
func (k *dpKit) renewable() (flow string, a dpRenewable) {
	k.t.Helper()
	s := k.begin("start", "STARTED", nil)
	if err := json.Unmarshal(s.DataAddress, &a); err != nil {
		k.t.Fatalf("the address %s: %v", s.DataAddress, err)
	}
	switch {
	case a.EndpointType != "https://w3id.org/dspace-sig/profile/http-pull", !dpURL.MatchString(a.Endpoint),
		a.get("authType") != "bearer", a.get("authorization") == "", a.get("refreshToken") == "",
		!dpDigits.MatchString(a.get("expiresIn")), !dpURL.MatchString(a.get("refreshEndpoint")):
		k.t.Fatalf("the address is not renewable: %s", s.DataAddress)
	}
	k.poll(s.DataFlowID, "STARTED")
	return s.DataFlowID, a
}

// refresh asks for another token.
func (k *dpKit) refresh(a dpRenewable, token, audience string) (int, []byte) {
	k.t.Helper()
	form := "grant_type=refresh_token&refresh_token=" + url.QueryEscape(token)
	req, err := http.NewRequestWithContext(k.t.Context(), http.MethodPost, a.get("refreshEndpoint"), strings.NewReader(form))
	if err != nil {
		k.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	req.Header.Set("Authorization", "Bearer "+k.sign(audience, a.get("authorization")))
	return dpDo(k.t, req)
}

// refreshed asks for another token and gets one.
func (k *dpKit) refreshed(a dpRenewable) {
	k.t.Helper()
	status, text := k.refresh(a, a.get("refreshToken"), k.participant)
	var got struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
	}
	if err := json.Unmarshal(text, &got); err != nil || status/100 != 2 || got.AccessToken == "" || got.AccessToken == a.get("authorization") || got.TokenType == "" {
		k.t.Fatalf("the renewal was answered %d %s", status, text)
	}
}

// given is an address of a provider, as the kit writes it: without @type in
// its properties.
func (k *dpKit) given(with ...string) map[string]any {
	properties := []map[string]any{{"name": "authorization", "value": uuid()}, {"name": "authType", "value": "bearer"}}
	for i := 0; i < len(with); i += 2 {
		properties = append(properties, map[string]any{"name": with[i], "value": with[i+1]})
	}
	return map[string]any{"messageId": uuid(), "dataAddress": map[string]any{
		"@type": "DataAddress", "endpointType": "https://w3id.org/dspace-sig/profile/http-pull",
		"endpoint": "https://provider.example.com/data/" + uuid(), "endpointProperties": properties,
	}}
}

var dpHTTPCases = []dpCase{
	{"DP_C_HTTP_PULL_01_01", prepares(dpNone).then(func(k *dpKit, flow string) {
		k.notify(flow, "started", k.given("refreshToken", uuid(), "expiresIn", "300", "refreshEndpoint", "https://provider.example.com/token"))
	}, is("STARTED"))},
	{"DP_C_HTTP_PULL_02_01", prepares(dpNone).then(func(k *dpKit, flow string) {
		status, text := k.trySend("/dataflows/"+flow+"/started", k.given())
		k.refused("an address that cannot be renewed", status, text)
	})},
	{"DP_P_HTTP_PULL_01_01", func(k *dpKit) {
		_, a := k.renewable()
		k.refreshed(a)
	}},
	{"DP_P_HTTP_PULL_02_01", func(k *dpKit) {
		_, a := k.renewable()
		status, text := k.refresh(a, "invalid-refresh-token-"+uuid(), k.participant)
		k.refused("a wrong refresh token", status, text)
	}},
	{"DP_P_HTTP_PULL_02_02", func(k *dpKit) {
		_, a := k.renewable()
		status, text := k.refresh(a, a.get("refreshToken"), "did:web:invalid-audience")
		k.refused("a token for somebody else", status, text)
	}},
}

// refused fails the test where something was taken.
func (k *dpKit) refused(what string, status int, text []byte) {
	k.t.Helper()
	if status/100 == 2 {
		k.t.Fatalf("%s was taken: %d %s", what, status, text)
	}
}

// thrice has the kit refuse the next calls of a kind.
func thrice(kind string) dpStep {
	return func(k *dpKit, _ string) {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.refusing[kind] = 3
	}
}

// dpVariants are those of our own beside the kit's tests.
var dpVariants = []dpCase{
	{"DP_C_PULL_03_01_refused_thrice", prepares(dpAny).then(started, is("STARTED"), thrice("completed"), completes, is("COMPLETED"))},
	{"DP_P_PUSH_03_01_refused_thrice", pushes(dpAny).then(thrice("completed"), completes, is("COMPLETED"))},
	{"DP_P_HTTP_PULL_01_01_another_key", func(k *dpKit) {
		for range 2 {
			_, a := k.renewable()
			k.refreshed(a)
			k.newDID()
		}
	}},
	{"DP_C_PULL_01_02_nothing_after_the_end", prepares(dpNone).then(started, terminate, func(k *dpKit, _ string) {
		late := k.expects("completed")
		limit := time.NewTimer(2 * time.Second)
		defer limit.Stop()
		select {
		case <-late:
			k.t.Fatal("a flow that was terminated was reported as completed")
		case <-limit.C:
		}
	})},
}
