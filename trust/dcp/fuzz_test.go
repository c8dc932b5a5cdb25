// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
)

// Whatever stands in the header: a verdict, and nothing is used up.
func FuzzCheck(f *testing.F) {
	w := dcptest.NewWorld(f)
	own, peer := w.Party("own"), w.Party("peer")
	for _, fault := range dcptest.TokenFaults() {
		c := &dcptest.TokenCase{World: w, Caller: peer, Own: own, Draft: peer.Draft(own.DID), Document: peer.Document()}
		fault.Break(c)
		values := []string{c.Draft.Bearer(f)}
		if c.Values != nil {
			values = c.Values(values[0])
		}
		f.Add(strings.Join(values, "\x00"))
	}
	w.DIDs.Put(peer.DID, peer.Document())
	good := peer.Draft(own.DID).Bearer(f)
	f.Add(good)
	f.Fuzz(func(t *testing.T, header string) {
		var values []string
		if header != "" {
			values = strings.Split(header, "\x00")
		}
		caller, err := w.Authenticator().Check(t.Context(), own.Participant(), values, dcp.Demand{})
		if err == nil { // only what the peer signed can pass
			if err := w.Authenticator().Release(t.Context(), own.Context, caller.DID, caller.TokenID); err != nil {
				t.Fatal(err)
			}
			if caller.DID != peer.DID {
				t.Errorf("proved %s", caller.DID)
			}
			return
		}
		if refusal, ok := errors.AsType[*trust.Refusal](err); !ok || !strings.HasPrefix(refusal.Check, "V") {
			t.Errorf("error %v", err)
		}
		if w.Replays.Len() != 0 {
			t.Error("a token was used up")
		}
	})
}

func FuzzReadQuery(f *testing.F) {
	f.Add(message("PresentationQueryMessage", `"scope":["a:b:read"]`))
	f.Add(message("PresentationQueryMessage", `"scope":["a:b"],"presentationDefinition":{"id":"1"}`))
	f.Add(message("PresentationQueryMessage", `"scope":[],"presentationDefinition":{}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		query, err := dcp.ReadQuery(body)
		if err == nil && len(query.Scopes) == 0 && !query.Definition {
			t.Error("a query for nothing")
		}
		if err != nil && !errors.Is(err, dcp.ErrMessage) {
			t.Error(err)
		}
		for _, s := range query.Scopes {
			_, _ = dcp.ParseScope(s)
		}
	})
}
