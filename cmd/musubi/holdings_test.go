// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeHoldings answers as a connector with one holding of "data".
func fakeHoldings(t *testing.T) (run func(args ...string) (code int, out, errs string)) {
	t.Helper()
	const of = "/api/v1/participants/acme"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		one := `{"id":"h1","status":"overdue","size":4,"sha256":"abc","rule":"until then","dataset":"cell","due":"2029-03-01T10:00:00Z","lastError":"busy"}`
		switch r.Method + " " + r.URL.RequestURI() {
		case "POST " + of + "/transfers/urn:t%2F1/download?wait=60s":
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, one)
		case "GET " + of + "/holdings?status=overdue":
			_, _ = io.WriteString(w, `{"items":[`+one+`]}`)
		case "GET " + of + "/holdings/h1":
			_, _ = io.WriteString(w, one)
		case "GET " + of + "/holdings/h1/data":
			_, _ = io.WriteString(w, "data")
		case "GET " + of + "/holdings/cut/data":
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
		default:
			w.WriteHeader(http.StatusGone)
			_, _ = io.WriteString(w, `{"code":"retention-over","message":"its time is over","supportId":"1"}`)
		}
	}))
	t.Cleanup(server.Close)
	env := map[string]string{"MUSUBI_API": server.URL, "MUSUBI_API_KEY": "k"}
	return func(args ...string) (int, string, string) {
		var out, errs bytes.Buffer
		p := program{args: append(args, "-participant", "acme"), getenv: func(name string) string { return env[name] }, stdout: &out, stderr: &errs}
		code := p.run(t.Context())
		return code, out.String(), errs.String()
	}
}

func TestHoldings(t *testing.T) {
	run := fakeHoldings(t)
	file := filepath.Join(t.TempDir(), "data")
	for line, want := range map[string]string{
		"download urn:t/1":               "stored as h1: 4 bytes, sha256 abc\nuntil then\n",
		"holdings list -status overdue":  "h1  overdue  2029-03-01T10:00:00Z  4      cell           busy\n",
		"holdings show h1":               `"lastError": "busy"`,
		"holdings read h1":               "data",
		"holdings read h1 -file " + file: "",
	} {
		if code, out, errs := run(strings.Fields(line)...); code != 0 || !strings.Contains(out, want) {
			t.Errorf("%s: exit %d: %q %s", line, code, out, errs)
		}
	}
	if text, err := os.ReadFile(file); string(text) != "data" {
		t.Errorf("the file holds %q, %v", text, err)
	}
	for line, want := range map[string]string{
		"holdings read gone":                    "its time is over",
		"holdings read cut -file " + file + "2": "EOF",
		"holdings read h1 -file " + file:        "exists",
		"download urn:t/2":                      "its time is over",
	} {
		if code, out, errs := run(strings.Fields(line)...); code != exitFailure || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d: %q %s", line, code, out, errs)
		}
	}
	if _, err := os.Stat(file + "2"); !os.IsNotExist(err) {
		t.Errorf("half of the data stayed: %v", err)
	}
}
