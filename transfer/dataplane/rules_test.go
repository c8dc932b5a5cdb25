// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/trust/policy"
)

// TestNothingFlows: whatever is refused is refused by a code of its own, and
// neither the consumer nor the source sees a byte of the other.
func TestNothingFlows(t *testing.T) {
	var asked atomic.Int64
	newOne := func(t *testing.T) (*bench, transfer.DataAddress) {
		b := newBench(t)
		b.serve(func(w http.ResponseWriter, r *http.Request) {
			n, _ := io.Copy(io.Discard, r.Body)
			asked.Add(1 + n)
			_, _ = io.WriteString(w, "data")
		})
		b.source.Rules = []dataplane.Rule{{Path: "/"}, {Path: "/orders/*", Methods: []string{"GET", "POST"}}}
		b.source.QueryNames = []string{"page"}
		return b, b.start("t1", "g1")
	}
	codes := map[string]string{}
	for name, tc := range map[string]struct {
		prepare func(b *bench, a transfer.DataAddress) transfer.DataAddress
		method  string
		below   string
		code    string
	}{
		"revoked": {code: "policy-denied", prepare: func(b *bench, a transfer.DataAddress) transfer.DataAddress {
			b.set("t1", &transfer.DeniedError{Verdict: policy.Verdict{Safe: "a credential was revoked"}}, true)
			return a
		}},
		"suspended": {code: "transfer-suspended", prepare: func(b *bench, a transfer.DataAddress) transfer.DataAddress {
			b.set("t1", transfer.ErrSuspended, true)
			return a
		}},
		"ended": {code: "transfer-ended", prepare: func(b *bench, a transfer.DataAddress) transfer.DataAddress {
			b.set("t1", transfer.ErrEnded, true)
			return a
		}},
		"agreement ended": {code: "agreement-ended", prepare: func(b *bench, a transfer.DataAddress) transfer.DataAddress {
			b.set("t1", transfer.ErrAgreementEnded, true)
			return a
		}},
		"expired": {code: "token-expired", prepare: func(b *bench, a transfer.DataAddress) transfer.DataAddress {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.now = b.now.Add(61 * time.Minute)
			return a
		}},
		"wrong path":          {code: "path-not-found", below: "/invoices/1"},
		"wrong method":        {code: "method-not-allowed", method: http.MethodDelete, below: "/orders/1"},
		"wrong query":         {code: "query-not-allowed", below: "/orders/1?all=true"},
		"query of the source": {code: "query-not-allowed", below: "/orders/1?key=2"},
		"no token":            {code: "token-missing", prepare: func(_ *bench, a transfer.DataAddress) transfer.DataAddress { return with(a, "") }},
		"token of an old address": {code: "token-superseded", prepare: func(b *bench, a transfer.DataAddress) transfer.DataAddress {
			b.start("t1", "g2")
			b.set("t1", nil, true)
			return a
		}},
		"token of another transfer": {code: "token-wrong-transfer", prepare: func(b *bench, _ transfer.DataAddress) transfer.DataAddress {
			return b.start("t2", "g9")
		}},
		"another participant's token": {code: "token-wrong-participant", prepare: func(b *bench, _ transfer.DataAddress) transfer.DataAddress {
			status, err := b.plane.Start(context.Background(), transfer.Flow{
				MessageID: "g1", Context: "prov", Process: "t1", Participant: "did:example:provider", Counterparty: "did:example:other",
				Agreement: "agreement-1", Dataset: "dataset-1", Format: dataplane.Format,
			})
			if err != nil {
				b.t.Fatal(err)
			}
			return *status.DataAddress
		}},
	} {
		t.Run(name, func(t *testing.T) {
			b, a := newOne(t)
			for _, warm := range []bool{false, true} { // also where a request was let in just before
				if warm {
					b.set("t1", nil, true)
					if w := b.call(b.start("t1", "g1"), http.MethodGet, "", nil); w.Code != http.StatusOK {
						t.Fatalf("%d %s", w.Code, w.Body)
					}
				}
				now := a
				if tc.prepare != nil {
					now = tc.prepare(b, a)
				}
				method := tc.method
				if method == "" {
					method = http.MethodGet
				}
				asked.Store(0)
				w := b.call(now, method, tc.below, strings.NewReader("secret of the consumer"))
				if got := codeOf(w); got != tc.code || strings.Contains(w.Body.String(), "data"+"data") || asked.Load() != 0 {
					t.Errorf("warm %t: %d %s, want %s; the source was asked %d", warm, w.Code, got, tc.code, asked.Load())
				}
			}
		})
		if other, twice := codes[tc.code]; twice && tc.code != "query-not-allowed" {
			t.Errorf("%s and %s have one code", name, other)
		}
		codes[tc.code] = name
	}
}

func TestRules(t *testing.T) {
	b := newBench(t)
	b.serve(func(w http.ResponseWriter, r *http.Request) { w.Header().Set("X-Asked", r.Method+" "+r.URL.String()) })
	b.source.Rules = []dataplane.Rule{
		{Path: "/"},
		{Path: "/orders/*/lines", Methods: []string{"GET", "PUT"}},
		{Path: "/files/**", Methods: []string{"GET", "DELETE"}},
		{Path: "/orders", Methods: []string{"POST"}},
	}
	b.source.QueryNames = []string{"page", "日"}
	b.source.Response.Pass = []string{"X-Asked"}
	a := b.start("t1", "g1")
	for _, tc := range []struct {
		method, below string
		want          string // what the source was asked, or a code
	}{
		{"GET", "", "GET /base?key=1"},
		{"HEAD", "", "HEAD /base?key=1"},
		{"POST", "", "method-not-allowed"},
		{"GET", "/orders", "method-not-allowed"},
		{"POST", "/orders", "POST /base/orders?key=1"},
		{"PUT", "/orders/7/lines", "PUT /base/orders/7/lines?key=1"},
		{"GET", "/orders/7", "path-not-found"},
		{"GET", "/orders/7/lines/8", "path-not-found"},
		{"GET", "/orders//lines", "path-not-found"},
		{"GET", "/orders/%2e%2e/lines", "path-not-found"},
		{"GET", "/orders/a%2fb/lines", "path-not-found"},
		{"DELETE", "/files/a/b/c", "DELETE /base/files/a/b/c?key=1"},
		{"GET", "/files", "GET /base/files?key=1"},
		{"GET", "/files/..%2f..%2fadmin", "path-not-found"},
		{"GET", "/?page=2", "path-not-found"},
		{"GET", "?page=2", "GET /base?key=1&page=2"},
		{"GET", "?%E6%97%A5=2&page=x%26key%3D2", "GET /base?key=1&%E6%97%A5=2&page=x%26key%3D2"},
		{"GET", "?page=2&page=3", "GET /base?key=1&page=2&page=3"},
		{"GET", "?Page=2", "query-not-allowed"},
		{"GET", "?page=2&key=9", "query-not-allowed"},
		{"GET", "?page=2;key=9", "query-not-allowed"},
		{"GET", "?%6bey=9", "query-not-allowed"},
	} {
		w := b.call(a, tc.method, tc.below, nil)
		got := w.Header().Get("X-Asked")
		if w.Code != http.StatusOK {
			got = codeOf(w)
		}
		if got != tc.want {
			t.Errorf("%s %s: %d %q, want %q", tc.method, tc.below, w.Code, got, tc.want)
		}
		if w.Code == http.StatusMethodNotAllowed && w.Header().Get("Allow") == "" {
			t.Errorf("%s %s: no Allow", tc.method, tc.below)
		}
	}
}

// TestFixedQuery: what the source's own URL sets is not set again in a spelling
// that a source may take for the same.
func TestFixedQuery(t *testing.T) {
	b := newBench(t)
	b.serve(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.RawQuery) })
	b.source.QueryNames = []string{"*"}
	a := b.start("t1", "g1")
	for _, query := range []string{"key=9", "Key=9", "key[]=9", "key%5B0%5D=9", "%20key=9", "KEY%5b=9"} {
		if w := b.call(a, http.MethodGet, "?"+query, nil); codeOf(w) != "query-not-allowed" {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
	if w := b.call(a, http.MethodGet, "?keys=9", nil); w.Code != http.StatusOK {
		t.Errorf("another parameter: %d %s", w.Code, w.Body)
	}
}

// TestBodyThatReads: a body with GET or HEAD is no part of any rule, and does
// not reach the source.
func TestBodyThatReads(t *testing.T) {
	b := newBench(t)
	b.serve(func(http.ResponseWriter, *http.Request) { t.Error("the source was asked") })
	a := b.start("t1", "g1")
	for _, body := range []io.Reader{strings.NewReader("DELETE / HTTP/1.1"), struct{ io.Reader }{strings.NewReader("{}")}} {
		if w := b.call(a, http.MethodGet, "", body); w.Code != http.StatusBadRequest || codeOf(w) != "body-not-allowed" {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
}

// TestOneLookForManyRequests: what lets requests in is asked for once a
// second, and again at each commit.
func TestOneLookForManyRequests(t *testing.T) {
	b := newBench(t)
	b.serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "data") })
	a := b.start("t1", "g1")
	for range 100 {
		if w := b.call(a, http.MethodGet, "", nil); w.Code != http.StatusOK {
			t.Fatal(w.Code)
		}
	}
	if n := b.looks.Load(); n != 1 {
		t.Errorf("%d looks for 100 requests", n)
	}
	b.set("t1", transfer.ErrSuspended, true)
	if w := b.call(a, http.MethodGet, "", nil); codeOf(w) != "transfer-suspended" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	b.set("t1", nil, true)
	if w := b.call(a, http.MethodGet, "", nil); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	b.set("t1", transfer.ErrSuspended, false) // a commit that nobody told of
	b.later()
	if w := b.call(a, http.MethodGet, "", nil); codeOf(w) != "transfer-suspended" {
		t.Errorf("a second later: %d %s", w.Code, w.Body)
	}
}
