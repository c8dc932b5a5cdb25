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
	"time"
)

// fakeHoldings answers as a connector with one holding of "data".
func fakeHoldings(t *testing.T) (run func(args ...string) (code int, out, errs string)) {
	t.Helper()
	const of = "/api/v1/participants/acme"
	looks, idle := 0, 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		one := `{"id":"h1","status":"overdue","size":4,"sha256":"abc","rule":"until then","dataset":"cell","due":"2029-03-01T10:00:00Z","lastError":"busy"}`
		switch r.Method + " " + r.URL.RequestURI() {
		case "POST " + of + "/transfers/urn:t%2F1/download?wait=30s":
			w.WriteHeader(http.StatusAccepted)
			_, _ = io.WriteString(w, `{"kind":"download","state":"open"}`)
		case "GET " + of + "/transfers/urn:t%2F1":
			_, _ = io.WriteString(w, `{"state":"STARTED","data":{"kind":"download","state":"done","received":4,"holding":"h1"}}`)
		case "POST " + of + "/transfers/urn:t%2F3/download?wait=30s":
			w.WriteHeader(http.StatusAccepted)
			_, _ = io.WriteString(w, `{"kind":"download","state":"open","received":1}`)
		case "GET " + of + "/transfers/urn:t%2F3":
			steps := []string{
				`{"state":"STARTED","data":{"kind":"download","state":"open","received":1500000,"total":3000000,"rate":500000}}`,
				`{"state":"SUSPENDED","stoppedFor":"audit","data":{"kind":"download","state":"held","received":2000000,"total":3000000}}`,
				`{"state":"STARTED","data":{"kind":"download","state":"done","received":3000000,"total":3000000,"sha256":"abc","holding":"h1"}}`,
			}
			_, _ = io.WriteString(w, steps[min(looks, 2)])
			looks++
		case "GET " + of + "/transfers/failed":
			_, _ = io.WriteString(w, `{"state":"STARTED","data":{"kind":"download","state":"failed","lastError":{"code":"data-too-large","reason":"too much"}}}`)
		case "GET " + of + "/transfers/idle":
			steps := []string{
				`{"state":"REQUESTED","role":"consumer","waitingFor":"us","lastError":{"code":"unreachable","reason":"no answer"}}`,
				`{"state":"STARTED","role":"consumer","format":"HttpData-PUSH","hasAddress":true,"waitingFor":"peer"}`,
				`{"state":"STARTED","role":"consumer","format":"HttpData-PULL","hasAddress":true,"waitingFor":"peer"}`,
				`{"state":"TERMINATED","role":"consumer","format":"HttpData-PULL","stoppedFor":"enough"}`,
			}
			_, _ = io.WriteString(w, steps[min(idle, 3)])
			idle++
		case "GET " + of + "/transfers?role=consumer":
			_, _ = io.WriteString(w, `{"items":[{"id":"t1","role":"consumer","state":"STARTED","peer":"did:web:p","dataset":"cell","format":"HttpData-PULL","waitingFor":"peer"}]}`)
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
		p := program{args: append(args, "-participant", "acme"), getenv: func(name string) string { return env[name] }, stdout: &out, stderr: &errs, tick: time.Millisecond}
		code := p.run(t.Context())
		return code, out.String(), errs.String()
	}
}

func TestHoldings(t *testing.T) {
	run := fakeHoldings(t)
	file := filepath.Join(t.TempDir(), "data")
	for line, want := range map[string]string{
		"download urn:t/1":               "stored as h1: 4 bytes, sha256 abc\nuntil then\n",
		"download -detach urn:t/3":       "it goes on by itself; see: musubi transfers watch urn:t/3\n",
		"transfers -role consumer":       "t1  consumer  STARTED  did:web:p  cell     HttpData-PULL  peer\n",
		"holdings list -status overdue":  "h1  overdue  2029-03-01T10:00:00Z  4      cell           busy\n",
		"holdings show h1":               `"lastError": "busy"`,
		"holdings read h1":               "data",
		"holdings read h1 -file " + file: "",
	} {
		if code, out, errs := run(strings.Fields(line)...); code != 0 || !strings.Contains(out, want) {
			t.Errorf("%s: exit %d: %q %s", line, code, out, errs)
		}
	}
	_, out, errs := run("download", "-rate", "500000", "urn:t/3")
	if want := "STARTED  download open  1.5 MB of 3.0 MB (50%)  500.0 kB/s  3s left\n" +
		"SUSPENDED  download held  2.0 MB of 3.0 MB (66%)  audit\n" +
		"STARTED  download done  3.0 MB of 3.0 MB (100%)  sha256 abc\nstored as h1: 4 bytes, sha256 abc\nuntil then\n"; out != want {
		t.Errorf("download watched: %q %s", out, errs)
	}
	_, out, errs = run("transfers", "watch", "idle")
	if want := "REQUESTED  waits for us  last error unreachable: no answer\nSTARTED\n" +
		"STARTED  applications may pull it now; musubi download keeps it here\nTERMINATED  enough\n"; out != want {
		t.Errorf("watched where nothing moves here: %q %s", out, errs)
	}
	if text, err := os.ReadFile(file); string(text) != "data" {
		t.Errorf("the file holds %q, %v", text, err)
	}
	for line, want := range map[string]string{
		"holdings read gone":                    "its time is over",
		"holdings read cut -file " + file + "2": "EOF",
		"holdings read h1 -file " + file:        "exists",
		"download urn:t/2":                      "its time is over",
		"transfers watch failed":                "too much (data-too-large)",
		"download -rate x urn:t/1":              "-rate",
	} {
		if code, out, errs := run(strings.Fields(line)...); code != exitFailure || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d: %q %s", line, code, out, errs)
		}
	}
	if _, err := os.Stat(file + "2"); !os.IsNotExist(err) {
		t.Errorf("half of the data stayed: %v", err)
	}
}
