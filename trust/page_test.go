// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/internal/testkit"
)

// TestPageHasEveryCheck: docs/trust.md explains each number once, in order.
func TestPageHasEveryCheck(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(testkit.ModuleRoot(t), "docs", "trust.md"))
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for n := 1; n <= 94; n++ {
		want = append(want, fmt.Sprintf("V%02d", n))
	}
	for n := 1; n <= 18; n++ {
		want = append(want, fmt.Sprintf("C%02d", n))
	}
	_, checks, found := strings.Cut(string(text), "\n## The checks\n")
	if !found {
		t.Fatal("the page has no section of checks")
	}
	for _, row := range regexp.MustCompile(`(?m)^\| ([VC]\d\d) \| .+ \|$`).FindAllStringSubmatch(checks, -1) {
		got = append(got, row[1])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("checks in docs/trust.md (-want +got):\n%s", diff)
	}
}
