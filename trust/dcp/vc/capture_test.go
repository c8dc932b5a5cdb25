// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// exchange is a captured call of a deployed wallet or of a host of DID
// documents.
type exchange struct {
	name, path string
	at         time.Time
	sender     string // who asked a wallet
	answer     struct {
		ID           string            `json:"id"`
		Presentation []json.RawMessage `json:"presentation"`
	}
	body []byte
}

// captures reads the exchanges whose first line has a text.
func captures(t *testing.T, has string) []exchange {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(testkit.Shared(t), "peers/edc/wire-dcp", "*.http"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no captures: %v", err)
	}
	var out []exchange
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
		line, _, _ := strings.Cut(string(text), "\n")
		if !strings.Contains(line, has) {
			continue
		}
		e := exchange{name: filepath.Base(file)[:3], path: line}
		head, answer, _ := strings.Cut(string(text), "\nHTTP/1.1 200 OK\n")
		headers, body, _ := strings.Cut(answer, "\n\n")
		if e.at, err = http.ParseTime(regexp.MustCompile(`(?m)^Date: (.*)$`).FindStringSubmatch(headers)[1]); err != nil {
			t.Fatal(err)
		}
		e.body = []byte(strings.TrimSpace(body))
		if err := json.Unmarshal(e.body, &e.answer); err != nil {
			t.Fatal(err)
		}
		if token := regexp.MustCompile(`(?m)^Authorization: Bearer (.*)$`).FindStringSubmatch(head); token != nil {
			var claims struct{ Iss string }
			decodePart(t, token[1], 1, &claims)
			e.sender = claims.Iss
		}
		out = append(out, e)
	}
	return out
}

// captured is a resolver of the captured DID documents.
type captured map[string]*did.Document

func (c captured) Resolve(_ context.Context, id string) (*did.Document, error) {
	if d := c[id]; d != nil {
		return d, nil
	}
	return nil, did.ErrNotFound
}

// What a deployed wallet presented is accepted of a lenient party at the time
// it did so, and refused of a strict one since its DID document lists no
// relation.
func TestCapturedPresentations(t *testing.T) {
	documents := captured{}
	for _, e := range captures(t, "/did.json") {
		d, err := did.ParseDocument(e.body, e.answer.ID)
		if err != nil {
			t.Fatal(err)
		}
		documents[d.ID] = d
	}
	seen := 0
	for _, e := range captures(t, "/presentations/query") {
		t.Run(e.name, func(t *testing.T) {
			for _, entry := range e.answer.Presentation {
				seen++
				judgeCapture(t, documents, e, entry)
			}
		})
	}
	if seen < 8 {
		t.Errorf("%d presentations", seen)
	}
}

func judgeCapture(t *testing.T, documents captured, e exchange, entry json.RawMessage) {
	t.Helper()
	var token string
	var vp struct{ Iss string }
	if err := json.Unmarshal(entry, &token); err != nil {
		t.Fatal(err)
	}
	decodePart(t, token, 1, &vp)
	at, conformance := e.at, trust.Lenient
	checker := &vc.Checker{DIDs: documents, Now: func() time.Time { return at }}
	want := vc.Want{
		Holder: vp.Iss, Audience: e.sender,
		Issuers: func(_ context.Context, issuer, credentialType string) (bool, trust.Conformance, error) {
			return strings.HasSuffix(issuer, ":issuer") && credentialType == "MembershipCredential", conformance, nil
		},
		Conformance: trust.Lenient,
	}
	list, err := checker.Presentation(t.Context(), entry, want)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		if c.Holder() != vp.Iss || c.Profile != vc.VC11 || c.ValidUntil.IsZero() || c.Types[1] != "MembershipCredential" {
			t.Errorf("credential %+v", c)
		}
	}
	captureRefused := func(check string, want vc.Want) {
		t.Helper()
		_, err := checker.Presentation(t.Context(), entry, want)
		if refusal, ok := errors.AsType[*trust.Refusal](err); !ok || refusal.Check != check {
			t.Errorf("got %v, want a refusal by %s", err, check)
		}
	}
	strict := want
	strict.Conformance = trust.Strict
	captureRefused("V53", strict)
	conformance = trust.Strict // of the issuer
	captureRefused("V67", want)
	conformance = trust.Lenient
	want.Audience = vp.Iss
	captureRefused("V56", want)
	want.Audience, at = e.sender, e.at.Add(2*time.Minute)
	captureRefused("V57", want)
}

// The tokens of published examples are read, whatever they would be worth.
func TestReadPublished(t *testing.T) {
	folder := filepath.Join(testkit.Shared(t), "spec/dcp/Connector/extensions/common/iam/decentralized-claims/decentralized-claims-core/src/test/resources")
	for file, want := range map[string]struct {
		profile  vc.Profile
		number   int
		lastType string
	}{
		"vcdm20_pres_with_single_cred.json":   {vc.VC20, 1, "ExamplePersonCredential"},
		"vcdm20_pres_with_multiple_cred.json": {vc.VC20, 2, "ExamplePersonCredential"},
		"single_jwt-vp.json":                  {vc.VC11, 1, "UniversityDegreeCredential"},
		"multiple_vp-token_jwt.json":          {vc.VC11, 2, "UniversityDegreeCredential"},
	} {
		t.Run(file, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(folder, file))
			if err != nil {
				t.Fatal(err)
			}
			number := 0
			for _, raw := range credentialsIn(t, string(text)) {
				c, err := vc.Read(raw)
				if err != nil {
					t.Fatal(err)
				}
				number++
				if c.Profile != want.profile || c.Types[len(c.Types)-1] != want.lastType || c.Holder() != "did:example:ebfeb1f712ebc6f1c276e12ec21" || c.ValidFrom.IsZero() {
					t.Errorf("read %+v", c)
				}
			}
			if number != want.number {
				t.Errorf("%d credentials, want %d", number, want.number)
			}
		})
	}
}

var compact = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]+`)

// credentialsIn finds the tokens in a text, and those in their payloads, that
// have a credentialSubject.
func credentialsIn(t *testing.T, text string) (found []string) {
	t.Helper()
	for _, token := range compact.FindAllString(text, -1) {
		var payload json.RawMessage
		decodePart(t, token, 1, &payload)
		inner := credentialsIn(t, string(payload))
		if len(inner) == 0 && strings.Contains(string(payload), `"credentialSubject"`) {
			inner = []string{token}
		}
		found = append(found, inner...)
	}
	return found
}
