// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

func TestHTTPSource(t *testing.T) {
	b := newBench(t)
	var got *http.Request
	b.serve(func(w http.ResponseWriter, r *http.Request) {
		got = r.Clone(context.Background())
		w.Header().Set("Content-Type", "text/csv")
		w.Header().Set("Set-Cookie", "session=upstream-secret")
		w.Header().Set("X-Internal", "upstream-secret")
		_, _ = io.WriteString(w, "a,b\n")
	})
	a := b.start("urn:uuid:t1", "g1")
	if want := b.server.URL + "/prov/data/urn:uuid:t1"; a.Endpoint != want || a.EndpointType != transfer.EndpointTypeHTTP {
		t.Errorf("endpoint %s, want %s", a.Endpoint, want)
	}
	if body := b.body(a, dataplane.Query{}); body != "a,b\n" {
		t.Errorf("body %q", body)
	}
	if got.URL.String() != "/base?key=1" || got.Header.Get("X-Api-Key") != "upstream-secret" || got.Header.Get("Authorization") != "" {
		t.Errorf("the source was asked %s with %v", got.URL, got.Header)
	}
	req, _ := http.NewRequest(http.MethodGet, a.Endpoint, http.NoBody)
	req.Header.Set("Authorization", a.Get("authorization")) // without Bearer, as EDC's clients may
	resp, err := b.clients.Foreign.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/csv" {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
	for name, values := range resp.Header {
		if strings.Contains(strings.Join(values, " "), "secret") {
			t.Errorf("the header %s passed: %v", name, values)
		}
	}
}

func TestMethods(t *testing.T) {
	b := newBench(t)
	b.serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "data") })
	a := b.start("t1", "g1")
	for method, want := range map[string]int{"GET": 200, "HEAD": 200, "POST": 405, "PUT": 405, "DELETE": 405, "OPTIONS": 405} {
		w := b.call(a, method, "", http.NoBody)
		if w.Code != want {
			t.Errorf("%s: %d, want %d", method, w.Code, want)
		}
		if want == 405 {
			var body map[string]string
			if json.Unmarshal(w.Body.Bytes(), &body) != nil || body["code"] != "method-not-allowed" || body["hint"] == "" {
				t.Errorf("%s: %s", method, w.Body)
			}
		}
	}
}

func TestSourceFails(t *testing.T) {
	b := newBench(t)
	status := 500
	s := b.serve(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
	a := b.start("t1", "g1")
	for is, want := range map[int]string{500: "source-failed", 418: "source-failed", 401: "source-denied", 403: "source-denied", 302: "source-redirects"} {
		status = is
		b.refused(a, dataplane.Query{}, 502, want)
	}
	status = 404
	b.refused(a, dataplane.Query{}, 404, "path-not-found")
	s.Close()
	b.refused(a, dataplane.Query{}, 503, "source-unreachable")
	b.noSource = dataplane.ErrNoSource
	b.later()
	b.refused(a, dataplane.Query{}, 404, "source-missing")
}

func TestPathsAndQueries(t *testing.T) {
	b := newBench(t)
	asked := ""
	b.serve(func(w http.ResponseWriter, r *http.Request) { asked = r.URL.String(); _, _ = io.WriteString(w, "x") })
	a := b.start("t1", "g1")
	b.refused(a, dataplane.Query{Path: []string{"more"}}, 404, "path-not-found")
	b.refused(a, dataplane.Query{Query: url.Values{"q": {"1"}}}, 400, "query-not-allowed")
	b.source.SubPaths, b.source.Query = true, true
	b.later()
	b.body(a, dataplane.Query{Path: []string{"a b", "c"}, Query: url.Values{"q": {"1"}}})
	if asked != "/base/a%20b/c?key=1&q=1" {
		t.Errorf("the source was asked %q", asked)
	}
	for _, sub := range []string{"..", "a/../..", "%2e%2e", "a%2fb", "..%2fsecret", "a//b", ".", "a%5cb", "a%00", "a%0d%0aX:1"} {
		asked = ""
		req := httptest.NewRequest(http.MethodGet, "/prov/data/t1/x", http.NoBody)
		u, err := url.Parse("/prov/data/t1/" + sub)
		if err != nil {
			t.Fatal(err)
		}
		req.URL = u
		req.Header.Set("Authorization", "Bearer "+a.Get("authorization"))
		w := httptest.NewRecorder()
		b.plane.ServeHTTP(w, req)
		if w.Code != 404 || asked != "" {
			t.Errorf("%s: %d, the source was asked %q", sub, w.Code, asked)
		}
	}
}
