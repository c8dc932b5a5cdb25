// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// exchange reads a captured request and its response.
func exchange(t *testing.T, path string) (path11 string, sent, got []byte) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// The message's lines end in LF; a reader of HTTP takes both.
	reader := bufio.NewReader(bytes.NewReader(raw))
	req, err := http.ReadRequest(reader)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	sent, err = io.ReadAll(req.Body)
	if err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(bytes.TrimLeft(rest, "\r\n"))), req)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	got, err = io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return req.URL.Path, sent, got
}

// Queries as a deployed connector sent them are answered as the deployed
// wallet answered them: with one presentation of the credential asked for.
func TestCapturedQueries(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testkit.Shared(t), "peers/edc/wire-dcp/*presentations_query.http"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no captures: %v", err)
	}
	f := newFixture(t)
	member := f.authority.Credential(f.own, membership)
	f.deliver(member)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".http"), func(t *testing.T) {
			f.T = t
			_, sent, theirs := exchange(t, file)
			q, err := dcp.ReadQuery(sent)
			if err != nil {
				t.Fatal(err)
			}
			code, answer := f.post(queryPath, f.verifier, f.grant(q.Scopes...), sent)
			if code != http.StatusOK {
				t.Fatalf("answered %d", code)
			}
			if diff := cmp.Diff([]string{member}, shown(t, answer)); diff != "" {
				t.Error(diff)
			}
			want := presentationTypes(t, theirs)
			if diff := cmp.Diff(want, presentationTypes(t, answer)); diff != "" {
				t.Errorf("other types than the deployed wallet presents: %s", diff)
			}
		})
	}
}

// presentationTypes are the types of all credentials in an answer, whose
// context may be missing in what older wallets write.
func presentationTypes(t *testing.T, answer []byte) []string {
	t.Helper()
	var types []string
	for part := range strings.SplitSeq(string(answer), `"`) {
		if strings.Count(part, ".") != 2 || !strings.HasPrefix(part, "ey") {
			continue
		}
		for _, token := range readPresentation(t, part).Credentials {
			c, err := vc.Read(token)
			if err != nil {
				t.Fatal(err)
			}
			types = append(types, c.Types...)
		}
	}
	slices.Sort(types)
	return types
}
