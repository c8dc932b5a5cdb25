// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package footprint_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/examples/battery/data"
	"github.com/musubi-ods/musubi/examples/battery/footprint"
)

// The two documents in examples/battery/README.md are those of the embedded chain.
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
	if len(blocks) != 2 {
		t.Fatalf("%d documents, want the answer and the company", len(blocks))
	}
	chain := load(t, data.FiveCompanies())
	cathode, cell := chain.Companies[1], chain.Companies[2]
	if answer := string(encode(t, cell.Answer(walk(t, chain)["cell"]))); answer != blocks[0] {
		t.Errorf("the answer is %s", answer)
	}
	company, err := footprint.DecodeCompany([]byte(blocks[1]))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(cathode, company); diff != "" {
		t.Error(diff)
	}
}
