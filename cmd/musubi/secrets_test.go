// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestSecrets: a value goes in by the standard input and comes out nowhere.
func TestSecrets(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = append(asked, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+string(body)))
		switch r.Method {
		case http.MethodGet:
			_, _ = io.WriteString(w, `{"items":[{"name":"erp","changed":"2026-04-01T10:00:00Z"}]}`)
		case http.MethodPut:
			_, _ = io.WriteString(w, `{"name":"erp"}`)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	defer server.Close()
	env := map[string]string{"MUSUBI_API": server.URL, "MUSUBI_API_KEY": "k"}
	run := func(args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		p := program{
			args: append(args, "-participant", "acme"), getenv: func(name string) string { return env[name] },
			stdin: strings.NewReader("s3cr3t\n"), stdout: &out, stderr: &errs,
		}
		if code := p.run(t.Context()); code != 0 {
			t.Fatalf("%v: exit code %d: %s", args, code, errs.String())
		}
		return out.String()
	}
	if out := run("secrets", "put", "erp"); !strings.Contains(out, "{secret:erp}") || strings.Contains(out, "s3cr3t") {
		t.Errorf("%q", out)
	}
	if out := run("secrets"); !strings.Contains(out, "erp") || !strings.Contains(out, "NAME") {
		t.Errorf("%q", out)
	}
	run("secrets", "delete", "erp")
	const of = "/api/v1/participants/acme/secrets"
	want := []string{`PUT ` + of + `/erp {"value":"s3cr3t"}`, "GET " + of, "DELETE " + of + "/erp"}
	if strings.Join(asked, "\n") != strings.Join(want, "\n") {
		t.Errorf("asked %q, want %q", asked, want)
	}
}
