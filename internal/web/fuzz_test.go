// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/web"
)

// request makes a request of any bytes, or nil where no client could send it.
func request(t *testing.T, method, target, body string) *http.Request {
	if !strings.HasPrefix(target, "/") || strings.ContainsAny(method, " \t\r\n") || method == "" {
		return nil
	}
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return nil
	}
	r, err := http.NewRequestWithContext(t.Context(), method, "http://x.example/", strings.NewReader(body))
	if err != nil {
		return nil
	}
	r.URL, r.RequestURI, r.RemoteAddr = u, target, "192.0.2.1:1"
	return r
}

// FuzzProtocol: whatever an authenticated peer sends, there is no panic, no
// 5xx, and an answer in the protocol's own errors.
func FuzzProtocol(f *testing.F) {
	w := newWorld(f)
	w.put("supplier", engine.Record{ID: "urn:n", Kind: engine.Negotiation, Role: engine.Provider, Peer: idAcme, PeerPID: "urn:their:n", State: "REQUESTED"})
	w.put("supplier", engine.Record{ID: "urn:t", Kind: engine.Transfer, Role: engine.Provider, Peer: idAcme, PeerPID: "urn:their:t", State: "STARTED", Subject: "urn:a", Data: []byte(`{"format":"HttpData-PULL","flow":"open"}`)})
	for _, e := range endpoints {
		f.Add(e.method, supplierBase+e.path, catalogRequest)
		f.Add(e.method, supplierBase+strings.Replace(e.path, "/x", "/urn%3An", 1), `{`+dspContext+`,"@type":"ContractNegotiationTerminationMessage","consumerPid":"urn:their:n","providerPid":"urn:n"}`)
		f.Add(e.method, supplierBase+strings.Replace(e.path, "/x", "/urn%3At", 1), `{`+dspContext+`,"@type":"TransferSuspensionMessage","consumerPid":"urn:their:t","providerPid":"urn:t","reason":[]}`)
	}
	f.Add("POST", supplierBase+"/negotiations/request", `{`+dspContext+`,"@type":"ContractRequestMessage","consumerPid":"","callbackAddress":":","offer":{"@type":"Offer","@id":"o","target":"d","permission":[{"action":"use"}]}}`)
	f.Add("POST", supplierBase+"/catalog/request?continuationToken=%00&continuationToken=", catalogRequest)
	f.Fuzz(func(t *testing.T, method, target, body string) {
		r := request(t, method, target, body)
		if r == nil {
			return
		}
		r.Header.Set("Authorization", toSupplier)
		rec := httptest.NewRecorder()
		w.protocol.ServeHTTP(rec, r)
		if rec.Code >= 500 || rec.Code >= 400 && rec.Body.Len() == 0 && method != "HEAD" {
			t.Errorf("%s %q %q: %d %s\n%s", method, target, body, rec.Code, rec.Body, w.log)
		}
	})
}

// FuzzManagement: whatever a user sends, there is no panic and no 500, and
// every error says what is wrong.
func FuzzManagement(f *testing.F) {
	w := newWorld(f)
	for _, r := range web.Routes() {
		f.Add(r.Method, "/api/v1"+fill(r.Path), r.Example)
	}
	f.Add("GET", ourBase+"/negotiations?limit=1&before=%00&wait=-1", "")
	f.Add("POST", ourBase+"/negotiations?wait=9999999h", `{"peer":null,"dataset":1e999}`)
	f.Fuzz(func(t *testing.T, method, target, body string) {
		r := request(t, method, target, body)
		if r == nil || strings.Contains(target, "wait") { // waiting is slow, and tested elsewhere
			return
		}
		r.Header.Set("X-Api-Key", apiKey)
		rec := httptest.NewRecorder()
		w.management.ServeHTTP(rec, r)
		if rec.Code == 500 || rec.Code >= 400 && rec.Code != 502 && method != "HEAD" && !strings.Contains(rec.Body.String(), `"message":"`) {
			t.Errorf("%s %q %q: %d %s\n%s", method, target, body, rec.Code, rec.Body, w.log)
		}
	})
}
