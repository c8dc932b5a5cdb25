// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Full reports whether the long versions of tests were asked for
// (MUSUBI_FULL=1), as continuous integration does.
func Full() bool { return os.Getenv("MUSUBI_FULL") == "1" }

// Require says that a need of the test (postgres, java, shared, ...) is not
// met here, and why. The test is skipped, or fails where MUSUBI_REQUIRE, a
// comma-separated list, names the need: there a skip would hide a gap.
func Require(t testing.TB, need, why string) {
	t.Helper()
	for name := range strings.SplitSeq(os.Getenv("MUSUBI_REQUIRE"), ",") {
		if strings.TrimSpace(name) == need {
			t.Fatalf("MUSUBI_REQUIRE demands %s: %s", need, why)
		}
	}
	t.Skipf("needs %s: %s", need, why)
}

// Shared returns the folder of published schemas, contexts, examples and
// captured exchanges, given by MUSUBI_SHARED or found as `shared` beside the
// module. Without it the test is skipped (see Require).
func Shared(t testing.TB) string {
	t.Helper()
	if dir := os.Getenv("MUSUBI_SHARED"); dir != "" {
		return dir
	}
	if dir := filepath.Join(filepath.Dir(ModuleRoot(t)), "shared"); isDir(dir) {
		return dir
	}
	Require(t, "shared", "no folder `shared` beside the module; set MUSUBI_SHARED to one")
	return ""
}

// ModuleRoot returns the folder that holds go.mod.
func ModuleRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = parent
	}
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
