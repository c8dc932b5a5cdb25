// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

func TestRefusals(t *testing.T) {
	b := newBench(t)
	b.serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "data") })
	a := b.start("t1", "g1")
	other := b.start("t2", "g2")
	token := a.Get("authorization")
	b.refused(with(a, ""), dataplane.Query{}, 401, "token-missing")
	b.refused(with(a, "nonsense"), dataplane.Query{}, 401, "token-invalid")
	b.refused(with(a, token[:len(token)-4]+"AAAA"), dataplane.Query{}, 401, "token-invalid")
	b.refused(with(a, other.Get("authorization")), dataplane.Query{}, 401, "token-wrong-transfer")
	unknown := a
	unknown.Endpoint = b.server.URL + "/prov/data/t9"
	b.refused(unknown, dataplane.Query{}, 401, "token-invalid")
	unknown.Endpoint = b.server.URL + "/other/data/t1"
	b.refused(unknown, dataplane.Query{}, 401, "token-invalid")
	for forged, code := range forgeries(t, b) {
		b.refused(with(a, forged), dataplane.Query{}, 401, code)
	}
	for err, code := range map[error]string{
		transfer.ErrNotStarted: "transfer-not-started", transfer.ErrSuspended: "transfer-suspended",
		transfer.ErrEnded: "transfer-ended", transfer.ErrAgreementEnded: "agreement-ended",
	} {
		b.set("t1", err, true)
		b.refused(a, dataplane.Query{}, 403, code)
		b.refused(with(a, "nonsense"), dataplane.Query{}, 401, "token-invalid")
	}
	b.set("t1", errors.New("the store is away"), true)
	b.refused(a, dataplane.Query{}, 503, "unavailable")
	b.set("t1", nil, true)
	resumed := b.start("t1", "g1b")
	b.refused(a, dataplane.Query{}, 403, "token-superseded")
	if got := b.body(resumed, dataplane.Query{}); got != "data" {
		t.Errorf("after the resumption: %q", got)
	}
	b.mu.Lock()
	b.now = b.now.Add(2 * time.Hour)
	b.mu.Unlock()
	b.refused(resumed, dataplane.Query{}, 401, "token-expired")
}

// forgeries are tokens of the right key that say one thing else, and the code
// of their refusal.
func forgeries(t *testing.T, b *bench) map[string]string {
	forged := map[string]string{}
	for _, change := range []struct {
		claim string
		value any // nil: the claim is missing
		code  string
	}{
		{"sub", "t2", "token-wrong-transfer"},
		{"aud", "did:example:other", "token-wrong-participant"},
		{"iss", "did:example:other", "token-invalid"},
		{"agreement", "other", "token-invalid"},
		{"jti", nil, "token-invalid"},
		{"agreement", nil, "token-invalid"},
	} {
		claims := map[string]any{
			"iss": "did:example:provider", "sub": "t1", "aud": "did:example:consumer", "agreement": "agreement-1", "jti": "g1",
			"iat": b.now.Unix(), "exp": b.now.Add(time.Hour).Unix(),
		}
		claims[change.claim] = change.value
		if change.value == nil {
			delete(claims, change.claim)
		}
		s, err := jose.Sign(claims, jose.Key{ID: "key-1", Signer: b.key}, "musubi-data+jwt")
		if err != nil {
			t.Fatal(err)
		}
		forged[s] = change.code
	}
	whole := map[string]any{
		"iss": "did:example:provider", "sub": "t1", "aud": "did:example:consumer", "agreement": "agreement-1", "jti": "g1",
		"iat": b.now.Unix(), "exp": b.now.Add(time.Hour).Unix(),
	}
	otherType, err := jose.Sign(whole, jose.Key{ID: "key-1", Signer: b.key}, "JWT")
	if err != nil {
		t.Fatal(err)
	}
	otherKey, _ := jose.GenerateES256(rand.Reader)
	stranger, err := jose.Sign(whole, jose.Key{ID: "key-1", Signer: otherKey}, "musubi-data+jwt")
	if err != nil {
		t.Fatal(err)
	}
	forged[otherType], forged[stranger] = "token-invalid", "token-invalid"
	return forged
}
