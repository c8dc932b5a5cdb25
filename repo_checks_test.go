// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package musubi_test

import (
	"fmt"
	"go/ast"
	"regexp"
	"strings"
	"testing"
)

// checkTest is the name of a test that proves one check of a credential: the
// number that a refusal carries, and words.
var checkTest = regexp.MustCompile(`^Test([VC][0-9]{2})_[A-Z]`)

// TestEveryCheckIsProved: each numbered check of docs/trust.md has one test,
// which refuses a single fault by that number and accepts the mended twin.
func TestEveryCheckIsProved(t *testing.T) {
	found := map[string]string{}
	for _, s := range sources(t) {
		if !s.isTest() {
			continue
		}
		for _, decl := range s.file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Recv != nil {
				continue
			}
			m := checkTest.FindStringSubmatch(f.Name.Name)
			if m == nil {
				continue
			}
			if other, twice := found[m[1]]; twice {
				t.Errorf("%s has two tests: in %s and in %s", m[1], other, s.path)
			}
			found[m[1]] = s.path
		}
	}
	guide := read(t, "docs/trust.md")
	for _, kind := range []struct {
		letter string
		last   int
	}{{"V", 94}, {"C", 18}} {
		for n := 1; n <= kind.last; n++ {
			id := fmt.Sprintf("%s%02d", kind.letter, n)
			if found[id] == "" {
				t.Errorf("no test proves %s: write Test%s_... with the subtests refused and accepted", id, id)
			}
			if !strings.Contains(guide, id) {
				t.Errorf("docs/trust.md does not say what %s is", id)
			}
		}
	}
	t.Logf("%d numbered checks have a test", len(found))
}
