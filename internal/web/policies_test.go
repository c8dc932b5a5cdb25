// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/internal/web"
)

// golden compares an answer with a file, laid out to be read.
func golden(t *testing.T, name string, body []byte) {
	t.Helper()
	var text bytes.Buffer
	if err := json.Indent(&text, body, "", "  "); err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "internal/web/testdata/"+name+".json", text.String()+"\n")
}

// exampleOf is the documented body of a route.
func exampleOf(t *testing.T, method, path string) string {
	t.Helper()
	for _, r := range web.Routes() {
		if r.Method == method && r.Path == "/participants/:ctx"+path {
			return r.Example
		}
	}
	t.Fatalf("there is no %s %s", method, path)
	return ""
}

// TestPolicyTerms: all that can stand in a policy.
func TestPolicyTerms(t *testing.T) {
	w := newWorld(t)
	got := scenario{Name: "terms", URL: ourBase + "/policies/terms", Headers: keyed, Status: 200}.run(t, w.management)
	golden(t, "policy-terms", got.Body.Bytes())
}

func TestPolicyCheck(t *testing.T) {
	w := newWorld(t)
	const at = ourBase + "/policies/check"
	got := scenario{Name: "example", URL: at, Headers: keyed, Body: exampleOf(t, http.MethodPost, "/policies/check"), Status: 200}.run(t, w.management)
	golden(t, "policy-check", got.Body.Bytes())
	const denied = `{"policy":{"template":"chemical-composition","with":{"company":"7123456789012","contract":"NDA-1","purpose":"regulatory-compliance","keepFor":"P1Y"}},` +
		`"access":true,"at":"2026-04-01T09:00:00Z"}`
	got = scenario{Name: "denied", URL: at, Headers: keyed, Body: denied, Status: 200}.run(t, w.management)
	golden(t, "policy-check-denied", got.Body.Bytes())
	play(t, w.management, []scenario{
		{Name: "no policy", URL: at, Headers: keyed, Body: `{"access":true}`, Status: 400, Content: []string{"policy-missing"}},
		{Name: "a template that is none", URL: at, Headers: keyed, Body: `{"policy":{"template":"x"}}`, Status: 400, Content: []string{"policy-invalid", "there are: cfp-answer"}},
		{Name: "a point that is none", URL: at, Headers: keyed, Body: `{"policy":{"permission":[{"action":"use"}]},"point":"noon"}`, Status: 400, Content: []string{"member-invalid", "noon"}},
		{Name: "a time that is none", URL: at, Headers: keyed, Body: `{"policy":{"permission":[{"action":"use"}]},"at":"noon"}`, Status: 400, Content: []string{"member-invalid"}},
		{Name: "a credential without a type", URL: at, Headers: keyed, Body: `{"policy":{"permission":[{"action":"use"}]},"credentials":[{}]}`, Status: 400, Content: []string{"sample-invalid", "credentials[0]", "docs/explain.md"}},
		{Name: "an unknown credential member", URL: at, Headers: keyed, Body: `{"policy":{"permission":[{"action":"use"}]},"credentials":[{"typ":"x"}]}`, Status: 400, Content: []string{"member-unknown", "typ"}},
	})
}

// TestExplainQuestions: what is asked arrives, and what is missing is said.
func TestExplainQuestions(t *testing.T) {
	w := newWorld(t)
	const at = ourBase + "/explain"
	play(t, w.management, []scenario{
		{Name: "by parameters", URL: at + "?asset=co2&counterparty=urn:x&agreement=urn:a", Headers: keyed, Status: 200, Content: []string{`{"acme":{"Asset":"co2","Counterparty":"urn:x","Claims":null,"Declared":null,"Agreement":"urn:a"}}`}},
		{Name: "with a declaration", URL: at, Headers: keyed, Body: `{"asset":"co2","counterparty":"urn:x","declared":{"purpose":["urn:p"]}}`, Status: 200, Content: []string{`"Declared":{"purpose":["urn:p"]}`}},
		{Name: "with credentials", URL: at, Headers: keyed, Body: `{"asset":"co2","counterparty":"urn:x","credentials":[{"type":"MembershipCredential"}]}`, Status: 200, Content: []string{`"participant":"urn:x"`, `"types":["MembershipCredential"]`}},
		{Name: "with claims", URL: at, Headers: keyed, Body: `{"asset":"co2","counterparty":"urn:x","claims":{"participant":"urn:x","profile":"dcp","proved":"2026-01-01T00:00:00Z"}}`, Status: 200, Content: []string{`"profile":"dcp"`}},
		{Name: "claims twice", URL: at, Headers: keyed, Body: `{"asset":"co2","counterparty":"urn:x","claims":{"participant":"urn:x","profile":"","proved":"2026-01-01T00:00:00Z"},"credentials":[{"type":"x"}]}`, Status: 400, Content: []string{"sample-invalid"}},
		{Name: "no asset", URL: at + "?counterparty=urn:x", Headers: keyed, Status: 400, Content: []string{"asset-missing"}},
		{Name: "no counterparty", URL: at + "?asset=co2", Headers: keyed, Status: 400, Content: []string{"counterparty-missing"}},
	})
}

// TestProcessExplained: a denied negotiation says by which rule, and what would
// help; what was declared the next time lets it pass.
func TestProcessExplained(t *testing.T) {
	w := newWorld(t)
	do := func(s scenario) map[string]any {
		t.Helper()
		s.Headers = keyed
		got := s.run(t, w.management)
		if t.Failed() {
			t.FailNow()
		}
		return members(t, got.Body.Bytes())
	}
	do(scenario{Name: "publish", URL: "/api/v1/participants/supplier/catalog", Status: 200, Body: `{"assets":[{"id":"co2"}],"offers":[{"id":"o","assets":{"ids":["co2"]},` +
		`"access":{"permission":[{"action":"use"}]},"usage":{"permission":[{"action":"use","constraint":[{"leftOperand":"purpose","operator":"eq","rightOperand":"urn:p"}]}]}}]}`})
	n := do(scenario{Name: "refused", URL: ourBase + "/negotiations?wait=30s", Body: `{"peer":"` + idSupplier + `","dataset":"co2"}`, Status: 201, Content: []string{`"state":"TERMINATED"`}})
	theirs := "/api/v1/participants/supplier/processes/" + url.PathEscape(n["peerPid"].(string)) + "/explain"
	do(scenario{Name: "settled", URL: "/api/v1/participants/supplier/negotiations/" + url.PathEscape(n["peerPid"].(string)) + "?wait=30s", Status: 200})
	do(scenario{Name: "why", URL: theirs, Status: 200, Content: []string{
		`"state":"TERMINATED"`, `"stoppedFor":"purpose eq`, `"verdict":{"permit":false`, `"help":["the consumer has to declare a purpose that fits (purpose eq urn:p)"]`, "Our policy denied it at",
	}})
	do(scenario{Name: "on the other side", URL: ourBase + "/processes/" + url.PathEscape(n["id"].(string)) + "/explain", Status: 200, Content: []string{`"stoppedFor":"purpose eq`, "It has come to its end."}, NotContent: []string{"verdict", "declared none"}})
	do(scenario{Name: "none", URL: ourBase + "/processes/urn:none/explain", Status: 404, Content: []string{"process-unknown"}})
	do(scenario{Name: "a wrong declaration", URL: ourBase + "/negotiations", Body: `{"peer":"` + idSupplier + `","dataset":"co2","declare":{"my purpose":["x"]}}`, Status: 400, Content: []string{"declaration-invalid", "my purpose"}})
	n = do(scenario{Name: "declared", URL: ourBase + "/negotiations?wait=30s", Body: `{"peer":"` + idSupplier + `","dataset":"co2","declare":{"purpose":["urn:p"]}}`, Status: 201, Content: []string{`"state":"FINALIZED"`, `"declared":{"http://www.w3.org/ns/odrl/2/purpose":"urn:p"}`}})
	agreement := n["agreementId"].(string)
	do(scenario{Name: "agreed", URL: ourBase + "/agreements/" + url.PathEscape(agreement), Status: 200, Content: []string{`"declared":{"http://www.w3.org/ns/odrl/2/purpose":"urn:p"}`}})
	do(scenario{Name: "transfer", URL: ourBase + "/transfers?wait=30s", Body: `{"agreement":"` + agreement + `","format":"HttpData-PULL","declare":{"purpose":["urn:p","urn:q"]}}`, Status: 201, Content: []string{`"state":"STARTED"`, `"declared":{"http://www.w3.org/ns/odrl/2/purpose":["urn:p","urn:q"]}`}})
	x := do(scenario{Name: "another purpose", URL: ourBase + "/transfers?wait=30s", Body: `{"agreement":"` + agreement + `","format":"HttpData-PULL","declare":{"purpose":["urn:q"]}}`, Status: 201, Content: []string{`"state":"TERMINATED"`}})
	theirs = "/api/v1/participants/supplier/transfers/" + url.PathEscape(x["peerPid"].(string))
	do(scenario{Name: "settled too", URL: theirs + "?wait=30s", Status: 200, Content: []string{`"verdict":{"permit":false,"point":"transfer"`}})
	do(scenario{Name: "why no transfer", URL: strings.Replace(theirs, "transfers", "processes", 1) + "/explain", Status: 200, Content: []string{
		`"kind":"transfer"`, `"subject":"` + agreement, `"help":["the consumer has to declare a purpose that fits`, "Our policy denied it at", "(transfer)",
	}})
}
