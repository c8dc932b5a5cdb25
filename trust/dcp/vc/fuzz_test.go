// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

func FuzzRead(f *testing.F) {
	for _, p := range profiles {
		f.Add(issue(f, p))
		f.Add(present(f, p, []string{issue(f, p)}))
	}
	f.Add("e30.e30.AA")
	f.Add("..")
	f.Fuzz(func(t *testing.T, raw string) {
		c, err := vc.Read(raw)
		if err != nil && !errors.Is(err, vc.ErrCredential) {
			t.Errorf("an error of another kind: %v", err)
		}
		if err == nil && (c.Raw != raw || c.Profile == "" || !json.Valid(c.Subject)) {
			t.Errorf("read %+v", c)
		}
	})
}

// verdict demands that whatever was judged was refused or is in order.
func verdict(t *testing.T, list []vc.Credential, err error) {
	t.Helper()
	var refusal *trust.Refusal
	if err != nil && (!errors.As(err, &refusal) || len(list) != 0 || refusal.Subject != holderDID) {
		t.Errorf("%d credentials and %v", len(list), err)
	}
	if err != nil {
		return
	}
	if len(list) == 0 {
		t.Error("accepted without a credential")
	}
	for _, c := range list {
		ended := !c.Ends().IsZero() && c.Ends().Before(now.Add(-leeway))
		if c.Issuer != issuerDID || ended || !slices.Contains(c.Types, "VerifiableCredential") {
			t.Errorf("accepted %+v", c)
		}
	}
}

// FuzzPresentation gives a verifier any entry of a response.
func FuzzPresentation(f *testing.F) {
	for _, p := range profiles {
		f.Add([]byte(quote(present(f, p, []string{issue(f, p)}))))
	}
	f.Add([]byte(`{"type":"VerifiablePresentation","proof":{}}`))
	f.Add([]byte(`"e30.e30.AA"`))
	w := newWorld(f)
	f.Fuzz(func(t *testing.T, entry []byte) {
		w.resolved = nil
		list, err := w.checker.Presentation(t.Context(), entry, w.want)
		verdict(t, list, err)
	})
}

// FuzzSigned puts any payload under a good signature: of the holder, in an
// envelope or without one, or of the issuer.
func FuzzSigned(f *testing.F) {
	for i, p := range profiles {
		var payload json.RawMessage
		decodePart(f, issue(f, p), 1, &payload)
		f.Add([]byte(payload), "JWT", uint8(2))
		decodePart(f, present(f, p, []string{issue(f, p)}), 1, &payload)
		f.Add([]byte(payload), "vp+jwt", uint8(i))
	}
	var payload json.RawMessage
	decodePart(f, plain(f, []string{issue(f, vc.VC20)}), 1, &payload)
	f.Add([]byte(payload), "", uint8(1))
	w := newWorld(f).lenient()
	w.checker.Relaxed = nil
	f.Fuzz(func(t *testing.T, payload []byte, typ string, kind uint8) {
		owner := []string{holderDID, holderDID, issuerDID}[kind%3]
		token, err := jose.SignTyped(json.RawMessage(payload), keys[owner](), jose.Type{Typ: typ})
		if err != nil {
			return
		}
		w.resolved = nil
		if kind%3 == 2 {
			c, err := w.checker.Credential(t.Context(), token, w.want)
			if err == nil && c.Issuer != issuerDID {
				t.Errorf("accepted %+v", c)
			}
			return
		}
		if kind%3 == 1 {
			token = enclose(t, token)
		}
		list, err := w.checker.Presentation(t.Context(), quote(token), w.want)
		if err != nil && !errors.Is(err, trust.ErrUnauthenticated) {
			t.Errorf("no verdict: %v", err)
		}
		for _, c := range list {
			if c.Issuer != issuerDID {
				t.Errorf("accepted %+v", c)
			}
		}
	})
}
