// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
)

// V20 to V24 once more, with the resolver and the client that are used outside
// of tests: each verdict is theirs, and nothing stands in between.
func TestVerdictsOfTheNetwork(t *testing.T) {
	w := dcptest.NewWorld(t)
	own, peer := w.Party("own"), w.Party("peer")
	served := ""
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		if served == "" {
			http.NotFound(out, nil)
			return
		}
		_, _ = out.Write([]byte(served))
	}))
	defer server.Close()
	here := "did:web:localhost%3A" + server.URL[strings.LastIndexByte(server.URL, ':')+1:]
	raw, _ := w.DIDs.Raw(peer.DID)
	document := strings.ReplaceAll(string(raw), peer.DID, here)

	for _, c := range []struct {
		check, id, document string
		dev, plain          bool
	}{
		{"", here, document, true, true},
		{"V20", "did:example:localhost", document, true, true},
		{"V20", "did:ion:localhost", document, true, true},
		{"V21", "did:web:127.0.0.1", document, true, true},
		{"V21", "did:web:localhost:..:x", document, true, true},
		{"V21", "did:web:2130706433", document, true, true},
		{"V22", here, "", true, true},
		{"V22", here, "<html>", true, true},
		{"V19", here, string(raw), true, true},
		{"V23", here, document, false, false},
		{"V24", here, document, false, true},
		{"V24", here, document, true, false}, // it speaks http
	} {
		served = c.document
		clients, err := safehttp.New(safehttp.Config{DevMode: c.dev, Timeout: 5 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		a := w.Authenticator()
		a.DIDs = did.NewWeb(did.WebConfig{HTTP: clients.Foreign, Plain: c.plain, Now: w.Clock.Now})
		draft := peer.Draft(own.DID)
		draft.Claims["iss"], draft.Claims["sub"] = c.id, c.id
		draft.Header["kid"] = c.id + strings.TrimPrefix(draft.Header["kid"].(string), peer.DID)
		caller, err := a.Check(t.Context(), own.Participant(), []string{draft.Bearer(t)}, dcp.Demand{})
		if c.check != "" {
			t.Log(c.id, c.dev, c.plain)
			wantRefusal(t, err, c.check)
		} else if err != nil || caller.DID != c.id {
			t.Errorf("%+v, %v", caller, err)
		}
		clients.Foreign.CloseIdle()
	}
}
