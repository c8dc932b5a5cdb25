// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What strangers wrote steers no terminal.
func TestTable_HasNoControlCharacters(t *testing.T) {
	var out bytes.Buffer
	table := program{stdout: &out}.table()
	if _, err := table.Write([]byte("ID\tTYPE\nx\t\x1b[2Jmembre\u009b31m会員\n")); err != nil {
		t.Fatal(err)
	}
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != "ID  TYPE\nx   ?[2Jmembre?31m会員\n" {
		t.Errorf("%q", got)
	}
}

// Arguments that mean nothing are not passed over.
func TestArguments_AreAllUnderstood(t *testing.T) {
	for _, line := range []string{
		"credentials request MembershipCredential", "issuer requests a b", "trust list show more", "trust list -participant a b",
		"download", "download a b", "transfers show", "transfers watch a b", "transfers list a", "holdings list a", "holdings show", "holdings read a b", "keys new extra", "keys rotate extra", "keys list extra",
	} {
		var out, errs bytes.Buffer
		p := program{args: strings.Fields(line), getenv: func(string) string { return "" }, stdout: &out, stderr: &errs}
		if code := p.run(context.Background()); code != exitUsage || !strings.HasPrefix(errs.String(), "usage: musubi ") {
			t.Errorf("%s: exit code %d, %q; want %d and the usage", line, code, errs.String(), exitUsage)
		}
	}
	var errs bytes.Buffer
	p := program{args: strings.Fields("keys rotate -valid -5m"), getenv: func(string) string { return "" }, stdout: &errs, stderr: &errs}
	if code := p.run(context.Background()); code != exitFailure || !strings.Contains(errs.String(), "-valid") {
		t.Errorf("exit code %d, %q", code, errs.String())
	}
}

// TestHelp: whoever asks how a command is written is told so, and nothing else
// happens.
func TestHelp(t *testing.T) {
	for line, want := range map[string]string{
		"transfers -h":            "musubi transfers watch ID",
		"transfers watch -h":      "musubi transfers watch ID",
		"transfers list --help":   "-agreement",
		"evidence match -h":       "musubi evidence match FILE FILE",
		"dataplanes -h":           "musubi dataplanes remove ID",
		"dataplane -h":            "musubi dataplane serve",
		"download -h":             "[-detach] TRANSFER",
		"serve -h":                "-config",
		"secrets help":            "musubi secrets put NAME < FILE",
		"dataplane serve -help":   "-config",
		"policy check -h":         "-facts",
		"issuer serve -h":         "-config",
		"holdings read -h -file":  "-file",
		"apply -h somewhere.json": "musubi apply FILE...",
	} {
		var out bytes.Buffer
		p := program{args: strings.Fields(line), getenv: func(string) string { return "" }, stdout: &out, stderr: &out}
		if code := p.run(context.Background()); code != 0 || !strings.Contains(out.String(), want) || strings.Contains(out.String(), "not understood") {
			t.Errorf("%s: exit code %d, %q; want %q", line, code, out.String(), want)
		}
	}
}

// TestFailedRequests: what went wrong is not the connector where it is a file,
// or the person.
func TestFailedRequests(t *testing.T) {
	arrived := make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	defer server.Close()
	env := map[string]string{"MUSUBI_API": server.URL, "MUSUBI_API_KEY": "k"}
	run := func(ctx context.Context, args ...string) string {
		var out bytes.Buffer
		p := program{args: append(args, "-participant", "acme"), getenv: func(name string) string { return env[name] }, stdout: &out, stderr: &out}
		if code := p.run(ctx); code != exitFailure {
			t.Errorf("%v: exit code %d", args, code)
		}
		return out.String()
	}
	file := filepath.Join(t.TempDir(), "offers.yaml")
	if err := os.WriteFile(file, []byte("assets: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := run(t.Context(), "apply", file); !strings.Contains(got, file+" is not JSON") || strings.Contains(got, "no connector") {
		t.Errorf("a file that is not JSON: %q", got)
	}
	for len(arrived) > 0 {
		<-arrived
	}
	ctx, interrupt := context.WithCancel(t.Context())
	go func() { <-arrived; interrupt() }()
	if got := run(ctx, "download", "urn:t"); !strings.Contains(got, "interrupted") || strings.Contains(got, "no connector") {
		t.Errorf("an interrupt: %q", got)
	}
	server.Close()
	if got := run(t.Context(), "download", "urn:t"); !strings.Contains(got, "no connector answers") {
		t.Errorf("no connector: %q", got)
	}
}

// TestListsAreWhole: a list of several pages is shown to its end.
func TestListsAreWhole(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		switch {
		case r.URL.Path != "/api/v1/participants/acme/issuer/credentials" || q.Get("holder") != "did:web:a.example":
			w.WriteHeader(http.StatusNotFound)
		case q.Get("before") == "":
			_, _ = io.WriteString(w, `{"items":[{"ID":"first"}],"next":"first"}`)
		case q.Get("before") == "first":
			_, _ = io.WriteString(w, `{"items":[{"ID":"second"}]}`)
		}
	}))
	t.Cleanup(server.Close)
	var out, errs bytes.Buffer
	env := map[string]string{"MUSUBI_API": server.URL, "MUSUBI_API_KEY": "k"}
	p := program{
		args:   []string{"issuer", "credentials", "-participant", "acme", "-holder", "did:web:a.example"},
		getenv: func(name string) string { return env[name] }, stdout: &out, stderr: &errs,
	}
	if code := p.run(t.Context()); code != 0 || !strings.Contains(out.String(), "first") || !strings.Contains(out.String(), "second") {
		t.Errorf("exit %d: %s%s", code, &out, &errs)
	}
}
