// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// readable is a token's header and payload, one under the other, with those of
// the tokens inside.
func readable(t *testing.T, token string) string {
	t.Helper()
	var out bytes.Buffer
	for part := range 2 {
		var raw json.RawMessage
		decodePart(t, token, part, &raw)
		text := compact.ReplaceAllString(string(raw), "<token>")
		if err := json.Indent(&out, []byte(text), "", "  "); err != nil {
			t.Fatal(err)
		}
		out.WriteByte('\n')
	}
	var payload json.RawMessage
	decodePart(t, token, 1, &payload)
	for i, inner := range compact.FindAllString(string(payload), -1) {
		if i == 0 { // the others are alike
			out.WriteString("\n<token>:\n" + readable(t, inner))
		}
	}
	return out.String()
}

func TestIssueGolden(t *testing.T) {
	byProfile(t, func(t *testing.T, p vc.Profile) {
		d := draft()
		d.Contexts = []string{"https://dataspace.example/ns/credentials/v1"}
		d.Status = append(d.Status, trust.StatusEntry{ID: "urn:own", Type: "is set by the profile", Purpose: "suspension", List: "https://issuer.example/status/2", Index: 131071})
		d.Schema = &vc.Schema{ID: "https://dataspace.example/schemas/membership.json", Type: "JsonSchema"}
		token, err := vc.Issue(d, p, keys[issuerDID]())
		if err != nil {
			t.Fatal(err)
		}
		testkit.Golden(t, "trust/dcp/vc/testdata/credential-"+string(p)[:4]+".txt", readable(t, token))
	})
}

func TestPresentGolden(t *testing.T) {
	byProfile(t, func(t *testing.T, p vc.Profile) {
		testkit.Golden(t, "trust/dcp/vc/testdata/presentation-"+string(p)[:4]+".txt", readable(t, presented(t, p)))
	})
}

// What is issued is what is read.
func TestIssueAndRead(t *testing.T) {
	byProfile(t, func(t *testing.T, p vc.Profile) {
		d := draft()
		d.ValidFrom = d.ValidFrom.Add(123 * time.Millisecond)
		token, err := vc.Issue(d, p, keys[issuerDID]())
		if err != nil {
			t.Fatal(err)
		}
		got, err := vc.Read(token)
		if err != nil {
			t.Fatal(err)
		}
		kind := map[vc.Profile]string{vc.VC11: "StatusList2021Entry", vc.VC20: "BitstringStatusListEntry"}[p]
		want := vc.Credential{
			Credential: trust.Credential{
				ID: d.ID, Issuer: issuerDID, Types: []string{"VerifiableCredential", "MembershipCredential"},
				ValidFrom: now.Add(-24 * time.Hour), ValidUntil: d.ValidUntil, Subject: d.Subject,
				Status: []trust.StatusEntry{{
					ID: "https://issuer.example/status/1#7", Type: kind, Purpose: "revocation",
					List: "https://issuer.example/status/1", Index: 7,
				}},
			},
			Profile: p, Raw: token, KeyID: issuerDID + "#key-1", Expires: d.ValidUntil,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-issued +read:\n%s", diff)
		}
		if !got.Ends().Equal(d.ValidUntil) || got.Holder() != holderDID {
			t.Errorf("ends %s, of %q", got.Ends(), got.Holder())
		}
	})
}

func TestIssueWithoutEnd(t *testing.T) {
	byProfile(t, func(t *testing.T, p vc.Profile) {
		d := draft()
		d.ValidUntil, d.Status = time.Time{}, nil
		token, err := vc.Issue(d, p, keys[issuerDID]())
		if err != nil {
			t.Fatal(err)
		}
		accepted(t, newWorld(t).judgeCredential(t, token))
		if c, err := vc.Read(token); err != nil || !c.Ends().IsZero() || c.Status != nil {
			t.Errorf("read %+v, %v", c, err)
		}
	})
}

func TestIssueRefuses(t *testing.T) {
	for name, change := range map[string]func(*vc.Draft){
		"no id":                 func(d *vc.Draft) { d.ID = "" },
		"no issuer":             func(d *vc.Draft) { d.Issuer = "" },
		"another's key":         func(d *vc.Draft) { d.Issuer = otherDID },
		"no type":               func(d *vc.Draft) { d.Types = nil },
		"too many types":        func(d *vc.Draft) { d.Types = make([]string, 99) },
		"no beginning":          func(d *vc.Draft) { d.ValidFrom = time.Time{} },
		"end before beginning":  func(d *vc.Draft) { d.ValidUntil = d.ValidFrom },
		"no subject":            func(d *vc.Draft) { d.Subject = nil },
		"subject without an id": func(d *vc.Draft) { d.Subject = json.RawMessage(`{"a":1}`) },
		"subject an array":      func(d *vc.Draft) { d.Subject = json.RawMessage(`[{"id":"a"}]`) },
		"subject given twice":   func(d *vc.Draft) { d.Subject = json.RawMessage(`{"id":"a","id":"b"}`) },
		"too large": func(d *vc.Draft) {
			d.Subject = json.RawMessage(`{"id":"a","b":"` + strings.Repeat("x", vc.MaxCredential) + `"}`)
		},
		"status not known": func(d *vc.Draft) { d.Status[0].Purpose = "rumour" },
	} {
		t.Run(name, func(t *testing.T) {
			byProfile(t, func(t *testing.T, p vc.Profile) {
				d := draft()
				change(&d)
				if token, err := vc.Issue(d, p, keys[issuerDID]()); err == nil {
					t.Errorf("issued %s", token)
				}
			})
		})
	}
	if _, err := vc.Issue(draft(), "ldp", keys[issuerDID]()); !errors.Is(err, vc.ErrCredential) {
		t.Errorf("an unknown profile: %v", err)
	}
}

func TestPresentRefuses(t *testing.T) {
	raw := map[vc.Profile]string{vc.VC11: issue(t, vc.VC11), vc.VC20: issue(t, vc.VC20)}
	for name, change := range map[string]func(*vc.PresentationDraft){
		"no id":               func(d *vc.PresentationDraft) { d.ID = "" },
		"another's key":       func(d *vc.PresentationDraft) { d.Holder = otherDID },
		"no audience":         func(d *vc.PresentationDraft) { d.Audience = "" },
		"no time":             func(d *vc.PresentationDraft) { d.Issued = time.Time{} },
		"over at once":        func(d *vc.PresentationDraft) { d.Expires = d.Issued },
		"no credentials":      func(d *vc.PresentationDraft) { d.Credentials = nil },
		"too many":            func(d *vc.PresentationDraft) { d.Credentials = slices.Repeat(d.Credentials, vc.MaxCredentials+1) },
		"not a credential":    func(d *vc.PresentationDraft) { d.Credentials[0] = "x" },
		"both of the formats": func(d *vc.PresentationDraft) { d.Credentials = []string{raw[vc.VC11], raw[vc.VC20]} },
	} {
		t.Run(name, func(t *testing.T) {
			byProfile(t, func(t *testing.T, p vc.Profile) {
				d := presentationDraft(raw[p])
				change(&d)
				if token, err := vc.Present(d, p, keys[holderDID]()); !errors.Is(err, vc.ErrCredential) {
					t.Errorf("made %s, %v", token, err)
				}
			})
		})
	}
	if _, err := vc.Present(presentationDraft(raw[vc.VC11]), "ldp", keys[holderDID]()); !errors.Is(err, vc.ErrCredential) {
		t.Errorf("an unknown profile: %v", err)
	}
}

// Keys of each kind sign credentials and presentations that are accepted.
func TestRoundTrips(t *testing.T) {
	ed := func() (crypto.Signer, error) { _, key, err := ed25519.GenerateKey(rand.Reader); return key, err }
	for algorithm, generate := range map[string]func() (crypto.Signer, error){
		jose.ES256: func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) },
		jose.ES384: func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P384(), rand.Reader) },
		jose.EdDSA: ed,
		jose.PS256: func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) },
	} {
		signer, err := generate()
		if err != nil {
			t.Fatal(err)
		}
		t.Run(algorithm, func(t *testing.T) {
			byProfile(t, func(t *testing.T, p vc.Profile) {
				w := newWorld(t)
				w.publish(t, holderDID, signer.Public(), allUses...)
				w.publish(t, issuerDID, signer.Public(), allUses...)
				token, err := vc.Issue(draft(), p, jose.Key{ID: issuerDID + "#key-1", Signer: signer})
				if err != nil {
					t.Fatal(err)
				}
				vp, err := vc.Present(presentationDraft(token, token), p, jose.Key{ID: holderDID + "#key-1", Signer: signer})
				if err != nil {
					t.Fatal(err)
				}
				var header struct{ Alg string }
				if decodePart(t, vp, 0, &header); header.Alg != algorithm {
					t.Errorf("signed by %s", header.Alg)
				}
				list, err := w.checker.Presentation(t.Context(), quote(vp), w.want)
				if err != nil || len(list) != 2 || list[1].Raw != token || len(w.relaxed) != 0 {
					t.Errorf("%d credentials, %v, relaxed %v", len(list), err, w.relaxed)
				}
			})
		})
	}
}

// The published JSON schema of data model 2.0 takes what we issue. Its schema
// of presentations knows no envelopes.
func TestIssuedFitsSchema(t *testing.T) {
	const name = "verifiable-credential/verifiable-credential-schema.json"
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(testkit.Shared(t), "spec/dcp/vc-data-model/schema", name))
	if err != nil {
		t.Fatal(err)
	}
	var payload map[string]any
	decodePart(t, issue(t, vc.VC20), 1, &payload)
	if err := schema.Validate(payload); err != nil {
		t.Error(err)
	}
	delete(payload, "issuer")
	if schema.Validate(payload) == nil {
		t.Error("the schema takes anything")
	}
}
