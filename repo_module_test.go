// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package musubi_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// requirement is a line of a go.mod.
type requirement struct {
	module, version string
	indirect        bool
}

var requireLine = regexp.MustCompile(`(?m)^(?:require)?\s+(\S+\.\S+) (v\S+)( // indirect)?$`)

func requirements(mod string) (list []requirement) {
	for _, m := range requireLine.FindAllStringSubmatch(mod, -1) {
		list = append(list, requirement{m[1], m[2], m[3] != ""})
	}
	return list
}

func versionOf(list []requirement, module string) string {
	for _, r := range list {
		if r.module == module {
			return r.version
		}
	}
	return ""
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestLibcPin: modernc.org/sqlite is C translated for one exact version of
// modernc.org/libc. Another one compiles and then corrupts or crashes, so the
// version that this module selects must be the one sqlite's own go.mod names.
func TestLibcPin(t *testing.T) {
	const sqlite, libc = "modernc.org/sqlite", "modernc.org/libc"
	ours := versionOf(requirements(read(t, "go.mod")), libc)
	wanted := versionOf(requirements(read(t, listModule(t, sqlite).GoMod)), libc)
	selected := listModule(t, libc).Version
	t.Logf("go.mod requires %s %s, the build selects %s, %s was made for %s", libc, ours, selected, sqlite, wanted)
	if why := mispinned(ours, selected, wanted); why != "" {
		t.Error(why)
	}
	for _, bad := range [][3]string{{"", "v1", "v1"}, {"v2", "v2", "v1"}, {"v1", "v2", "v1"}, {"v1", "v1", ""}} {
		if mispinned(bad[0], bad[1], bad[2]) == "" {
			t.Errorf("the check itself: %v is accepted", bad)
		}
	}
}

func mispinned(ours, selected, wanted string) string {
	if wanted == "" || ours != wanted || selected != wanted {
		return "modernc.org/libc is not at the version modernc.org/sqlite was made for: run go get modernc.org/libc@" + wanted
	}
	return ""
}

type module struct {
	Version string `json:"Version"`
	GoMod   string `json:"GoMod"`
}

func listModule(t *testing.T, name string) (m module) {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-json", name).Output()
	if err != nil {
		t.Fatalf("go list -m %s: %v", name, err)
	}
	if err := json.Unmarshal(out, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestDependencies: whoever adds a dependency says why, and under what licence.
func TestDependencies(t *testing.T) {
	all := requirements(read(t, "go.mod"))
	var direct []string
	for _, r := range all {
		if !r.indirect {
			direct = append(direct, r.module)
		}
	}
	explained := explainedModules(read(t, "docs/dependencies.md"))
	t.Logf("%d requirements, %d direct; %d explained, %d with a door", len(all), len(direct), len(explained), len(doors))
	if len(direct) == 0 || len(explained) == 0 {
		t.Fatal("nothing was looked at")
	}
	for _, m := range missing(direct, explained) {
		t.Errorf("docs/dependencies.md has no row for %s: say what it is for, why this one, its licence, its door and what could replace it", m)
	}
	for _, m := range missing(explained, direct) {
		t.Errorf("docs/dependencies.md explains %s, which go.mod does not require directly: remove the row", m)
	}
	for m, door := range doors {
		if !slices.Contains(direct, m) {
			t.Errorf("repo_doors_test.go gives %s a door (%s), but go.mod does not require it directly: remove it", m, door)
		}
	}
	if got := missing([]string{"a", "b"}, []string{"b"}); !slices.Equal(got, []string{"a"}) {
		t.Errorf("the check itself: missing gives %v, want [a]", got)
	}
	const mod = "module m\n\nrequire a.org/x v1.0.0\n\nrequire (\n\tb.org/y/v2 v2.1.0\n\tc.org/z v0.1.0 // indirect\n)\n"
	want := []requirement{{"a.org/x", "v1.0.0", false}, {"b.org/y/v2", "v2.1.0", false}, {"c.org/z", "v0.1.0", true}}
	if got := requirements(mod); !slices.Equal(got, want) {
		t.Errorf("the check itself: requirements %v, want %v", got, want)
	}
}

var moduleRow = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|")

// explainedModules reads the first column of the tables: | `module` | ...
func explainedModules(doc string) (list []string) {
	for _, m := range moduleRow.FindAllStringSubmatch(doc, -1) {
		list = append(list, m[1])
	}
	return list
}

func missing(wanted, have []string) (list []string) {
	for _, w := range wanted {
		if !slices.Contains(have, w) {
			list = append(list, w)
		}
	}
	return list
}

// TestOneScreen: the entry of the library must be read at a glance.
func TestOneScreen(t *testing.T) {
	const screen = 60
	out, err := exec.Command("go", "doc", "./connector").CombinedOutput()
	if err != nil {
		t.Fatalf("go doc ./connector: %v\n%s", err, out)
	}
	lines := strings.Count(string(out), "\n")
	t.Logf("go doc ./connector prints %d lines", lines)
	if lines > screen {
		t.Errorf("go doc ./connector prints %d lines, more than the %d of a screen: an embedder reads it first", lines, screen)
	}
}
