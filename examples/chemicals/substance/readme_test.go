// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/examples/chemicals/data"
	"github.com/musubi-ods/musubi/examples/chemicals/substance"
)

// The documents in examples/chemicals/README.md are those of the embedded data.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, rest := range strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "```json\n")[1:] {
		block, _, _ := strings.Cut(rest, "\n```")
		blocks = append(blocks, block)
	}
	if len(blocks) != 3 {
		t.Fatalf("%d documents, want the verdict, the company and the release", len(blocks))
	}
	r := register(t)
	c, companies := chain(t, r, "inv-9")
	answers := walk(t, r, c, ask(rohs, "ROHS-PB", "2026-11-01"))
	want(t, "the verdict", string(encode(t, answers["terminal"].Answer())), strings.ReplaceAll(blocks[0], "\n ", ""))
	company, err := r.DecodeCompany([]byte(blocks[1]))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(companies["terminal"], company); diff != "" {
		t.Error(diff)
	}
	file, err := fs.ReadFile(data.Register(), "lists/"+rohs+".json")
	if err != nil {
		t.Fatal(err)
	}
	shown, embedded := decodeRelease(t, blocks[2]), decodeRelease(t, string(file))
	if diff := cmp.Diff(embedded.Added[0], shown.Added[0]); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(string(text), string(substance.Whole)) {
		t.Error("the README does not say what the level whole is")
	}
}
