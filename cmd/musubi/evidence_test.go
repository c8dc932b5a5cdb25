// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/transfer/evidence"
)

func TestEvidence(t *testing.T) {
	const of = "/api/v1/participants/acme"
	ours := evidence.Declaration{
		Transfer: "t1", Participant: "did:web:maker.example", Role: "consumer", Peer: "did:web:cell.example", ProviderPID: "p", ConsumerPID: "t1",
		Agreement: "a", Dataset: "cell", State: "STARTED", Received: &evidence.Totals{Bodies: 2, Bytes: 9, Digest: evidence.Add("x", "y", 9)},
	}
	text := func(v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	first, second := ours, ours
	first.Bodies, first.Next = []evidence.Body{{ID: "1", TrackingID: "one"}}, "1"
	second.Bodies = []evidence.Body{{ID: "2", TrackingID: "two"}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answers := map[string]string{
			of + "/evidence?agreement=a":                     `{"items":[` + text(ours) + `]}`,
			of + "/transfers/t1/evidence?limit=1000":         text(first),
			of + "/transfers/t1/evidence?after=1&limit=1000": text(second),
		}
		answer, ok := answers[r.URL.RequestURI()]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	env := map[string]string{"MUSUBI_API": server.URL, "MUSUBI_API_KEY": "k"}
	run := func(args ...string) (int, string) {
		var out, errs bytes.Buffer
		p := program{args: args, getenv: func(name string) string { return env[name] }, stdout: &out, stderr: &errs}
		code := p.run(t.Context())
		return code, out.String() + errs.String()
	}
	if code, out := run("evidence", "-agreement", "a", "-participant", "acme"); code != 0 || !strings.Contains(out, "received  2       9") {
		t.Errorf("list: exit %d: %s", code, out)
	}
	code, out := run("evidence", "show", "t1", "-participant", "acme")
	var shown evidence.Declaration
	if err := json.Unmarshal([]byte(out), &shown); code != 0 || err != nil || len(shown.Bodies) != 2 || shown.Next != "" {
		t.Errorf("show: exit %d: %v: %s", code, err, out)
	}

	dir := t.TempDir()
	file := func(name string, d any) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text(d)), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	theirs := ours
	theirs.Transfer, theirs.Role, theirs.Participant, theirs.Peer = "p", "provider", ours.Peer, ours.Participant
	theirs.Sent, theirs.Received = ours.Received, nil
	a, b := file("ours", ours), file("theirs", theirs)
	if code, out := run("evidence", "match", a, b); code != 0 || !strings.Contains(out, `"agree": true`) {
		t.Errorf("match: exit %d: %s", code, out)
	}
	theirs.Sent = &evidence.Totals{Bodies: 3, Bytes: 9, Digest: ours.Received.Digest}
	if code, out := run("evidence", "match", file("other", theirs), a); code != exitFailure || !strings.Contains(out, `"bodies to the consumer"`) {
		t.Errorf("another number: exit %d: %s", code, out)
	}
	for _, bad := range [][]string{{a}, {a, filepath.Join(dir, "none")}, {a, file("bad", []int{1})}, {a, file("empty", struct{}{})}, {a, a}} {
		if code, out := run(append([]string{"evidence", "match"}, bad...)...); code == 0 || strings.Contains(out, "differences") {
			t.Errorf("match %v: %s", bad, out)
		}
	}
}
