// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/internal/engine"
)

var update = flag.Bool("update", false, "write golden files anew")

// Golden compares text with a file of the module (path from its root), or
// writes it there under -update.
func Golden(t testing.TB, path, text string) {
	t.Helper()
	file := filepath.Join(ModuleRoot(t), filepath.FromSlash(path))
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; write it with: go test -update", err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), text); diff != "" {
		t.Errorf("%s is not what the code says (-file +code); go test -update writes it:\n%s", path, diff)
	}
}

// Diagram prints a state machine as a page: a drawing and the table.
func Diagram(title string, t *engine.Table) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\nPrinted from the table in the code by a test; edit that, not this.\n\n```mermaid\nstateDiagram-v2\n", title)
	for _, row := range t.Rows {
		from, note := string(row.From), ""
		if from == "" {
			from = "[*]"
		}
		if row.ReceiveOnly {
			note = " (accepted, not sent)"
		}
		if row.Only != "" {
			note += " (" + row.Only + ")"
		}
		fmt.Fprintf(&b, "    %s --> %s: %s %s%s\n", from, row.To, row.By, strings.ReplaceAll(string(row.Message), ":", " "), note)
	}
	for _, s := range t.Final {
		fmt.Fprintf(&b, "    %s --> [*]\n", s)
	}
	b.WriteString("```\n\n| from | message | sent by | to | |\n|---|---|---|---|---|\n")
	for _, row := range t.Rows {
		note := row.Only
		if row.ReceiveOnly {
			note = strings.TrimPrefix(note+"; accepted from a peer, not sent", "; ")
		}
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s | %s |\n", row.From, row.Message, row.By, row.To, note)
	}
	return b.String()
}
