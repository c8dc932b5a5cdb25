// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/web"
	"github.com/musubi-ods/musubi/trust"
)

// endpoints are all of the protocol, with the error message of each.
var endpoints = []struct{ method, path, fault string }{
	{"POST", "/catalog/request", "CatalogError"},
	{"GET", "/catalog/datasets/x", "CatalogError"},
	{"POST", "/negotiations/request", "ContractNegotiationError"},
	{"POST", "/negotiations/offers", "ContractNegotiationError"},
	{"GET", "/negotiations/x", "ContractNegotiationError"},
	{"POST", "/negotiations/x/request", "ContractNegotiationError"},
	{"POST", "/negotiations/x/offers", "ContractNegotiationError"},
	{"POST", "/negotiations/x/agreement", "ContractNegotiationError"},
	{"POST", "/negotiations/x/agreement/verification", "ContractNegotiationError"},
	{"POST", "/negotiations/x/events", "ContractNegotiationError"},
	{"POST", "/negotiations/x/termination", "ContractNegotiationError"},
	{"POST", "/transfers/request", "TransferError"},
	{"GET", "/transfers/x", "TransferError"},
	{"POST", "/transfers/x/start", "TransferError"},
	{"POST", "/transfers/x/suspension", "TransferError"},
	{"POST", "/transfers/x/completion", "TransferError"},
	{"POST", "/transfers/x/termination", "TransferError"},
}

const supplierBase = "/supplier/dsp/2025-1"

// TestProtocolMatrix: every endpoint proves who calls, speaks the errors of
// its protocol, and takes no body that is too large, no JSON or too deep.
func TestProtocolMatrix(t *testing.T) {
	w := newWorld(t)
	deep := `{` + dspContext + `,"x":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000) + `}`
	for _, e := range endpoints {
		at := supplierBase + e.path
		wrong := map[string]string{"POST": "GET", "GET": "POST"}[e.method]
		if e.method == "POST" && strings.Count(e.path, "/") == 2 { // GET /negotiations/request asks for a process of that id
			wrong = "PUT"
		}
		list := []scenario{
			{Name: "no token", Method: e.method, URL: at, Status: 401, Content: []string{e.fault, "not-authenticated", `"reason":[`}},
			{Name: "another token", Method: e.method, URL: at, Headers: as("Bearer other"), Status: 401, Content: []string{e.fault}},
			{Name: "a token for another participant", Method: e.method, URL: at, Headers: as(toAcme), Status: 401, Content: []string{e.fault}},
			{Name: "unknown participant", Method: e.method, URL: "/nobody/dsp/2025-1" + e.path, Headers: as(toSupplier), Status: 404, Content: []string{e.fault}},
			{Name: "wrong method", Method: wrong, URL: at, Headers: as(toSupplier), Status: 405, Content: []string{e.fault, "wrong-method"}},
			{Name: "below it", Method: e.method, URL: at + "/y/z/z", Headers: as(toSupplier), Status: 404, Content: []string{e.fault}},
		}
		if e.method == "POST" {
			list = append(list,
				scenario{Name: "no body", Method: "POST", URL: at, Headers: as(toSupplier), Status: 400, Content: []string{e.fault, "malformed-json"}},
				scenario{Name: "no JSON", Body: "<x/>", URL: at, Headers: as(toSupplier), Status: 400, Content: []string{e.fault}},
				scenario{Name: "no DSP context", Body: `{"@context":["https://other.example"],"@type":"CatalogRequestMessage"}`, URL: at, Headers: as(toSupplier), Status: 400, Content: []string{e.fault, "context-missing"}},
				scenario{Name: "too deep", Body: deep, URL: at, Headers: as(toSupplier), Status: 400, Content: []string{e.fault, "too-deep"}},
				scenario{Name: "too large", Body: `"` + strings.Repeat("x", 65<<10) + `"`, URL: at, Headers: as(toSupplier), Status: 413, Content: []string{e.fault, "too-large"}},
				scenario{Name: "another media type", Body: "a=b", URL: at, Headers: map[string]string{"Authorization": toSupplier, "Content-Type": "application/x-www-form-urlencoded"}, Status: 415, Content: []string{e.fault}},
			)
		} else {
			list = append(list, scenario{Name: "nothing there", URL: at, Headers: as(toSupplier), Status: 404, Content: []string{e.fault, "not-found"}})
		}
		t.Run(e.method+" "+e.path, func(t *testing.T) { play(t, w.protocol, list) })
	}
	if strings.Contains(w.log.String(), "level=ERROR") {
		t.Errorf("a fault of the caller was logged as ours:\n%s", w.log)
	}
	w.noSecretsLogged()
}

func (w *world) noSecretsLogged() {
	w.t.Helper()
	text := w.log.String()
	for _, s := range secrets {
		if strings.Contains(text, s) {
			w.t.Errorf("the log holds %q", s)
		}
	}
}

func TestProtocolRoutes(t *testing.T) {
	w := newWorld(t)
	play(t, w.protocol, []scenario{
		{Name: "version document", URL: "/acme/.well-known/dspace-version", Status: 200, Content: []string{`{"protocolVersions":[{"version":"2025-1","path":"/dsp/2025-1","binding":"HTTPS"}]}`}},
		{Name: "version document of nobody", URL: "/nobody/.well-known/dspace-version", Status: 404},
		{Name: "a context that is no slug", URL: "/..%2f/.well-known/dspace-version", Status: 404},
		{Name: "root", URL: "/", Status: 404, Content: []string{"no-such-path"}},
		{Name: "another version", URL: "/acme/dsp/2024-1/catalog/request", Body: "{}", Status: 404},
		{Name: "management", URL: "/api/v1/participants", Status: 404},
		{Name: "data", URL: "/acme/data/urn%3Auuid%3A1/a%2Fb", Status: 200, Content: []string{"data of acme at /acme/data/urn%3Auuid%3A1/a%2Fb"}},
		{Name: "data of nobody", URL: "/nobody/data/x", Status: 404},
		{Name: "options", Method: "OPTIONS", URL: supplierBase + "/catalog/request", Status: 204},
		{Name: "derived media type", URL: supplierBase + "/catalog/request", Body: catalogRequest, Headers: map[string]string{"Authorization": toSupplier, "Content-Type": "application/ld+json; charset=utf-8"}, Status: 200, Content: []string{`"@type":"Catalog"`}},
		{Name: "id with U+0000", URL: supplierBase + "/negotiations/a%00b", Headers: as(toSupplier), Status: 404},
		{Name: "id that is no UTF-8", URL: supplierBase + "/transfers/%ff%fe", Headers: as(toSupplier), Status: 404},
		{Name: "id that is too long", URL: supplierBase + "/catalog/datasets/" + strings.Repeat("x", 3000), Headers: as(toSupplier), Status: 404},
		{Name: "no id", URL: supplierBase + "/negotiations/", Headers: as(toSupplier), Status: 404},
		{
			Name: "a pid that a first request may not have", URL: supplierBase + "/negotiations/request", Headers: as(toSupplier),
			Body:   `{` + dspContext + `,"@type":"ContractRequestMessage","consumerPid":"urn:c","callbackAddress":"https://x.example","offer":{"@type":"Offer","@id":"nope","target":"nope","permission":[{"action":"use"}]}}`,
			Status: 404, Content: []string{"ContractNegotiationError", `"consumerPid":"urn:c"`},
		},
	})
}

// TestVersionDescribed: what the identity profile adds to the version document.
func TestVersionDescribed(t *testing.T) {
	h := web.NewProtocol(web.ProtocolConfig{
		Common: web.Common{Now: fixedNow, NewID: newID}, Participants: fixedParticipant{}, Describe: describe,
	})
	scenario{URL: "/acme/.well-known/dspace-version", Status: 200, Content: []string{`"identifierType":"did:web"`, `"auth":{"protocol":"DCP","version":"1.0"`}}.run(t, h)
}

// TestEscapedIDs: an id goes through the path whatever it holds, and is
// unescaped once.
func TestEscapedIDs(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"urn:uuid:1", "a/b", "a%2Fb", "%25", "日本/結び", "?q=1#f", "request", "a+b", "...", "a//b", "%zz"} {
		publish(t, w, "supplier", id)
		got := scenario{Name: id, URL: supplierBase + "/catalog/datasets/" + url.PathEscape(id), Headers: as(toSupplier), Status: 200}.run(t, w.protocol)
		want := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%q", id), `"`), `"`)
		if !strings.Contains(got.Body.String(), `"@id":"`+want+`"`) {
			t.Errorf("%q: %s", id, got.Body)
		}
	}
}

// TestProcessIDsEscaped: a process of any id is found by its escaped path.
func TestProcessIDsEscaped(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"urn:x/y", "a%2Fb", "a b", "offers"} {
		w.put("supplier", engine.Record{ID: id, Kind: engine.Negotiation, Role: engine.Provider, Peer: idAcme, PeerPID: "urn:peer:" + id, State: "REQUESTED"})
		play(t, w.protocol, []scenario{
			{Name: id, URL: supplierBase + "/negotiations/" + url.PathEscape(id), Headers: as(toSupplier), Status: 200, Content: []string{`"state":"REQUESTED"`, `"consumerPid":"urn:peer:`}},
			{Name: id + " by another peer", URL: supplierBase + "/negotiations/" + url.PathEscape(id), Headers: as(ofMallory + "supplier"), Status: 404, NotContent: []string{"REQUESTED"}},
			{Name: id + " by the other protocol", URL: supplierBase + "/transfers/" + url.PathEscape(id), Headers: as(toSupplier), Status: 404},
			{Name: id + " of another participant", URL: "/acme/dsp/2025-1/negotiations/" + url.PathEscape(id), Headers: as(toAcme), Status: 404},
		})
	}
}

// put stores a process as it might have come about.
func (w *world) put(contextID string, r engine.Record) {
	w.t.Helper()
	r.Context, r.Version, r.Created, r.Updated = contextID, 1, fixedNow(), fixedNow()
	if r.Data == nil {
		r.Data = []byte(`{"dataset":"d","offered":{"offerId":"o","policy":{"@id":"o","permission":[{"action":"use"}]}},"callback":"https://x.example","ownId":"x"}`)
	}
	if err := w.stores.For(contextID).Commit(w.t.Context(), engine.Commit{Record: r}); err != nil {
		w.t.Fatal(err)
	}
}

// TestCatalogPages: pages are linked, by absolute addresses, and lead through
// everything.
func TestCatalogPages(t *testing.T) {
	w := newWorld(t)
	for i := range 5 {
		publish(t, w, "supplier", fmt.Sprintf("dataset-%d", i))
	}
	at, all := supplierBase+"/catalog/request", ""
	for page := range 3 {
		got := scenario{Name: at, URL: at, Body: catalogRequest, Headers: as(toSupplier), Status: 200}.run(t, w.protocol)
		all += got.Body.String()
		links := strings.Join(got.Header().Values("Link"), "\n")
		if hasPrevious := strings.Contains(links, `rel="previous"`); hasPrevious != (page > 0) {
			t.Errorf("page %d: %s", page, links)
		}
		next, _, found := strings.Cut(links, `>; rel="next"`)
		if found != (page < 2) {
			t.Fatalf("page %d: %s", page, links)
		}
		if found {
			at = next[strings.LastIndex(next, "<")+1:]
			if !strings.HasPrefix(at, w.server.URL+supplierBase+"/catalog/request?continuationToken=") {
				t.Errorf("page %d links to %s", page, at)
			}
		}
	}
	for i := range 5 {
		if !strings.Contains(all, fmt.Sprintf(`"dataset-%d"`, i)) {
			t.Errorf("dataset-%d is on no page", i)
		}
	}
	scenario{Name: "a token that is none", URL: supplierBase + "/catalog/request?continuationToken=x", Body: catalogRequest, Headers: as(toSupplier), Status: 400, Content: []string{"CatalogError", "invalid-token"}}.run(t, w.protocol)
}

func TestGzipOnlyWhereAccepted(t *testing.T) {
	w := newWorld(t)
	for i := range 2 {
		publish(t, w, "supplier", fmt.Sprintf("%d%s", i, strings.Repeat("x", 480)))
	}
	for header, packed := range map[string]bool{
		"": false, "gzip": true, "br, gzip;q=0.5": true, "gzip;q=0": false, "*": true, "gzip;q=0, *": false, "identity": false, "GZIP": true, ";;;": false,
	} {
		got := scenario{Name: header, URL: supplierBase + "/catalog/request", Body: catalogRequest, Headers: map[string]string{"Authorization": toSupplier, "Accept-Encoding": header}, Status: 200}.run(t, w.protocol)
		if is := got.Header().Get("Content-Encoding") == "gzip"; is != packed {
			t.Errorf("Accept-Encoding %q: packed %t, want %t", header, is, packed)
			continue
		}
		if !packed {
			continue
		}
		z, err := gzip.NewReader(got.Body)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(z); err != nil || !bytes.Contains(text, []byte(`"@type":"Catalog"`)) {
			t.Errorf("Accept-Encoding %q: %v: %.100s", header, err, text)
		}
	}
}

// countedBody counts what is read of an endless body.
type countedBody struct{ read int }

func (b *countedBody) Read(p []byte) (int, error) {
	b.read += len(p)
	return len(p), nil
}

// TestHugeBodyRefusedCheaply: 100 MB are refused without being read, whether
// or not their length is announced.
func TestHugeBodyRefusedCheaply(t *testing.T) {
	w := newWorld(t)
	for _, length := range []int64{100 << 20, -1} {
		body := &countedBody{}
		r := httptest.NewRequestWithContext(t.Context(), "POST", supplierBase+"/catalog/request", io.NopCloser(body))
		r.ContentLength = length
		r.Header.Set("Authorization", toSupplier)
		rec := httptest.NewRecorder()
		w.protocol.ServeHTTP(rec, r)
		if rec.Code != 413 || !strings.Contains(rec.Body.String(), "CatalogError") || body.read > 128<<10 {
			t.Errorf("length %d: status %d after %d bytes: %s", length, rec.Code, body.read, rec.Body)
		}
	}
	body := &countedBody{}
	r := httptest.NewRequestWithContext(t.Context(), "POST", supplierBase+"/catalog/request", io.NopCloser(body))
	r.ContentLength = -1
	rec := httptest.NewRecorder()
	w.protocol.ServeHTTP(rec, r)
	if rec.Code != 401 || body.read != 0 {
		t.Errorf("without a proof: status %d after %d bytes", rec.Code, body.read)
	}
}

// TestOwnFailuresSayNothing: what breaks here is logged, and told by an id.
func TestOwnFailuresSayNothing(t *testing.T) {
	w := newWorld(t)
	w.stores.broken = errors.New("disk on fire at host-17")
	for _, e := range endpoints {
		got := scenario{Name: e.path, Method: e.method, URL: supplierBase + e.path, Headers: as(toSupplier), Status: 500, Content: []string{e.fault, `"code":"internal"`}, NotContent: []string{"fire", "host-17"}}.run(t, w.protocol)
		id := got.Header().Get("X-Request-ID")
		if id == "" || !strings.Contains(got.Body.String(), id) || !strings.Contains(w.log.String(), id) {
			t.Errorf("%s: the support id %q is not both in the answer and in the log: %s", e.path, id, got.Body)
		}
	}
	if !strings.Contains(w.log.String(), "disk on fire at host-17") {
		t.Error("the log does not say why")
	}
}

// TestStoreIsOut: a peer takes 503 for a reason to try again, and any 4xx for
// the end.
func TestStoreIsOut(t *testing.T) {
	w := newWorld(t)
	w.stores.broken = fmt.Errorf("%w: disk full at host-17", engine.ErrUnavailable)
	for _, e := range endpoints {
		got := scenario{Name: e.path, Method: e.method, URL: supplierBase + e.path, Headers: as(toSupplier), Status: 503, Content: []string{e.fault, `"code":"store-unavailable"`}, NotContent: []string{"full", "host-17"}}.run(t, w.protocol)
		if got.Header().Get("Retry-After") == "" {
			t.Errorf("%s: it is not said when to try again", e.path)
		}
	}
	if strings.Contains(w.log.String(), "level=ERROR") {
		t.Errorf("each request complains: %s", w.log)
	}
}

// TestVerdicts: no proof is 401, no verdict is 503.
func TestVerdicts(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		status int
	}{
		"not good":          {fmt.Errorf("%w: expired at noon", trust.ErrUnauthenticated), http.StatusUnauthorized},
		"out of reach":      {fmt.Errorf("%w: wallet does not answer", trust.ErrUnavailable), http.StatusServiceUnavailable},
		"nobody":            {nil, http.StatusUnauthorized},
		"our own failure":   {errors.New("bug"), http.StatusInternalServerError},
		"the caller's gone": {fmt.Errorf("asking: %w", trust.ErrUnavailable), http.StatusServiceUnavailable},
	} {
		h := web.NewProtocol(web.ProtocolConfig{
			Common: web.Common{Now: fixedNow, NewID: newID}, Participants: fixedParticipant{}, Verifier: fixedVerifier{c.err},
		})
		scenario{Name: name, URL: "/acme/dsp/2025-1/transfers/x", Status: c.status, Content: []string{"TransferError"}, NotContent: []string{"noon", "wallet", "bug"}}.run(t, h)
	}
}
