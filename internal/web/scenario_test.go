// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// scenario is one request and what has to come back: the one shape for the
// whole HTTP surface.
type scenario struct {
	Name       string
	Method     string // default GET; POST with a body
	URL        string
	Headers    map[string]string
	Body       string
	Status     int
	Content    []string // texts of the answer
	NotContent []string
	Secret     bool // the answer is meant to hold a secret
}

// run plays a scenario, and finds what no answer may hold.
func (s scenario) run(t testing.TB, h http.Handler) *httptest.ResponseRecorder {
	t.Helper()
	method := s.Method
	var body io.Reader
	if s.Body != "" {
		body = strings.NewReader(s.Body)
		method = http.MethodPost
	}
	if s.Method != "" {
		method = s.Method
	} else if method == "" {
		method = http.MethodGet
	}
	r := httptest.NewRequestWithContext(t.Context(), method, s.URL, body)
	for name, value := range s.Headers {
		r.Header.Set(name, value)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	got := rec.Body.String()
	if rec.Code != s.Status {
		t.Errorf("%s: status %d, want %d: %s", s.Name, rec.Code, s.Status, got)
	}
	for _, want := range s.Content {
		if !strings.Contains(got, want) {
			t.Errorf("%s: the answer lacks %q: %s", s.Name, want, got)
		}
	}
	not := s.NotContent
	if !s.Secret {
		not = append(append([]string{}, not...), secrets...)
	}
	for _, unwanted := range not {
		if strings.Contains(got, unwanted) {
			t.Errorf("%s: the answer holds %q: %s", s.Name, unwanted, got)
		}
	}
	if got != "" && strings.HasPrefix(rec.Header().Get("Content-Type"), "application/json") && rec.Header().Get("Content-Encoding") == "" && !json.Valid(rec.Body.Bytes()) {
		t.Errorf("%s: the answer is not JSON: %s", s.Name, got)
	}
	return rec
}

func play(t *testing.T, h http.Handler, list []scenario) {
	t.Helper()
	for _, s := range list {
		t.Run(s.Name, func(t *testing.T) { s.run(t, h) })
	}
}

// as is the header by which a peer of supplier proves who it is.
func as(token string) map[string]string { return map[string]string{"Authorization": token} }

// keyed is the header of the management API.
var keyed = map[string]string{"X-Api-Key": apiKey}

const dspContext = `"@context":["https://w3id.org/dspace/2025/1/context.jsonld"]`

const catalogRequest = `{` + dspContext + `,"@type":"CatalogRequestMessage"}`
