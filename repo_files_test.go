// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package musubi_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

const header = "// Copyright 2026 The Musubi Authors\n// SPDX-License-Identifier: Apache-2.0\n\n"

// TestHeaders: whoever copies one file must see whose it is and on what terms.
func TestHeaders(t *testing.T) {
	enforce(t, "licence headers", headerRule)
	try(t, headerRule, []fixture{
		{"present", "x/x.go", header + "package x\n", 0},
		{"absent", "x/x.go", "package x\n", 1},
		{"not first", "x/x.go", "\n" + header + "package x\n", 1},
		{"joined to the package comment", "x/x.go", strings.TrimSpace(header) + "\npackage x\n", 1},
		{"in a test too", "x/x_test.go", "package x\n", 1},
	})
}

func headerRule(s source) ([]finding, int) {
	if strings.HasPrefix(s.text, header) {
		return nil, 1
	}
	return []finding{{s.path, "the file must begin with the two lines of the licence header and a blank line (see doc.go): a copied file must say on what terms"}}, 1
}

// TestPackageDocs: every package has a doc.go that says what it is and draws
// the way of a request or datum through it.
func TestPackageDocs(t *testing.T) {
	var packages, documented []string
	for _, s := range sources(t) {
		if !s.isTest() {
			packages = append(packages, s.dir)
		}
		if isPackageDoc(s) {
			documented = append(documented, s.dir)
		}
	}
	t.Logf("looked at %d files of packages, %d package comments", len(packages), len(documented))
	if len(packages) == 0 {
		t.Fatal("looked at no packages: the rule checks nothing")
	}
	for _, dir := range undocumented(packages, documented) {
		t.Errorf("%s has no doc.go with a package comment of at least three lines: a newcomer begins there, and `go doc` prints it", dir)
	}
	if got := undocumented([]string{"a", "a", "b"}, []string{"a"}); len(got) != 1 || got[0] != "b" {
		t.Errorf("the check itself: undocumented packages %v, want [b]", got)
	}
	for text, want := range map[string]bool{
		header + "// Package x holds\n//\n// the letters.\npackage x\n": true,
		header + "// Command x prints\n//\n// letters.\npackage main\n": true,
		header + "// Package x.\npackage x\n":                           false,
		header + "package x\n":                                          false,
	} {
		if got := isPackageDoc(parse(t, "x/doc.go", text)); got != want {
			t.Errorf("the check itself: %q counts as documentation: %t, want %t", text, got, want)
		}
	}
}

func isPackageDoc(s source) bool {
	doc := s.file.Doc.Text()
	return strings.HasSuffix("/"+s.path, "/doc.go") &&
		(strings.HasPrefix(doc, "Package ") || strings.HasPrefix(doc, "Command ")) &&
		strings.Count(doc, "\n") >= 3
}

func undocumented(packages, documented []string) (missing []string) {
	has := make(map[string]bool)
	for _, dir := range documented {
		has[dir] = true
	}
	for _, dir := range packages {
		if !has[dir] {
			has[dir] = true
			missing = append(missing, dir)
		}
	}
	return missing
}

// banned is what no file may hold. The patterns are put together from pieces,
// so that this file does not find itself.
var banned = []struct {
	pattern *regexp.Regexp
	why     string
}{
	{regexp.MustCompile(`(^|[^\w./-])/(wo` + `rk|ro` + `ot|home/\w+)/`), "a path of one machine: the project must build wherever it is cloned"},
	{regexp.MustCompile(`/tmp/mu` + `subi`), "a path of one machine: take a temporary folder from the system"},
	{regexp.MustCompile(`proxy\.golang` + `\.org|repo1?\.maven(\.apache)?` + `\.org|registry\.npmjs` + `\.org|deb\.debian` + `\.org|pypi` + `\.org`), "the host of a package registry: which one to use is the setting of the machine"},
	{regexp.MustCompile(`GOPRO` + `XY=|GONOSUM` + `DB=|GOINSE` + `CURE=`), "where modules come from and how they are checked is the setting of the machine"},
	{regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE` + ` KEY-----[\s\\n]+[A-Za-z0-9+/]{40}`), "a private key: tests make their own"},
}

// TestBannedText looks through every file, not only Go.
func TestBannedText(t *testing.T) {
	texts, err := files()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range texts {
		for _, why := range bannedIn(text) {
			t.Errorf("%s: %s", name, why)
		}
	}
	t.Logf("looked for %d patterns in %d files", len(banned), len(texts))
	if len(texts) == 0 {
		t.Fatal("looked at no files: the rule checks nothing")
	}
	for text, want := range map[string]int{
		"see /wo" + "rk/main":                 1,
		"cd /ro" + "ot/x":                     1,
		"https://example.org/wo" + "rk/paper": 0,
		"a frame" + "work/ of":                0,
		"https://proxy.golang" + ".org/x":     1,
		"export GOPRO" + "XY=off":             1,
		"-----BEGIN EC PRIVATE" + " KEY-----\n" + strings.Repeat("A", 64): 1,
		"-----BEGIN PRIVATE" + " KEY-----\nAAAA\n":                        0,
	} {
		if got := bannedIn(text); len(got) != want {
			t.Errorf("the check itself: %q gives %v, want %d", text, got, want)
		}
	}
}

func bannedIn(text string) (reasons []string) {
	for _, b := range banned {
		if found := b.pattern.FindString(text); found != "" {
			reasons = append(reasons, fmt.Sprintf("%q: %s", found, b.why))
		}
	}
	return reasons
}
