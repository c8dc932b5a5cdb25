// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

func read(id, settings string) (dcp.Settings, error) {
	return dcp.ReadSettings(trust.Participant{Context: "own", ID: id, Settings: json.RawMessage(settings)})
}

func TestDefaultSettings(t *testing.T) {
	for _, text := range []string{"", "{}", "null"} {
		got, err := read("did:web:own.example", text)
		want := dcp.Settings{
			Presents:   []string{"CorporateIdentityCredential", "MembershipCredential"},
			Overscoped: "reduce", PresentationCache: dcp.Duration(time.Minute), StatusCache: dcp.Duration(time.Minute),
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%q: %v\n%s", text, err, diff)
		}
		if !got.Holds() || got.Issuing() {
			t.Errorf("holds %t, issues %t", got.Holds(), got.Issuing())
		}
	}
	got, err := read("did:web:own.example", `{"issues":{"types":["A"]}}`)
	want := &dcp.Issuance{
		Types: []string{"A"}, Profiles: []string{"vc11-sl2021/jwt", "vc20-bssl/jwt"},
		Validity: dcp.Duration(365 * 24 * time.Hour), StatusLifetime: dcp.Duration(time.Minute),
	}
	if diff := cmp.Diff(want, got.Issues); err != nil || diff != "" || !got.Issuing() {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestRequiredFor(t *testing.T) {
	both := []string{"MembershipCredential", "CorporateIdentityCredential"}
	for _, c := range []struct {
		settings string
		purpose  trust.Purpose
		want     []string
	}{
		{`{}`, trust.ForCatalog, both},
		{`{"requires":{"catalog":["A"]}}`, trust.ForCatalog, []string{"A"}},
		{`{"requires":{"catalog":["A"]}}`, trust.ForTransfer, both},
		{`{"requires":{"catalog":["A"],"default":["B","C"]}}`, trust.ForTransfer, []string{"B", "C"}},
		{`{"requires":{"catalog":["A"],"default":["B","C"]}}`, "", []string{"B", "C"}},
	} {
		got, err := read("did:web:own.example", c.settings)
		if diff := cmp.Diff(c.want, got.RequiredFor(c.purpose)); err != nil || diff != "" {
			t.Errorf("%s %s: %v\n%s", c.settings, c.purpose, err, diff)
		}
	}
	got, err := read("did:web:own.example", `{"requires":{"catalog":["B","A"],"transfer":["A"],"default":["D"]}}`)
	if diff := cmp.Diff([]string{"A", "B", "D"}, got.Presents); err != nil || diff != "" {
		t.Errorf("presents what is required: %v\n%s", err, diff)
	}
}

// An operator is told which member is wrong.
func TestSettingsThatCannotBe(t *testing.T) {
	for settings, member := range map[string]string{
		`[]`: "", `{"trustedIsuers":[]}`: "trustedIsuers",
		`{"dataspace":"battery"}`:                                                              "dataspace",
		`{"requires":{"catalogue":["A"]}}`:                                                     "requires.catalogue",
		`{"requires":{"catalog":[]}}`:                                                          "requires.catalog",
		`{"requires":{"catalog":["A b"]}}`:                                                     "requires.catalog",
		`{"requires":{"catalog":["A:read"]}}`:                                                  "requires.catalog",
		`{"presents":[""]}`:                                                                    "presents",
		`{"presentAs":{"*":"vc11-sl2021/jwt"}}`:                                                "presentAs",
		`{"presentAs":{"did:web:v.example":"VC1_0_JWT"}}`:                                      "presentAs.did:web:v.example",
		`{"trustedIssuers":[{"id":"x","types":["*"]}]}`:                                        "trustedIssuers[0].id",
		`{"trustedIssuers":[{"id":"did:web:i.example","types":[]}]}`:                           "trustedIssuers[0].types",
		`{"trustedIssuers":[{"id":"did:web:i.example","types":["*","A"]}]}`:                    "trustedIssuers[0].types",
		`{"trustedIssuers":[{"id":"did:web:i.example","types":["*"],"conformance":"rc6"}]}`:    "trustedIssuers[0].conformance",
		`{"trustList":{"authority":"did:web:g.example"}}`:                                      "trustList",
		`{"trustList":{"authority":"did:web:g.example","url":"https://g.example","file":"x"}}`: "trustList",
		`{"trustList":{"authority":"g","url":"https://g.example"}}`:                            "trustList.authority",
		`{"trustList":{"authority":"did:web:g.example","url":"g.example/list"}}`:               "trustList.url",
		`{"trustList":{"authority":"did:web:g.example","file":"x","grace":"-1h"}}`:             "trustList.grace",
		`{"overscoped":"ignore"}`:                                                              "overscoped",
		`{"off":["verifier"]}`:                                                                 "off",
		`{"sts":{"id":"","secretHash":""}}`:                                                    "sts.id",
		`{"sts":{"id":"a","secretHash":"secret"}}`:                                             "sts.secretHash",
		`{"issues":{}}`: "issues.types",
		`{"issues":{"types":["A"],"profiles":["VC1_0_JWT"]}}`:                        "issues.profiles",
		`{"issues":{"types":["A"],"validity":"-1h"}}`:                                "issues.validity",
		`{"issues":{"types":["A"],"statusLifetime":"-1h"}}`:                          "issues.statusLifetime",
		`{"issues":{"types":["A"],"autoApprove":[{"holder":"x"}]}}`:                  "issues.autoApprove[0].holder",
		`{"issues":{"types":["A"],"autoApprove":[{"holder":"*","claims":{"A":1}}]}}`: "issues.autoApprove[0].claims.A",
		`{"presentationCache":"2h"}`:                                                 "presentationCache",
		`{"presentationCache":"60"}`:                                                 "60",
		`{"presentationCache":60}`:                                                   "presentationCache",
		`{"statusCache":"61s"}`:                                                      "statusCache",
	} {
		_, err := read("did:web:own.example", settings)
		if !errors.Is(err, dcp.ErrSettings) || !strings.Contains(err.Error(), member) {
			t.Errorf("%s: %v; want it to name %s", settings, err, member)
		}
	}
	for _, id := range []string{"", "urn:connector:own", "did:web:own.example#key", "did:web:own.example/x"} {
		if _, err := read(id, "{}"); !errors.Is(err, dcp.ErrSettings) {
			t.Errorf("participant id %q: %v", id, err)
		}
	}
}

func TestSettingsAreKept(t *testing.T) {
	want := dcp.Settings{
		Dataspace: "urn:dataspace:x", Requires: map[string][]string{"default": {"A"}}, Presents: []string{"A"},
		TrustedIssuers: []dcp.TrustedIssuer{{ID: "did:web:i.example", Types: []string{"*"}, Conformance: trust.Lenient}},
		TrustList:      &dcp.TrustListSource{URL: "https://g.example/list", Authority: "did:web:g.example", Grace: dcp.Duration(time.Hour)},
		Overscoped:     dcp.Refuse, STS: &dcp.STSClient{ID: "client", SecretHash: dcp.HashSecret("secret")}, Off: []string{dcp.HolderRole},
		Issues: &dcp.Issuance{
			Types: []string{"A"}, Profiles: []string{"vc20-bssl/jwt"}, Validity: dcp.Duration(24 * time.Hour), StatusLifetime: dcp.Duration(time.Second),
			AutoApprove: []dcp.Approval{{Holder: "*", Claims: map[string]json.RawMessage{"A": json.RawMessage(`{}`)}}},
		},
		PresentationCache: -1, StatusCache: dcp.Duration(time.Second), Samples: true,
	}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := read("did:web:own.example", string(text))
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if !strings.Contains(string(text), `"grace":"1h0m0s"`) {
		t.Errorf("durations are not written as texts: %s", text)
	}
	if got.Holds() {
		t.Error("a role that is off is on")
	}
}

func TestSTSClient(t *testing.T) {
	client := &dcp.STSClient{ID: "client", SecretHash: dcp.HashSecret("secret")}
	for _, c := range []struct {
		client     *dcp.STSClient
		id, secret string
		want       bool
	}{
		{client, "client", "secret", true},
		{client, "client", "Secret", false},
		{client, "client", "", false},
		{client, "other", "secret", false},
		{client, "client", client.SecretHash, false},
		{nil, "client", "secret", false},
		{&dcp.STSClient{ID: "client"}, "client", "", false},
		{&dcp.STSClient{SecretHash: dcp.HashSecret("")}, "", "", false},
	} {
		if got := c.client.Allows(c.id, c.secret); got != c.want {
			t.Errorf("%q, %q: %t", c.id, c.secret, got)
		}
	}
}
