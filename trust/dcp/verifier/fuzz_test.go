// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
)

// Whatever a wallet answers: a verdict, unless it presents what its holder's
// issuer signed.
func FuzzWalletAnswer(f *testing.F) {
	s := newScene(f)
	s.settings(`{"presentationCache":"-1s"}`)
	good := s.wallet.Present(dcp.Query{})
	for _, entries := range [][]json.RawMessage{
		good, nil, dcptest.Entries("a.b.c"), dcptest.Entries(s.peer.Presentation20(s.own.DID, []string{s.issuer.Credential20(s.peer, membership)})),
		{json.RawMessage(`{"type":"EnvelopedVerifiablePresentation","id":"data:application/vp+jwt,x"}`)},
	} {
		body, err := dcp.Marshal(dcp.Response{Presentations: entries})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Add([]byte("<html>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		s.wallet.Body = append([]byte{}, body...)
		claims, err := s.verify(t)
		if err == nil && len(claims.Credentials) != 2 {
			t.Errorf("proved %+v", claims)
		}
		if refusal, ok := errors.AsType[*trust.Refusal](err); err != nil && (!ok || refusal.Check < "V10") {
			t.Errorf("error %v", err)
		}
	})
}
