// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/trust/dcp"
)

const formType = "application/x-www-form-urlencoded"

// form is a good request to the token service, with changes: an empty value
// takes a parameter away.
func (f *fixture) form(pairs ...string) string {
	v := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {"connector"}, "client_secret": {secret}, "audience": {f.verifier.DID},
	}
	for i := 0; i < len(pairs); i += 2 {
		if v.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			v.Del(pairs[i])
		}
	}
	return v.Encode()
}

func (f *fixture) postForm(contentType, form string) (int, map[string]any) {
	f.T.Helper()
	code, raw := f.send(tokenPath, dcp.Call{ContentType: contentType, Body: []byte(form)})
	var answer map[string]any
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &answer); err != nil {
			f.T.Fatal(err)
		}
	}
	return code, answer
}

func TestTokenServiceErrors(t *testing.T) {
	f := newFixture(t)
	scope := read(membership)[0]
	cases := map[string]struct {
		kind, form string
		code       int
		error      any
	}{
		"good":                {formType, f.form(), 200, nil},
		"with a charset":      {formType + "; charset=utf-8", f.form(), 200, nil},
		"JSON":                {"application/json", f.form(), 400, "invalid_request"},
		"no type":             {"", f.form(), 400, "invalid_request"},
		"no form":             {formType, "%zz", 400, "invalid_request"},
		"nothing":             {formType, "", 400, "invalid_request"},
		"a parameter twice":   {formType, f.form() + "&audience=did:web:other.example", 400, "invalid_request"},
		"no grant type":       {formType, f.form("grant_type", ""), 400, "invalid_request"},
		"another grant type":  {formType, f.form("grant_type", "password"), 400, "unsupported_grant_type"},
		"no client":           {formType, f.form("client_id", ""), 401, "invalid_client"},
		"another client":      {formType, f.form("client_id", "other"), 401, "invalid_client"},
		"a wrong secret":      {formType, f.form("client_secret", secret+"x"), 401, "invalid_client"},
		"no secret":           {formType, f.form("client_secret", ""), 401, "invalid_client"},
		"no audience":         {formType, f.form("audience", ""), 400, "invalid_request"},
		"audience is no DID":  {formType, f.form("audience", "https://verifier.example"), 400, "invalid_request"},
		"audience is a key":   {formType, f.form("audience", f.verifier.DID+"#key"), 400, "invalid_request"},
		"a bad scope":         {formType, f.form("bearer_access_scope", "Membership"), 400, "invalid_scope"},
		"both scope and more": {formType, f.form("bearer_access_scope", scope, "token", "abc"), 400, "invalid_request"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			f.T = t
			code, answer := f.postForm(test.kind, test.form)
			if code != test.code || answer["error"] != test.error {
				t.Errorf("answered %d %v, want %d %v", code, answer, test.code, test.error)
			}
		})
	}
}

// The token is a good self-issued one; what it carries is a grant of the scopes,
// the token it is given, or nothing.
func TestTokenServiceMints(t *testing.T) {
	f := newFixture(t)
	scopes := read(membership)[0] + " " + read(sensitive)[0]
	for name, pairs := range map[string][]string{
		"scope": {"bearer_access_scope", scopes}, "token": {"token", "a-token-of-theirs"}, "none": nil,
	} {
		t.Run(name, func(t *testing.T) {
			f.T = t
			code, answer := f.postForm(formType, f.form(pairs...))
			if code != http.StatusOK || answer["token_type"] != "Bearer" || answer["expires_in"].(float64) < 60 {
				t.Fatalf("answered %d %v", code, answer)
			}
			demand := dcp.Demand{AccessToken: name != "none"}
			caller, err := f.Authenticator().Check(context.Background(), f.verifier.Participant(),
				[]string{"Bearer " + answer["access_token"].(string)}, demand)
			if err != nil || caller.DID != f.own.DID {
				t.Fatalf("the verifier finds %v, %v", caller.DID, err)
			}
			switch name {
			case "token":
				if caller.AccessToken != "a-token-of-theirs" {
					t.Errorf("carries %q", caller.AccessToken)
				}
			case "none":
				if caller.AccessToken != "" {
					t.Errorf("carries %q", caller.AccessToken)
				}
			case "scope":
				got, err := f.Tokens().Granted(context.Background(), f.own.Participant(), f.verifier.DID, caller.AccessToken)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(scopes, dcp.FormatScopes(got)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestTokenServiceIsClosedWithoutAClient(t *testing.T) {
	f := newFixture(t)
	f.own.Settings = nil
	if code, _ := f.postForm(formType, f.form()); code != http.StatusNotFound {
		t.Errorf("answered %d, want 404", code)
	}
	f.own.Settings = []byte(`{"sts":{"id":"connector","secretHash":"zz"}}`)
	if code, _ := f.postForm(formType, f.form()); code == http.StatusOK {
		t.Error("a hash that is none lets everybody in")
	}
}
