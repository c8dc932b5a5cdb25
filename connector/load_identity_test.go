// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// identityFile is a configuration with a participant whose identity is the
// text.
func identityFile(identity string) string {
	return "protocol: {publicUrl: \"https://c.example\"}\nparticipants:\n  - context: acme\n    name: Acme (fictional)\n    identity:\n      " +
		strings.ReplaceAll(identity, "\n", "\n      ") + "\n"
}

func TestLoad_Identity(t *testing.T) {
	cfg, err := load(t, identityFile(`dataspace: https://dataspace.example
requires: {default: [MembershipCredential], transfer: [MembershipCredential, CorporateIdentityCredential]}
trustedIssuers:
  - {id: "did:web:issuer.example", types: ["*"], conformance: lenient}
trustList: {url: "https://a.example/list", authority: "did:web:a.example", grace: 1h}
presentationCache: -1s
issues:
  types: [MembershipCredential]
  validity: 24h
  autoApprove:
    - holder: "*"
      claims:
        MembershipCredential: {membershipNumber: "42", role: [provider]}`), none)
	if err != nil {
		t.Fatal(err)
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	s := cfg.Participants[0].Identity
	if got := string(s.Issues.AutoApprove[0].Claims["MembershipCredential"]); got != `{"membershipNumber":"42","role":["provider"]}` {
		t.Errorf("claims %s", got)
	}
	if s.TrustList.Grace.String() != "1h0m0s" || s.PresentationCache.String() != "-1s" || s.Issues.Validity.String() != "24h0m0s" {
		t.Errorf("%+v", s)
	}
	if diff := cmp.Diff([]string{"*"}, s.TrustedIssuers[0].Types); diff != "" {
		t.Error(diff)
	}
}

// What is wrong with an identity is told in words that name the member.
func TestLoad_IdentityFaults(t *testing.T) {
	for identity, words := range map[string]string{
		`dataspace: nowhere`:                                            "dataspace",
		`requires: {catalog: []}`:                                       "requires.catalog: the list is empty",
		`requires: {lunch: [MembershipCredential]}`:                     "no such purpose",
		`requires: {default: ["a b"]}`:                                  "no credential type",
		`trustedIssuers: [{id: nobody, types: ["*"]}]`:                  "trustedIssuers[0].id",
		`trustedIssuers: [{id: "did:web:i.example", types: []}]`:        "trustedIssuers[0].types",
		`trustList: {authority: "did:web:a.example"}`:                   "exactly one of url and file",
		`trustList: {url: "https://a.example/l", authority: us}`:        "trustList.authority",
		`trustList: {url: "ftp://a.example", authority: "did:web:a.b"}`: "trustList.url",
		`overscoped: perhaps`:                                           "overscoped",
		`off: [verifier]`:                                               "off",
		`presentationCache: 2h`:                                         "presentationCache",
		`presentationCache: soon`:                                       "no duration",
		`statusCache: 2m`:                                               "statusCache",
		`issues: {types: []}`:                                           "issues.types",
		`issues: {types: [A], profiles: [paper]}`:                       "issues.profiles",
		`issues: {types: [A], validity: -1h}`:                           "issues.validity",
		`issues: {types: [A], autoApprove: [{holder: me}]}`:             "issues.autoApprove[0].holder",
		`issues: {types: [A], autoApprove: [{holder: "*", claims: 3}]}`: "cannot unmarshal",
		`dataspcae: https://dataspace.example`:                          "dataspcae",
		`issues: {types: [A], validty: 1h}`:                             "validty",
		`issues: {types: [A], autoApprove: [{holdr: "*"}]}`:             "holdr",
		`sts: {id: x}`:                                                  "sts",
	} {
		cfg, err := load(t, identityFile(identity), none)
		if err == nil {
			err = cfg.Validate()
		}
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s\n got %v\nwant words %q", identity, err, words)
		}
	}
}
