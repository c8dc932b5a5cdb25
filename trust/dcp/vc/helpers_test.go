// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc_test

import (
	"bytes"
	"context"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

const (
	holderDID   = "did:web:holder.example"
	issuerDID   = "did:web:issuer.example:registrar"
	verifierDID = "did:web:verifier.example"
	otherDID    = "did:web:other.example"
	base11      = "https://www.w3.org/2018/credentials/v1"
	base20      = "https://www.w3.org/ns/credentials/v2"
	leeway      = 5 * time.Second
)

var (
	now      = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	profiles = []vc.Profile{vc.VC11, vc.VC20}
	allUses  = []did.Relation{did.Authentication, did.AssertionMethod, did.CapabilityInvocation}
	keys     = map[string]func() jose.Key{
		holderDID: fixedKey(holderDID, 1), issuerDID: fixedKey(issuerDID, 2), otherDID: fixedKey(otherDID, 3),
	}
)

// fixedKey is a key on P-256 that is the same in each run.
func fixedKey(owner string, seed byte) func() jose.Key {
	return sync.OnceValue(func() jose.Key {
		key, err := jose.GenerateES256(bytes.NewReader(bytes.Repeat([]byte{seed}, 32)))
		if err != nil {
			panic(err)
		}
		return jose.Key{ID: owner + "#key-1", Signer: key}
	})
}

// world is a holder, an issuer and somebody else, with their DID documents,
// and a verifier that trusts the issuer for two types.
type world struct {
	documents map[string]*did.Document
	failures  map[string]error
	resolved  []string
	trusted   map[string]trust.Conformance // by issuer and type
	relaxed   []string
	want      vc.Want
	checker   *vc.Checker
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{
		documents: map[string]*did.Document{}, failures: map[string]error{},
		trusted: map[string]trust.Conformance{
			issuerDID + " MembershipCredential":        trust.Strict,
			issuerDID + " CorporateIdentityCredential": trust.Strict,
		},
	}
	for owner, key := range keys {
		w.publish(t, owner, key().Signer.Public(), allUses...)
	}
	w.want = vc.Want{Holder: holderDID, Audience: verifierDID, Issuers: w.issuers}
	w.checker = &vc.Checker{
		DIDs: w, Now: func() time.Time { return now },
		Relaxed: func(did, what string) { w.relaxed = append(w.relaxed, did+": "+what) },
	}
	return w
}

// publish puts a document with one key in a party's place.
func (w *world) publish(t testing.TB, owner string, key crypto.PublicKey, uses ...did.Relation) {
	t.Helper()
	raw, err := did.Marshal(did.Description{ID: owner, Keys: []did.Key{{Fragment: "key-1", Key: key, Relations: uses}}})
	if err != nil {
		t.Fatal(err)
	}
	if w.documents[owner], err = did.ParseDocument(raw, owner); err != nil {
		t.Fatal(err)
	}
}

func (w *world) Resolve(_ context.Context, id string) (*did.Document, error) {
	w.resolved = append(w.resolved, id)
	if err := w.failures[id]; err != nil {
		return nil, err
	}
	if d := w.documents[id]; d != nil {
		return d, nil
	}
	return nil, fmt.Errorf("%w: %s", did.ErrNotFound, id)
}

func (w *world) issuers(_ context.Context, issuer, credentialType string) (bool, trust.Conformance, error) {
	how, trusted := w.trusted[issuer+" "+credentialType]
	return trusted, how, nil
}

// lenient judges holder and issuer leniently.
func (w *world) lenient() *world {
	w.want.Conformance = trust.Lenient
	for name := range w.trusted {
		w.trusted[name] = trust.Lenient
	}
	return w
}

func draft() vc.Draft {
	return vc.Draft{
		ID: "urn:uuid:01926d8e-0000-7000-8000-000000000001", Issuer: issuerDID,
		Types:     []string{"MembershipCredential"},
		Subject:   json.RawMessage(`{"id":"` + holderDID + `","type":"DataspaceMember","membershipNumber":"M-1"}`),
		ValidFrom: now.Add(-24 * time.Hour), ValidUntil: now.Add(24 * time.Hour),
		Status: []trust.StatusEntry{{Purpose: "revocation", List: "https://issuer.example/status/1", Index: 7}},
	}
}

// claims are a token's, to be changed before it is signed.
type claims struct {
	all map[string]any
	key jose.Key
	jose.Type
}

// credential is the credential object, in either data model.
func (c *claims) credential() map[string]any {
	if inner, ok := c.all["vc"].(map[string]any); ok {
		return inner
	}
	return c.all
}

// presentation is the presentation object, in either data model.
func (c *claims) presentation() map[string]any {
	if inner, ok := c.all["vp"].(map[string]any); ok {
		return inner
	}
	return c.all
}

func (c *claims) sign(t testing.TB) string {
	t.Helper()
	token, err := jose.SignTyped(c.all, c.key, c.Type)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// reopen reads a token that was just signed, to be changed.
func reopen(t testing.TB, token string, key jose.Key) *claims {
	t.Helper()
	c := &claims{key: key}
	var header struct{ Typ, Cty string }
	decodePart(t, token, 0, &header)
	decodePart(t, token, 1, &c.all)
	c.Type = jose.Type{Typ: header.Typ, Cty: header.Cty}
	return c
}

func decodePart(t testing.TB, token string, part int, into any) {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[part])
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// issue returns a credential of the issuer, changed by edits.
func issue(t testing.TB, p vc.Profile, edits ...func(*claims)) string {
	t.Helper()
	token, err := vc.Issue(draft(), p, keys[issuerDID]())
	if err != nil {
		t.Fatal(err)
	}
	c := reopen(t, token, keys[issuerDID]())
	for _, edit := range edits {
		edit(c)
	}
	return c.sign(t)
}

// present returns a presentation of the holder with these credentials, changed
// by edits: in VC20 the one inside of the envelope.
func present(t testing.TB, p vc.Profile, credentials []string, edits ...func(*claims)) string {
	t.Helper()
	token := presented(t, p)
	if p == vc.VC11 {
		return edited(t, token, func(c *claims) { c.presentation()["verifiableCredential"] = credentials }, edits...)
	}
	return enclose(t, plain(t, credentials, edits...))
}

// plain returns a presentation of data model 2.0 without an envelope.
func plain(t testing.TB, credentials []string, edits ...func(*claims)) string {
	t.Helper()
	var around struct{ ID string }
	decodePart(t, presented(t, vc.VC20), 1, &around)
	inner := strings.TrimPrefix(around.ID, "data:application/vp+jwt,")
	return edited(t, inner, func(c *claims) {
		var list []any
		for _, raw := range credentials {
			list = append(list, map[string]any{
				"@context": base20, "type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt," + raw,
			})
		}
		c.all["verifiableCredential"] = list
	}, edits...)
}

// enclose puts a presentation of data model 2.0 into its envelope.
func enclose(t testing.TB, inner string, edits ...func(*claims)) string {
	t.Helper()
	return edited(t, presented(t, vc.VC20), func(c *claims) { c.all["id"] = "data:application/vp+jwt," + inner }, edits...)
}

func edited(t testing.TB, token string, first func(*claims), edits ...func(*claims)) string {
	t.Helper()
	c := reopen(t, token, keys[holderDID]())
	for _, edit := range append([]func(*claims){first}, edits...) {
		edit(c)
	}
	return c.sign(t)
}

func presented(t testing.TB, p vc.Profile) string {
	t.Helper()
	token, err := vc.Present(presentationDraft(issue(t, p)), p, keys[holderDID]())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func presentationDraft(credentials ...string) vc.PresentationDraft {
	return vc.PresentationDraft{
		ID: "urn:uuid:01926d8e-0000-7000-8000-000000000002", Holder: holderDID, Audience: verifierDID,
		Issued: now, Expires: now.Add(time.Minute), Credentials: credentials,
	}
}

// set is an edit of one claim of the token; nil removes it.
func set(name string, value any) func(*claims) {
	return func(c *claims) { put(c.all, name, value) }
}

// say is an edit of one member of the credential object.
func say(name string, value any) func(*claims) {
	return func(c *claims) { put(c.credential(), name, value) }
}

// show is an edit of one member of the presentation object.
func show(name string, value any) func(*claims) {
	return func(c *claims) { put(c.presentation(), name, value) }
}

// signedBy is an edit of who signs; typed of the header's typ.
func signedBy(key jose.Key) func(*claims) { return func(c *claims) { c.key = key } }
func typed(typ string) func(*claims)      { return func(c *claims) { c.Typ = typ } }

func put(m map[string]any, name string, value any) {
	if value == nil {
		delete(m, name)
		return
	}
	m[name] = value
}

func quote(token string) json.RawMessage { return json.RawMessage(`"` + token + `"`) }

// judge returns what the verifier says to a presentation.
func (w *world) judge(t testing.TB, token string) error {
	t.Helper()
	list, err := w.checker.Presentation(t.Context(), quote(token), w.want)
	if (err == nil) == (len(list) == 0) {
		t.Errorf("%d credentials with the error %v", len(list), err)
	}
	return err
}

// judgeCredential returns what it says to one credential.
func (w *world) judgeCredential(t testing.TB, token string) error {
	t.Helper()
	_, err := w.checker.Credential(t.Context(), token, w.want)
	return err
}

func refused(t testing.TB, check string, err error) {
	t.Helper()
	var refusal *trust.Refusal
	if !errors.As(err, &refusal) || refusal.Check != check {
		t.Fatalf("got %v, want a refusal by %s", err, check)
	}
	if errors.Is(err, trust.ErrUnavailable) || refusal.Reason == "" || refusal.Subject != holderDID {
		t.Errorf("the refusal is not in order: %+v", refusal)
	}
}

func accepted(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
}
