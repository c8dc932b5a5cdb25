// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc_test

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"testing"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// unavailable demands an error that is no verdict.
func unavailable(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, trust.ErrUnavailable) || errors.Is(err, trust.ErrUnauthenticated) {
		t.Errorf("got %v, want no verdict", err)
	}
}

func TestOutOfReachIsNoVerdict(t *testing.T) {
	byProfile(t, func(t *testing.T, p vc.Profile) {
		token := present(t, p, []string{issue(t, p)})
		for _, party := range []string{holderDID, issuerDID} {
			for name, err := range map[string]error{
				"unreachable": fmt.Errorf("%w: no route", did.ErrUnreachable),
				"deadline":    context.DeadlineExceeded,
				"unknown":     errors.New("disk full"),
			} {
				t.Run(party+" "+name, func(t *testing.T) {
					w := newWorld(t)
					w.failures[party] = err
					unavailable(t, w.judge(t, token))
				})
			}
		}
		t.Run("trust", func(t *testing.T) {
			w := newWorld(t)
			w.want.Issuers = func(context.Context, string, string) (bool, trust.Conformance, error) {
				return false, "", errors.New("no list yet")
			}
			unavailable(t, w.judge(t, token))
		})
		t.Run("schema", func(t *testing.T) {
			w := newWorld(t)
			w.checker.Schemas = &schemas{known: map[string]error{"urn:x": fmt.Errorf("%w: timeout", trust.ErrUnavailable)}}
			raw := issue(t, p, say("credentialSchema", map[string]any{"id": "urn:x", "type": "JsonSchema"}))
			unavailable(t, w.judgeCredential(t, raw))
		})
		t.Run("a caller that has gone", func(t *testing.T) {
			w := newWorld(t)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := w.checker.Presentation(ctx, quote(token), w.want)
			unavailable(t, err)
			_, err = w.checker.Credential(ctx, issue(t, p), w.want)
			unavailable(t, err)
			if len(w.resolved) != 0 {
				t.Errorf("resolved %v", w.resolved)
			}
		})
	})
}

// A DID that is answered with a verdict is one.
func TestResolutionVerdicts(t *testing.T) {
	for verdict, check := range map[*did.Error]string{
		did.ErrNotFound: "V22", did.ErrDocument: "V22", did.ErrID: "V22", did.ErrCertificate: "V22", did.ErrOwner: "V18",
		did.ErrMethod: "V20", did.ErrSyntax: "V21", did.ErrAddress: "V23", did.ErrScheme: "V24", did.ErrTwice: "V25", did.ErrKey: "V26",
	} {
		w := newWorld(t)
		w.failures[holderDID] = fmt.Errorf("%w: x", verdict)
		refused(t, check, w.judge(t, present(t, vc.VC11, []string{issue(t, vc.VC11)})))
		w = newWorld(t)
		w.failures[issuerDID] = verdict
		refused(t, check, w.judge(t, present(t, vc.VC11, []string{issue(t, vc.VC11)})))
	}
}

// rotating is a resolver whose owners have changed their keys since it last
// asked.
type rotating struct {
	*world
	old       map[string]*did.Document
	refreshed []string
}

func (r *rotating) Resolve(ctx context.Context, id string) (*did.Document, error) {
	if d := r.old[id]; d != nil {
		return d, nil
	}
	return r.world.Resolve(ctx, id)
}

func (r *rotating) Refresh(id string) bool {
	r.refreshed = append(r.refreshed, id)
	_, had := r.old[id]
	delete(r.old, id)
	return had
}

func TestKeysChange(t *testing.T) {
	byProfile(t, func(t *testing.T, p vc.Profile) {
		for _, fragment := range []string{"key-0", "key-1"} { // another key, and one of the same name
			w := newWorld(t)
			r := &rotating{world: w, old: map[string]*did.Document{}}
			w.checker.DIDs = r
			for _, party := range []string{holderDID, issuerDID} {
				r.old[party] = document(t, party, fragment, keys[otherDID]().Signer.Public())
			}
			accepted(t, w.judge(t, present(t, p, []string{issue(t, p)})))
			if len(r.refreshed) != 2 {
				t.Errorf("refreshed %v", r.refreshed)
			}
			unknown := keys[issuerDID]()
			unknown.ID = issuerDID + "#key-9"
			w.resolved = nil
			refused(t, "V64", w.judgeCredential(t, issue(t, p, signedBy(unknown))))
			if len(r.refreshed) != 3 || len(w.resolved) != 1 {
				t.Errorf("refreshed %v, asked for %v again", r.refreshed, w.resolved)
			}
		}
	})
}

func document(t testing.TB, owner, fragment string, key crypto.PublicKey) *did.Document {
	t.Helper()
	raw, err := did.Marshal(did.Description{ID: owner, Keys: []did.Key{{Fragment: fragment, Key: key, Relations: allUses}}})
	if err != nil {
		t.Fatal(err)
	}
	d, err := did.ParseDocument(raw, owner)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
