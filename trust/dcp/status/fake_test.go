// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
)

const (
	issuer   = "did:web:registrar.example"
	stranger = "did:web:stranger.example"
	listURL  = "https://registrar.example/status/1"
	keyID    = issuer + "#key-1"
)

var start = time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)

// world is an issuer with one list, as it is published, and a credential whose
// status the list tells. Each fault is one change to it.
type world struct {
	t   testing.TB
	now time.Time

	signer jose.Key
	docs   map[string]string // DID documents, by DID; absent: out of reach
	doc    did.Description

	list  List
	kind  string
	plain bool
	// What is changed in the credential and in the claims before they are
	// signed.
	edit, claim func(map[string]any)
	bare        bool   // without a signature
	body        string // instead of all above
	answer      http.HandlerFunc
	http        did.Doer // instead of answer

	entry   Entry
	relaxed []string
	asked   []*http.Request
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, now: start, kind: StatusList2021, docs: make(map[string]string), signer: newKey(t, keyID)}
	w.doc = did.Description{ID: issuer, Keys: []did.Key{{Fragment: "key-1", Key: w.signer.Signer.Public(), Relations: []did.Relation{did.AssertionMethod}}}}
	w.list = List{
		ID: listURL, Issuer: issuer, Purpose: Revocation,
		ValidFrom: start.Add(-time.Minute), ValidUntil: start.Add(time.Hour), Bits: make([]byte, MinBits/8),
	}
	w.entry = Entry{Credential: "urn:uuid:1", Issuer: issuer, Entries: []trust.StatusEntry{w.status(42)}}
	return w
}

// status is an entry for the list.
func (w *world) status(index uint64) trust.StatusEntry {
	return trust.StatusEntry{ID: listURL + "#x", Type: w.kind, Purpose: Revocation, List: listURL, Index: index}
}

// bitstring makes the list one of the other kind.
func (w *world) bitstring() {
	w.kind = Bitstring
	w.entry.Entries[0].Type = Bitstring
}

func newKey(t testing.TB, id string) jose.Key {
	t.Helper()
	signer, err := jose.GenerateES256(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return jose.Key{ID: id, Signer: signer}
}

// checker publishes what the world holds now and returns a checker of it.
func (w *world) checker() *Checker {
	w.t.Helper()
	w.publish()
	return New(Config{
		HTTP: w, DIDs: w, Now: func() time.Time { return w.now },
		Relaxed: func(who, what string) { w.relaxed = append(w.relaxed, who+": "+what) },
	})
}

func (w *world) publish() {
	w.t.Helper()
	if _, given := w.docs[issuer]; !given {
		document, err := did.Marshal(w.doc)
		if err != nil {
			w.t.Fatal(err)
		}
		w.docs[issuer] = string(document)
	}
	if w.answer == nil {
		body, kind := w.render(), "application/vc+jwt"
		if w.bare {
			kind = "application/json"
		}
		w.answer = func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", kind)
			_, _ = rw.Write([]byte(body))
		}
	}
}

// render writes the list with the changes made to it.
func (w *world) render() string {
	w.t.Helper()
	if w.body != "" {
		return w.body
	}
	two := w.plain || w.bare && w.kind == Bitstring
	credential, claims := w.list.credential(w.kind, two, encodeAs), w.list.claims()
	if w.edit != nil {
		w.edit(credential)
	}
	if w.bare {
		raw, err := json.Marshal(credential)
		if err != nil {
			w.t.Fatal(err)
		}
		return string(raw)
	}
	typ := "JWT"
	if w.plain {
		typ = "vc+jwt"
		maps.Copy(claims, credential)
	} else {
		claims["vc"] = credential
	}
	if w.claim != nil {
		w.claim(claims)
	}
	token, err := jose.Sign(claims, w.signer, typ)
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

// Do implements did.Doer.
func (w *world) Do(req *http.Request) (*http.Response, error) {
	w.asked = append(w.asked, req)
	if w.http != nil {
		return w.http.Do(req)
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	rec := httptest.NewRecorder()
	w.answer(rec, req)
	return rec.Result(), nil
}

// Resolve implements did.Resolver.
func (w *world) Resolve(_ context.Context, id string) (*did.Document, error) {
	raw, ok := w.docs[id]
	if !ok {
		return nil, fmt.Errorf("%w: no route", did.ErrUnreachable)
	}
	return did.ParseDocument([]byte(raw), id)
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(req *http.Request) (*http.Response, error) { return d(req) }

// trial is one change to the world.
type trial struct {
	name   string
	change func(*world)
}

func as(*world) {} // as it is

// pair runs the trials that must be refused by the check of this number alone,
// and those that must pass.
func pair(t *testing.T, check string, refused, accepted []trial) {
	t.Helper()
	run := func(trials []trial, judge func(*testing.T, error)) func(*testing.T) {
		return func(t *testing.T) {
			for _, tr := range trials {
				t.Run(tr.name, func(t *testing.T) {
					w := newWorld(t)
					tr.change(w)
					judge(t, w.checker().Check(t.Context(), w.entry))
				})
			}
		}
	}
	t.Run("refused", run(refused, func(t *testing.T, err error) { wantRefusal(t, err, check) }))
	t.Run("accepted", run(accepted, func(t *testing.T, err error) {
		if err != nil {
			t.Errorf("got %v", err)
		}
	}))
}

func wantRefusal(t testing.TB, err error, check string) {
	t.Helper()
	refusal, ok := errors.AsType[*trust.Refusal](err)
	if !ok || refusal.Check != check {
		t.Fatalf("got %v, want a refusal by %s", err, check)
	}
	if errors.Is(err, trust.ErrUnavailable) || !errors.Is(err, trust.ErrUnauthenticated) {
		t.Errorf("%v is no clear verdict", err)
	}
	if strings.Contains(err.Error(), "eyJ") {
		t.Errorf("a token in %v", err)
	}
}

// subject returns the credentialSubject of a credential under change.
func subject(credential map[string]any) map[string]any {
	return credential["credentialSubject"].(map[string]any)
}
